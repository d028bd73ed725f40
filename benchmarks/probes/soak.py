"""Works for a time: the scenarios of `benchmarks.soak`, each of which repeats a step.

    python -m benchmarks.probes.soak SCENARIO SECONDS

Prints a line when it begins, and at the end the number of steps.
"""

from __future__ import annotations

import gc
import http.client
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import islice
from pathlib import Path

import cv2

from mtcnn_rt import MTCNN
from mtcnn_rt._arrays import Pixels
from mtcnn_rt.live.browser import WebView
from mtcnn_rt.live.status import Status
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource

CLIP = Path(str(files("mtcnn_rt") / "sample.mp4"))


def frames(count: int) -> list[Pixels]:
    """Returns the first frames of the packaged clip."""
    with FileSource(CLIP) as source:
        return [frame.image for frame in islice(source, count)]


def detection() -> Iterator[None]:
    """Detects in images of changing sizes, with both engines."""
    choose, given = random.Random(1), frames(8)
    detectors = [MTCNN(threads=2, engine=engine) for engine in ("native", "onnxruntime")]
    while True:
        size = choose.randrange(80, 640), choose.randrange(60, 360)
        detectors[choose.random() < 0.1].detect(cv2.resize(choose.choice(given), size))
        yield


def tracker() -> Iterator[None]:
    """Follows the faces of the clip, again and again."""
    given = frames(60)
    follower = Tracker(MTCNN(threads=1, min_face_size=40))
    while True:
        follower.reset()
        for index, image in enumerate(given):
            follower.update(image, index / 25)
            yield


def detectors() -> Iterator[None]:
    """Opens and closes detectors."""
    image = cv2.resize(frames(1)[0], (160, 90))
    while True:
        for engine in ("native", "onnxruntime"):
            with MTCNN(threads=2, engine=engine) as detector:
                detector.detect(image)
            gc.collect()
            yield


def videos() -> Iterator[None]:
    """Opens, reads, writes and closes videos, some of which are broken."""
    content = CLIP.read_bytes()
    with tempfile.TemporaryDirectory() as temporary:
        broken, copy = Path(temporary) / "broken.mp4", Path(temporary) / "copy.mp4"
        broken.write_bytes(content[: len(content) // 2])
        while True:
            with (
                FileSource(CLIP) as source,
                FileSink(copy, source.format, source, preset="ultrafast", overwrite=True) as sink,
            ):
                for frame in islice(source, 10):
                    sink.write(frame)
            yield
            with FileSource(copy) as source:
                list(source)
            yield
            try:
                with FileSource(broken) as source:
                    list(source)
            except ValueError:
                pass
            yield


def live_view() -> Iterator[None]:
    """Shows images to viewers who come and go, and who send nonsense."""
    given = frames(8)
    with WebView("127.0.0.1", 0) as view:
        for image in _again(given):
            view.show(image, Status())
            for path in ("/", "/status", "/snapshot.jpg"):
                connection = http.client.HTTPConnection("127.0.0.1", view.port, timeout=10)
                connection.request("GET", path)
                connection.getresponse().read()
                connection.close()
            for request in (
                b"GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n",
                b"nonsense\r\n\r\n",
            ):
                with socket.create_connection(("127.0.0.1", view.port), timeout=10) as viewer:
                    viewer.sendall(request)
                    viewer.recv(1000)
            yield


def _again(given: list[Pixels]) -> Iterator[Pixels]:
    while True:
        yield from given


SCENARIOS: dict[str, Callable[[], Iterator[None]]] = {
    "detection": detection,
    "tracker": tracker,
    "detectors": detectors,
    "videos": videos,
    "live view": live_view,
}


def main(scenario: str, seconds: str) -> None:
    """Repeats the steps of a scenario for a time."""
    steps, work = 0, SCENARIOS[scenario]()
    next(work)
    print("begins", flush=True)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        next(work)
        steps += 1
    print(steps, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

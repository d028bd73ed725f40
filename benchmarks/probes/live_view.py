"""Shows a video that plays as a camera does, and prints when its frames came and were shown.

    python -m benchmarks.probes.live_view VIEW VIDEO SECONDS MIN_FACE_SIZE

VIEW is "window" or "browser". The first line is the address of the page, or empty. The
last one is JSON: `captured`, the time of each frame, and `shown`, number and time of each frame
that the view has shown, which for a browser is when the session hands it over. Times are of
`time.perf_counter`, which processes share on Linux.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer

# First, since OpenCV's windows hang where PyAV is loaded before it (PyAV issue 1050).
import cv2  # noqa: F401

from benchmarks.stamps import read_stamp, write_stamp
from mtcnn_rt import MTCNN
from mtcnn_rt._arrays import Pixels
from mtcnn_rt.drawing.painter import DrawingPainter
from mtcnn_rt.live.browser import WebView
from mtcnn_rt.live.session import Choices, Session, live_results
from mtcnn_rt.live.snapshot import Snapshots
from mtcnn_rt.live.status import News, Status
from mtcnn_rt.live.view import Action, View
from mtcnn_rt.live.window import Window
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.video import FileSource
from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.reader import Reader
from mtcnn_rt.video.sources.paced import PacedSource


class Camera:
    """Gives the frames of a video with a stamp, over and over, and keeps their times.

    Attributes:
        captured: The time at which each frame came.
    """

    def __init__(self, source: PacedSource) -> None:
        self._source = source
        self.captured: list[float] = []

    def __iter__(self) -> Iterator[Frame]:
        """Yields the frames, each at its time."""
        for frame in self._source:
            image = frame.image.copy()
            write_stamp(image, len(self.captured))
            self.captured.append(time.perf_counter())
            yield replace(frame, image=image, captured=self.captured[-1])


class TimedView:
    """Hands images to a view, and keeps the stamp of each with the time at which it was shown."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.shown: list[tuple[int, float]] = []

    def show(self, image: Pixels | None, status: Status) -> list[Action]:
        """Shows an image, as `View.show` does."""
        actions = self._view.show(image, status)
        if image is not None:
            self.shown.append((read_stamp(image), time.perf_counter()))
        return actions

    def close(self) -> None:
        """Closes the view."""
        self._view.close()


def main(kind: str, video: str, seconds: str, min_face_size: str) -> None:
    """Shows the video for some seconds, as `mtcnn-rt webcam` does."""
    view = Window("mtcnn-rt benchmark") if kind == "window" else WebView(port=0)
    print(view.url if isinstance(view, WebView) else "", flush=True)
    detector = MTCNN(min_face_size=float(min_face_size))
    tracker = Tracker(detector, spread=True)
    tracking, stopped = Event(), Event()
    tracking.set()
    timed = TimedView(view)
    with ExitStack() as opened:
        opened.callback(view.close)
        source = opened.enter_context(PacedSource(FileSource(video), loop=True))
        camera = Camera(source)
        results = opened.enter_context(closing(live_results(camera, detector, tracker, tracking)))
        feed = opened.enter_context(Reader(results, newest=True))
        opened.callback(source.stop)
        choices = Choices("off", tracking=tracking)
        painters = {"off": DrawingPainter()}
        session = Session(
            feed, timed, painters, choices, None, News(lambda line: None), Snapshots(Path())
        )
        end = Timer(float(seconds), stopped.set)
        end.start()
        failure = session.run(stopped.is_set)
        end.cancel()
    if failure is not None:
        raise failure
    print(json.dumps({"captured": camera.captured, "shown": timed.shown}))


if __name__ == "__main__":
    main(*sys.argv[1:])

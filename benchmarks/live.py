"""Measures live views: the time from the capture of an image until it is shown."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, BinaryIO

import cv2
import numpy as np

from benchmarks import chromium
from benchmarks.markdown import paragraphs, table
from benchmarks.stamps import read_stamp
from mtcnn_rt._arrays import Pixels
from mtcnn_rt.live.window import why_no_window

ROOT = Path(__file__).resolve().parents[1]
MIN_FACE_SIZE = 40.0
WARM_UP = 15
"""First frames of a view, which do not count: the page opens, and memory is new."""

START_OF_CHROMIUM = 5.0
"""Seconds that the view is open longer than Chromium watches it."""

HANDED = "handed to the {}"
DECODED = "decoded by a client of the browser view"
DRAWN = "drawn by Chromium"


@dataclass(frozen=True)
class Latency:
    """Holds the latencies of one place that images come by.

    Attributes:
        where: The place.
        seconds: Seconds from the capture of each image that came by.
        frames: Number of frames that were captured.
        skipped: Why there are no latencies; None where there are some.
    """

    where: str
    seconds: list[float]
    frames: int
    skipped: str | None = None


def measure(video: Path, seconds: float) -> list[Latency]:
    """Shows a video as a camera in a window and in a browser view, one after the other.

    Args:
        video: The video.
        seconds: Seconds for each view.
    """
    return [
        *_in_window(video, seconds),
        *_in_browser(video, seconds),
        _in_chromium(video, seconds),
    ]


def _in_window(video: Path, seconds: float) -> list[Latency]:
    where = HANDED.format("window")
    reason = why_no_window()
    if reason is None:
        return _handed(where, _finish(_start("window", video, seconds)))
    if not shutil.which("xvfb-run"):
        return [Latency(where, [], 0, f"{reason}, and xvfb-run is not installed")]
    return _handed(where, _finish(_start("window", video, seconds, "xvfb-run", "-a")))


def _in_browser(video: Path, seconds: float) -> list[Latency]:
    process = _start("browser", video, seconds)
    url = _line(process)
    decoded = []
    with urllib.request.urlopen(f"{url}stream", timeout=30) as stream:
        for image in images_of(stream):
            decoded.append((read_stamp(image), time.perf_counter()))
    facts = json.loads(_end(process))
    return [
        *_handed(HANDED.format("browser view"), facts),
        Latency(DECODED, latencies(facts["captured"], decoded), len(facts["captured"])),
    ]


def _in_chromium(video: Path, seconds: float) -> Latency:
    reason = chromium.why_no_chromium()
    if reason is not None:
        return Latency(DRAWN, [], 0, reason)
    process = _start("browser", video, seconds + START_OF_CHROMIUM)
    drawn = chromium.watch(_line(process), seconds)
    facts = json.loads(_end(process))
    first = drawn[0][0] + WARM_UP if drawn else 0
    last = drawn[-1][0] if drawn else 0
    seen = [one for one in drawn if one[0] >= first]
    return Latency(DRAWN, latencies(facts["captured"], seen), last - first + 1 + WARM_UP)


def _handed(where: str, facts: dict[str, Any]) -> list[Latency]:
    captured = facts["captured"]
    return [Latency(where, latencies(captured, facts["shown"]), len(captured))]


def latencies(captured: list[float], seen: list[tuple[int, float]]) -> list[float]:
    """Returns the seconds from capture until an image was seen, of each for the first time.

    Args:
        captured: The time of each frame.
        seen: Number and time of each frame that was seen, in order.
    """
    first: dict[int, float] = {}
    for number, moment in seen:
        first.setdefault(number, moment)
    return [moment - captured[number] for number, moment in first.items() if number >= WARM_UP]


def images_of(stream: BinaryIO) -> Iterator[Pixels]:
    """Yields the images of a stream of JPEGs, multipart/x-mixed-replace, until it ends."""
    while line := stream.readline():
        name, _, value = line.partition(b":")
        if name.lower() != b"content-length":
            continue
        stream.readline()  # the empty line after the header
        jpeg = stream.read(int(value))
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        if image is not None:
            yield np.asarray(image, np.uint8)


def _start(kind: str, video: Path, seconds: float, *before: str) -> subprocess.Popen[str]:
    command = [*before, sys.executable, "-m", "benchmarks.probes.live_view", kind, str(video)]
    command += [str(seconds), str(MIN_FACE_SIZE)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    _line(process)
    return dict(json.loads(_end(process)))


def _end(process: subprocess.Popen[str]) -> str:
    """Returns the rest of what a probe prints; raises RuntimeError if it fails."""
    rest, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"live_view fails with {process.returncode}")
    return rest


def as_markdown(found: list[Latency]) -> str:
    """Writes a table of the places."""
    rows = [_row(one) for one in found if one.skipped is None]
    left_out = [f"Not measured: {one.where} ({one.skipped})." for one in found if one.skipped]
    header = ["images", "median", "99th percentile", "worst", "frames", "of them seen"]
    title = (
        f"Milliseconds from capture, tracking, min_face_size {MIN_FACE_SIZE:.0f}; the first "
        f"{WARM_UP} frames do not count:"
    )
    return paragraphs([title, table(header, rows), *left_out])


def _row(one: Latency) -> list[str]:
    late = quantiles(one.seconds, n=100)[-1] if len(one.seconds) > 1 else one.seconds[0]
    values = [median(one.seconds), min(late, max(one.seconds)), max(one.seconds)]
    counts = [str(one.frames - WARM_UP), str(len(one.seconds))]
    return [one.where, *(f"{1000 * value:.1f}" for value in values), *counts]

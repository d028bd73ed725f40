"""Measures how the time of a detection grows with the pixels, the faces and smaller faces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.images import crowd, resize
from benchmarks.markdown import table
from mtcnn_rt import MTCNN, _native
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.registry import PEERS
from mtcnn_rt._comparison.speed import DetectionTask
from mtcnn_rt._comparison.timing import Timing, TimingSettings, time_in_turn
from mtcnn_rt._comparison.worker import Worker, open_workers
from mtcnn_rt._defaults import SCALE_FACTOR

SIZES = ((640, 480), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160), (7680, 4320))
FACES = (0, 20, 50, 100, 200, 350, 500)
MIN_FACE_SIZES = (12, 16, 20, 28, 40, 60, 80)


@dataclass(frozen=True)
class Point:
    """Describes one point of a curve.

    Attributes:
        x: The quantity that grows.
        label: The value that is set, as text.
        image: The image.
        min_face_size: The smallest face to find, in pixels.
    """

    x: float
    label: str
    image: Pixels
    min_face_size: int = 20


@dataclass(frozen=True)
class Sweep:
    """Describes the points of a curve.

    Attributes:
        name: The name of the quantity that grows.
        axis: The label of the axis.
        points: The points.
    """

    name: str
    axis: str
    points: list[Point]


@dataclass(frozen=True)
class Fit:
    """Describes the line `intercept + slope * x` through medians.

    Attributes:
        slope: Seconds per unit of x.
        intercept: Seconds at x = 0.
        worst: The largest distance of a median from the line, as a share of the line.
    """

    slope: float
    intercept: float
    worst: float


@dataclass(frozen=True)
class Curve:
    """Holds what is measured of one detector.

    Attributes:
        sweep: The name of the quantity that grows.
        axis: The label of the axis.
        detector: The name of the detector.
        x: The quantity at each point.
        labels: The value that is set at each point.
        seconds: The times of the detections at each point.
        faces: The number of faces found at each point; empty where the detector failed.
        fit: The line through the medians; None where the detector failed.
        error: Why the detector failed; None where it did not.
    """

    sweep: str
    axis: str
    detector: str
    x: list[float]
    labels: list[str]
    seconds: list[list[float]]
    faces: list[int]
    fit: Fit | None
    error: str | None


def measure(detectors: Sequence[str], image: Pixels, timing: TimingSettings) -> list[Curve]:
    """Measures all sweeps with one thread, the detectors and the points of a sweep in turn.

    Args:
        detectors: Names of detectors.
        image: An image with a face, (H, W, 3) BGR.
        timing: How the detections are timed.

    Returns:
        A curve for each detector in each sweep.
    """
    curves: list[Curve] = []
    with open_workers(detectors, threads=1) as workers:
        for sweep in sweeps(image):
            curves += _measure_sweep(sweep, workers, timing)
    return curves


def sweeps(image: Pixels) -> list[Sweep]:
    """Prepares the images of all sweeps.

    Args:
        image: An image with a face, (H, W, 3) BGR.

    Returns:
        Growing pixels: the image, enlarged. Growing faces: copies of its largest face on a gray
        image. Smaller faces: the same image, with all pixels of the pyramid as x.
    """
    hd = resize(image, 1280, 720)
    sizes = [Point(w * h / 1e6, f"{w}x{h}", resize(image, w, h)) for w, h in SIZES]
    face = _largest_face(image)
    crowds = [Point(count, str(count), crowd(face, count)) for count in FACES]
    smallest = [
        Point(_pyramid_pixels(hd, size) / 1e6, str(size), hd, size) for size in MIN_FACE_SIZES
    ]
    return [
        Sweep("pixels", "megapixels of the image, min face 20", sizes),
        Sweep("faces", "faces in 1920x1080, min face 20", crowds),
        Sweep(
            "min_face_size", "megapixels of all levels, 1280x720, min face 80 to 12", smallest[::-1]
        ),
    ]


def fit_line(x: Sequence[float], y: Sequence[float]) -> Fit:
    """Fits a line by least squares of relative distances, so that long times may deviate more.

    Args:
        x: The quantity that grows.
        y: Seconds.

    Returns:
        The line.
    """
    at, values = np.asarray(x, np.float64), np.asarray(y, np.float64)
    slope, intercept = np.polyfit(at, values, 1, w=1 / values)
    worst = np.abs(values / (intercept + slope * at) - 1).max()
    return Fit(float(slope), float(intercept), float(worst))


def as_markdown(curves: Sequence[Curve]) -> str:
    """Writes a table of curves.

    Args:
        curves: The curves.

    Returns:
        A table in Markdown with the line through each curve, and its points.
    """
    return table(
        [
            "time against",
            "detector",
            "line, ms",
            "furthest from it",
            "points: median ms (faces found)",
        ],
        [_cells(curve) for curve in curves],
    )


def _measure_sweep(
    sweep: Sweep, workers: Mapping[str, Worker], timing: TimingSettings
) -> Iterator[Curve]:
    tasks = {
        (detector, point.label): (
            worker,
            DetectionTask(PEERS, detector, point.image, point.min_face_size),
        )
        for detector, worker in workers.items()
        for point in sweep.points
    }
    timings = time_in_turn(tasks, timing)
    for detector in workers:
        of_points = [timings[detector, point.label] for point in sweep.points]
        yield _curve(sweep, detector, of_points)


def _curve(sweep: Sweep, detector: str, timings: Sequence[Timing]) -> Curve:
    x = [point.x for point in sweep.points]
    errors = [timing.error for timing in timings if timing.error is not None]
    return Curve(
        sweep=sweep.name,
        axis=sweep.axis,
        detector=detector,
        x=x,
        labels=[point.label for point in sweep.points],
        seconds=[timing.seconds for timing in timings],
        faces=[] if errors else [len(timing.output[0]) for timing in timings],
        fit=None if errors else fit_line(x, [timing.median for timing in timings]),
        error=errors[0] if errors else None,
    )


def _cells(curve: Curve) -> list[str]:
    start = [curve.axis, curve.detector]
    if curve.fit is None:
        return [*start, "fails", "", curve.error or ""]
    fit = curve.fit
    points = zip(curve.labels, curve.seconds, curve.faces, strict=True)
    return [
        *start,
        f"{1e3 * fit.intercept:.2f} + {1e3 * fit.slope:.3g} x",
        f"{100 * fit.worst:.0f} %",
        ", ".join(f"{label}: {1e3 * median(s):.1f} ({faces})" for label, s, faces in points),
    ]


def _largest_face(image: Pixels) -> Pixels:
    """Crops the largest face with a margin of half its size, as far as the image reaches."""
    boxes = MTCNN(engine="onnxruntime").detect(image).boxes
    if len(boxes) == 0:
        raise ValueError("the image has no face, which the images of many faces need")
    sides = boxes[:, 2:] - boxes[:, :2]
    largest = sides.prod(axis=1).argmax()
    center, half = boxes[largest].reshape(2, 2).mean(axis=0), 0.75 * sides[largest].max()
    left, top = np.maximum(center - half, 0).astype(int)
    right, bottom = (center + half).astype(int)
    return image[top:bottom, left:right]


def _pyramid_pixels(image: Pixels, min_face_size: int) -> int:
    height, width = image.shape[:2]
    levels = _native.pyramid(height, width, min_face_size, SCALE_FACTOR, np.inf)
    return sum(rows * columns for rows, columns in levels)

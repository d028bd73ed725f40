"""Plots accuracy against time: this package at several thresholds, and other detectors.

    python -m benchmarks.frontier --data FOLDER --peer yunet=FILE.onnx --output frontier.svg

Each detector runs with one thread, at the image's own size or, as in yunet@640=FILE, with its
longer side resized; the time includes that. Several sizes of one detector make a curve.

The detectors take turns on every image, so that a drift of the machine affects all alike. The time
is the median over the images of a detector's median time on an image; the accuracy is average
precision at IoU 0.5. Accuracy counts faces down to the same low score for all, time is that at the
usual threshold, so that sorting out hundreds of uncertain boxes in Python does not count against a
peer. Of this package, P-Net and R-Net keep their thresholds. There is a plot for each data set,
side by side.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.accuracy import add_shared_options, load_or_exit, progress
from benchmarks.command_line import new_parser
from benchmarks.frontier_plot import write_plot
from benchmarks.machine import describe, heading
from benchmarks.markdown import table
from mtcnn_rt import MTCNN
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.single_shot.choice import MIN_SCORE, DetectFaces, unique_peers
from mtcnn_rt._defaults import MIN_FACE_SIZE
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.evaluation.average_precision import JudgedImage, average_precision, judged_image
from mtcnn_rt.model import load_model, packaged_models


@dataclass(frozen=True)
class Contestant:
    """Describes a detector with its settings.

    Attributes:
        name: The name of its curve.
        setting: What tells it from the other points of the curve; "" for a single point.
        timed: The detector whose time is measured.
        judged: The detector whose accuracy is measured.
    """

    name: str
    setting: str
    timed: DetectFaces
    judged: DetectFaces


@dataclass
class Point:
    """Holds what is measured of a detector on a data set.

    Attributes:
        name: The name of its curve.
        setting: What tells it from the other points of the curve; "" for a single point.
        seconds: The median time of each image.
        judged: The annotated faces of each image beside those that are found.
    """

    name: str
    setting: str
    seconds: list[float] = field(default_factory=list)
    judged: list[JudgedImage] = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        """The median over the images."""
        return 1e3 * median(self.seconds)

    def accuracy(self, min_height: float) -> float:
        """Returns average precision at IoU 0.5.

        Args:
            min_height: The least height of a box that counts, in pixels.
        """
        return average_precision(self.judged, None, min_height)[0]


def main() -> None:
    """Measures all detectors on all data sets, prints tables and writes the plot."""
    arguments = parse_arguments()
    contestants = load_or_exit(load, arguments)
    print(heading(describe(["mtcnn_rt", "onnxruntime"])))
    panels = {}
    for folder in arguments.data:
        images = spread(read_annotations(folder, split=arguments.split).images, arguments.images)
        points = measure(contestants, images, arguments.rounds)
        title = f"{folder.resolve().name}, {len(images)} images"
        panels[title] = [(one, one.accuracy(arguments.min_height)) for one in points]
        print(f"\n{title}, one thread, boxes >= {arguments.min_height:g} px high\n")
        print(as_markdown(panels[title]))
    write_plot(panels, arguments.output)


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = new_parser("frontier", __doc__)
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="FOLDER",
        help="annotations, one or several data sets",
    )
    parser.add_argument("--split", help="use only the images of this split")
    parser.add_argument(
        "--images", type=int, metavar="N", help="so many images of each data set; default: all"
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="a model folder, or the name alone of a model in the package, several; default: all "
        "in the package",
    )
    parser.add_argument(
        "--thresholds",
        action="append",
        type=float,
        nargs=3,
        metavar=("P", "R", "O"),
        help="thresholds of a point of each model, several; default: the model's presets",
    )
    parser.add_argument(
        "--min-face-size",
        type=float,
        default=MIN_FACE_SIZE,
        help="smallest face that the models find, in pixels; default: %(default)s",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=3,
        help="timed detections of each detector in each image; default: %(default)s",
    )
    parser.add_argument("--output", type=Path, required=True, help="the plot, SVG or PNG")
    add_shared_options(parser)
    return parser.parse_args(words)


def load(arguments: argparse.Namespace) -> list[Contestant]:
    """Builds the detectors.

    Args:
        arguments: The command line.

    Returns:
        Each model at its presets, or at all thresholds; then the peers.
    """
    contestants = []
    for text in arguments.model or packaged_models():
        name, _, folder = text.partition("=")
        model = folder or name
        settings = {setting_of(each): each for each in arguments.thresholds or ()}
        for setting, thresholds in (settings or load_model(model).presets).items():
            p, r, o = thresholds
            last_thresholds = (o, min(o, MIN_SCORE))
            detect: list[DetectFaces] = [
                MTCNN(
                    arguments.min_face_size, thresholds=(p, r, last), threads=1, model=model
                ).detect
                for last in last_thresholds
            ]
            contestants.append(Contestant(f"mtcnn-rt {name}", setting, *detect))
    for peer in unique_peers(arguments.peer):
        timed, judged = peer.load(1, peer.threshold), peer.load(1)
        size = "" if peer.side is None else f"@{peer.side}"
        contestants.append(Contestant(peer.name.removesuffix(size), size, timed, judged))
    return contestants


def setting_of(thresholds: Sequence[float]) -> str:
    """Writes three thresholds as text."""
    return "/".join(f"{value:g}" for value in thresholds)


def spread(images: list[Annotated], count: int | None) -> list[Annotated]:
    """Returns some of the images, evenly spread.

    Args:
        images: The images.
        count: The number of images; None is all.
    """
    if count is None or count >= len(images):
        return images
    return [images[index * len(images) // count] for index in range(count)]


def measure(
    contestants: Sequence[Contestant], images: Sequence[Annotated], rounds: int
) -> list[Point]:
    """Measures time and detections, the detectors in turn on every image.

    Args:
        contestants: The detectors.
        images: The annotated images.
        rounds: The number of timed detections of each detector in each image.

    Returns:
        A point for each detector.
    """
    points = [Point(one.name, one.setting) for one in contestants]
    for annotated in progress(images):
        image = annotated.read()
        for contestant, point in zip(contestants, points, strict=True):
            faces = contestant.judged(image)
            point.judged.append(judged_image(annotated, faces.boxes, faces.scores))
        times = [[seconds(one.timed, image) for one in contestants] for _ in range(rounds)]
        for point, of_one in zip(points, zip(*times, strict=True), strict=True):
            point.seconds.append(median(of_one))
    return points


def seconds(detect: DetectFaces, image: Pixels) -> float:
    """Returns the time of one detection, after one that is not timed."""
    detect(image)
    start = time.perf_counter()
    detect(image)
    return time.perf_counter() - start


def as_markdown(points: Sequence[tuple[Point, float]]) -> str:
    """Writes the points of a data set, with their accuracy, as a table."""
    rows = [
        [one.name, one.setting, f"{one.milliseconds:.1f}", f"{accuracy:.3f}"]
        for one, accuracy in points
    ]
    return table(["detector", "setting", "median ms an image", "AP"], rows)


if __name__ == "__main__":
    main()

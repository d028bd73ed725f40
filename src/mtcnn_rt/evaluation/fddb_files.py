"""Reads FDDB's files: annotated ellipses and detections, in folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtcnn_rt._arrays import Float64
from mtcnn_rt.evaluation.detections import parse_blocks
from mtcnn_rt.evaluation.regions import ELLIPSE, RECTANGLE


@dataclass(frozen=True, eq=False)
class RegionDetections:
    """Holds the regions that a detector found in one image.

    Attributes:
        regions: Rectangles (M, 4) or ellipses (M, 5); see `regions`.
        scores: Their scores, (M,), in any order.
    """

    regions: Float64
    scores: Float64

    @staticmethod
    def empty() -> RegionDetections:
        """Returns the detections of an image in which nothing is found."""
        return RegionDetections(np.zeros((0, RECTANGLE)), np.zeros(0))


def read_ellipses(folder: Path) -> dict[str, Float64]:
    """Reads the annotated faces of FDDB-fold-01-ellipseList.txt and the other folds.

    Args:
        folder: The folder of these files.

    Returns:
        The ellipses of each image by the image's name, such as "2002/08/11/big/img_591": (N, 5),
        the two radii, the angle in radians and the center x y.

    Raises:
        OSError: A file cannot be read.
        ValueError: There are no such files, or a line has the wrong format. The message names the
            line.
    """
    files = sorted(folder.glob("FDDB-fold-*-ellipseList.txt"))
    if not files:
        raise ValueError(f"{folder}: no FDDB-fold-01-ellipseList.txt or others here")
    faces: dict[str, Float64] = {}
    for file in files:
        for name, rows in parse_blocks(file, (ELLIPSE + 1,)):
            _refuse_twice(file, name, faces)
            _refuse_broken(file, name, rows)
            faces[name] = rows[:, :ELLIPSE]  # the last number is always 1
    return faces


def read_detections(path: Path, problems: list[str] | None = None) -> dict[str, RegionDetections]:
    """Reads detections from a file, or from all .txt files of a folder.

    A line is a rectangle, `x y width height`, or an ellipse, and the score.

    Args:
        path: The file or the folder.
        problems: Receives a line about each image whose detections are broken, and are left out;
            None raises an error.

    Returns:
        The detections of each image by the image's name.

    Raises:
        OSError: A file cannot be read.
        ValueError: A line has the wrong format, and `problems` is None or no image is left. The
            message names the line.
    """
    found: dict[str, RegionDetections] = {}
    for file in sorted(path.glob("*.txt")) if path.is_dir() else [path]:
        for name, rows in parse_blocks(file, (RECTANGLE + 1, ELLIPSE + 1), problems):
            try:
                _refuse_twice(file, name, found)
                _refuse_broken(file, name, rows)
            except ValueError as error:
                if problems is None:
                    raise
                then = "the first detections count" if name in found else "they are left out"
                problems.append(f"{error}; {then}")
            else:
                found[name] = RegionDetections(rows[:, :-1], rows[:, -1])
    if problems and not found:
        raise ValueError(problems[0])
    return found


def find_image(folder: Path, name: str) -> Path:
    """Returns the path of an image file.

    Args:
        folder: The folder of the images.
        name: The name of the image, without an extension.

    Returns:
        The path, whether or not the file exists.
    """
    return folder / f"{name}.jpg"


def _refuse_twice(file: Path, name: str, known: Mapping[str, object]) -> None:
    if name in known:
        raise ValueError(f"{file}: {name} is there twice")


def _refuse_broken(file: Path, name: str, rows: Float64) -> None:
    """Raises ValueError for an ellipse with a radius below 0."""
    if rows.shape[1] == ELLIPSE + 1 and (rows[:, :2] < 0).any():
        raise ValueError(f"{file}: {name} has ellipses with a radius below 0")

"""FDDB's files: annotated ellipses and detections, in folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtcnn_rt.evaluation.detections import Rows, parse_blocks
from mtcnn_rt.evaluation.regions import ELLIPSE, RECTANGLE


@dataclass(frozen=True, eq=False)
class Found:
    """What a detector found in one image: regions (M, 4) or (M, 5), see `regions.py`; scores (M,),
    in any order."""

    regions: Rows
    scores: Rows

    @staticmethod
    def empty() -> Found:
        return Found(np.zeros((0, RECTANGLE)), np.zeros(0))


def read_ellipses(folder: Path) -> dict[str, Rows]:
    """The faces of every image of FDDB-fold-01-ellipseList.txt and so on, by the image's name such
    as "2002/08/11/big/img_591": (N, 5), the two radii, the angle in radians and the center x y.

    Raises OSError, ValueError that names the line, or that there are no such files."""
    files = sorted(folder.glob("FDDB-fold-*-ellipseList.txt"))
    if not files:
        raise ValueError(f"{folder}: no FDDB-fold-01-ellipseList.txt or others here")
    faces: dict[str, Rows] = {}
    for file in files:
        for name, rows in parse_blocks(file, (ELLIPSE + 1,)):
            _refuse_twice(file, name, faces)
            faces[name] = rows[:, :ELLIPSE]  # the last number is always 1
    return faces


def read_detections(path: Path) -> dict[str, Found]:
    """What was found in every image of a file, or of all .txt files of a folder, by the image's
    name. A line is a rectangle, `x y width height`, or an ellipse, and the score.

    Raises OSError, ValueError that names the line."""
    found: dict[str, Found] = {}
    for file in sorted(path.glob("*.txt")) if path.is_dir() else [path]:
        for name, rows in parse_blocks(file, (RECTANGLE + 1, ELLIPSE + 1)):
            _refuse_twice(file, name, found)
            found[name] = Found(rows[:, :-1], rows[:, -1])
    return found


def find_image(folder: Path, name: str) -> Path:
    """The file of an image, whose name has no extension."""
    return folder / f"{name}.jpg"


def _refuse_twice(file: Path, name: str, known: Mapping[str, object]) -> None:
    if name in known:
        raise ValueError(f"{file}: {name} is there twice")

"""Reads WIDER FACE's ground truth (.mat) and detections (.txt)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float64
from mtcnn_rt._packages import needs
from mtcnn_rt.evaluation.detections import Detections, corners, parse_blocks

SETTINGS = ("easy", "medium", "hard")
"""The settings of the evaluation, which differ in the faces that count."""


@dataclass(frozen=True, eq=False)
class WiderAnnotation:
    """Holds the annotation of one image.

    Attributes:
        event: The name of the event, such as "0--Parade".
        name: The name of the image, such as "0_Parade_marchingband_1_465".
        boxes: The boxes, (N, 4) x1 y1 x2 y2 in pixels.
        counted: True for the faces that count, (N,) bool, by the name of the setting.
    """

    event: str
    name: str
    boxes: Float64
    counted: Mapping[str, NDArray[np.bool_]]


def read_ground_truth(folder: Path) -> list[WiderAnnotation]:
    """Reads the ground truth of the evaluation tools.

    Args:
        folder: The folder of wider_face_val.mat, which has the faces, and of wider_easy_val.mat,
            wider_medium_val.mat and wider_hard_val.mat, which have the faces that count.

    Returns:
        The annotations, in the order of wider_face_val.mat.

    Raises:
        OSError: A file is missing.
        ValueError: A file has other content. The message names the file.
        MissingPackageError: SciPy is not installed.
    """
    images = list(_cells(folder / "wider_face_val.mat", "file_list", "face_bbx_list"))
    settings = [
        list(_cells(folder / f"wider_{setting}_val.mat", "file_list", "gt_list"))
        for setting in SETTINGS
    ]
    for setting, listed in zip(SETTINGS, settings, strict=True):
        if [one[:2] for one in listed] != [one[:2] for one in images]:
            raise ValueError(f"{folder / f'wider_{setting}_val.mat'}: lists other images")
    return [
        WiderAnnotation(
            event,
            name,
            corners(boxes),
            {
                setting: _mask(folder, setting, listed[index][2], boxes)
                for setting, listed in zip(SETTINGS, settings, strict=True)
            },
        )
        for index, (event, name, boxes) in enumerate(images)
    ]


def read_detections(folder: Path, image: WiderAnnotation) -> Detections:
    """Reads the detections of an image from event/name.txt.

    The file has a line with the name, a line with the number of detections, and as many lines
    `x y width height score`.

    Args:
        folder: The folder of the events.
        image: The annotation of the image.

    Returns:
        The detections, highest score first.

    Raises:
        OSError: The file is missing.
        ValueError: A line has the wrong format. The message names the line.
    """
    path = folder / image.event / f"{image.name}.txt"
    blocks = parse_blocks(path, (5,))
    if len(blocks) != 1:
        raise ValueError(f"{path}: {len(blocks)} images, expected one")
    [(_, rows)] = blocks
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    return Detections(corners(rows[:, :4]), rows[:, 4])


def _cells(path: Path, names: str, values: str) -> Iterator[tuple[str, str, Float64]]:
    """Yields event, name and the array in `values` of every image of a file."""
    content = _load(path)
    try:
        events = zip(
            content["event_list"].ravel(),
            content[names].ravel(),
            content[values].ravel(),
            strict=True,
        )
        for event, files, arrays in events:
            for file, array in zip(files.ravel(), arrays.ravel(), strict=True):
                yield str(event.item()), str(file.item()), array.astype(np.float64)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: not a ground truth of WIDER FACE: {error}") from error


def _load(path: Path) -> Mapping[str, Any]:
    with needs("reading WIDER FACE's .mat files"):
        from scipy.io import loadmat

    with path.open("rb") as file:
        try:
            content: Mapping[str, Any] = loadmat(file)
        except Exception as error:  # scipy raises many kinds of exceptions for damaged files
            raise ValueError(f"{path}: not a MATLAB file that can be read: {error}") from error
    return content


def _mask(folder: Path, setting: str, listed: Float64, boxes: Float64) -> NDArray[np.bool_]:
    indices = listed.ravel().astype(np.int64) - 1  # MATLAB counts from 1
    mask = np.zeros(len(boxes.reshape(-1, 4)), np.bool_)
    if indices.size and not 0 <= indices.min() <= indices.max() < len(mask):
        raise ValueError(f"{folder / f'wider_{setting}_val.mat'}: a face that the image lacks")
    mask[indices] = True
    return mask

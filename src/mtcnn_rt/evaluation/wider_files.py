"""WIDER FACE's files: the ground truth of its evaluation tools (.mat) and detections (.txt)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.evaluation.detections import Detections, corners, parse_blocks

SETTINGS = ("easy", "medium", "hard")


@dataclass(frozen=True, eq=False)
class TrueImage:
    """event, name: as in the ground truth, such as "0--Parade" and "0_Parade_marchingband_1_465".
    boxes (N, 4): x1 y1 x2 y2. counted: the faces of each of `SETTINGS`, (N,) bool."""

    event: str
    name: str
    boxes: NDArray[np.float64]
    counted: Mapping[str, NDArray[np.bool_]]


def read_ground_truth(folder: Path) -> list[TrueImage]:
    """The images of wider_face_val.mat with the faces that count in wider_easy_val.mat,
    wider_medium_val.mat and wider_hard_val.mat.

    Raises OSError for a missing file, ValueError that names a file of another content."""
    images = list(_cells(folder / "wider_face_val.mat", "file_list", "face_bbx_list"))
    settings = [
        list(_cells(folder / f"wider_{setting}_val.mat", "file_list", "gt_list"))
        for setting in SETTINGS
    ]
    for setting, listed in zip(SETTINGS, settings, strict=True):
        if [one[:2] for one in listed] != [one[:2] for one in images]:
            raise ValueError(f"{folder / f'wider_{setting}_val.mat'}: lists other images")
    return [
        TrueImage(
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


def read_detections(folder: Path, image: TrueImage) -> Detections:
    """What event/name.txt lists: a line with the name, one with the number of detections, and as
    many `x y width height score`. Highest score first.

    Raises OSError for a missing file, ValueError that names the line."""
    path = folder / image.event / f"{image.name}.txt"
    blocks = parse_blocks(path, (5,))
    if len(blocks) != 1:
        raise ValueError(f"{path}: {len(blocks)} images, expected one")
    [(_, rows)] = blocks
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    return Detections(corners(rows[:, :4]), rows[:, 4])


def _cells(path: Path, names: str, values: str) -> Iterator[tuple[str, str, NDArray[np.float64]]]:
    """Event, name and the array in `values` of every image of a file."""
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
    from scipy.io import loadmat

    with path.open("rb") as file:
        try:
            content: Mapping[str, Any] = loadmat(file)
        except Exception as error:  # scipy tells of damage with exceptions of many kinds
            raise ValueError(f"{path}: not a MATLAB file that can be read: {error}") from error
    return content


def _mask(
    folder: Path, setting: str, listed: NDArray[np.float64], boxes: NDArray[np.float64]
) -> NDArray[np.bool_]:
    indices = listed.ravel().astype(np.int64) - 1  # MATLAB counts from 1
    mask = np.zeros(len(boxes.reshape(-1, 4)), np.bool_)
    if indices.size and not 0 <= indices.min() <= indices.max() < len(mask):
        raise ValueError(f"{folder / f'wider_{setting}_val.mat'}: a face that the image lacks")
    mask[indices] = True
    return mask

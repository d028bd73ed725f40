"""Reads JSON lines: an object for each image, the format for annotations of your own.

The keys of an object:

- `image`: the name of the image.
- `boxes`: [[x, y, width, height], ...] in pixels. One without width or height is ignored.
- `landmarks`: for each box [[x, y] * 5] or null; for an image of one face, which may have no box,
  [[x, y] * 5] itself.
- `labels`: for each box a string.
- `ignored`: for each box whether it is ignored: it counts neither for nor against a detector.
- `teacher`: for each box the probability that other detectors give it, or null.
- `split`: part of the data set, such as "train".
- `width` and `height`: size of the image that the annotations are of, in pixels.

Only `image` and one of `boxes` and `landmarks` are required. An image without faces has
`"boxes": []`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mtcnn_rt._arrays import Float32, Float64
from mtcnn_rt.annotations.annotated import Entry, make_entry
from mtcnn_rt.annotations.lines import (
    LARGEST,
    BrokenLineError,
    Line,
    fault_of_box,
    parse_each,
    size_of,
)

RESULTS = "results, of which `mtcnn-rt export --format jsonl` makes annotations"


def recognizes(lines: Sequence[Line]) -> bool:
    """Returns whether the first lines of a file are in this format."""
    return bool(lines) and lines[0].text.startswith("{")


def read(lines: Sequence[Line], problems: list[str]) -> Iterator[Entry]:
    """Yields the entries; broken lines are skipped and reported in `problems`."""
    return parse_each(lines, _parse, problems)


def _parse(line: Line) -> Entry:
    try:
        described = json.loads(line.text)
        if not isinstance(described, dict):
            raise ValueError("expected an object")
        return _entry(described)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BrokenLineError(line, str(error)) from error


def _entry(described: dict[str, Any]) -> Entry:
    name, split = described.get("image"), described.get("split", "")
    if not isinstance(name, str) or not isinstance(split, str):
        raise ValueError("image and split must be strings")
    boxes, landmarks = described.get("boxes"), described.get("landmarks")
    if boxes is None and landmarks is None and ("faces" in described or "error" in described):
        raise ValueError(RESULTS)
    if boxes is None and landmarks is None:
        raise ValueError("there are neither boxes nor landmarks")
    sides = None if boxes is None else _boxes(boxes)
    points = None if landmarks is None else _landmarks(landmarks)
    counted = sides if sides is not None else points
    count = 0 if counted is None else len(counted)
    if points is not None and len(points) != count:
        raise ValueError(f"landmarks: expected one for each of {count} boxes, not {len(points)}")
    labels = _of_each_box("labels", described.get("labels"), str, count)
    ignored = _of_each_box("ignored", described.get("ignored"), bool, count)
    probabilities = _probabilities(described.get("teacher"), count)
    size = _size(described.get("width"), described.get("height"))
    return make_entry(name, sides, points, ignored, labels, split, probabilities, size)


def _size(width: Any, height: Any) -> tuple[int, int] | None:
    """Returns the size of the image; None without one."""
    if width is None and height is None:
        return None
    size = size_of(width, height)
    if size is None:
        raise ValueError("width and height: expected numbers of pixels, above 0")
    return size


def _boxes(given: Any) -> Float64:
    """Returns boxes (N, 4), x y width height."""
    boxes = _array("boxes", given, (None, 4))
    for index, (_, _, width, height) in enumerate(boxes.tolist()):
        if fault := fault_of_box(width, height, may_be_empty=True):
            raise ValueError(f"boxes[{index}]: {fault}")
    return boxes


def _landmarks(given: Any) -> Float32:
    """Returns landmarks (N, 5, 2), NaN for null."""
    if not isinstance(given, list):
        raise ValueError("landmarks: expected a list")
    if len(given) == 5 and all(_is_point(point) for point in given):
        given = [given]
    nothing = np.full((5, 2), np.nan, np.float32)
    faces = [nothing if face is None else _array("landmarks", face, (5, 2)) for face in given]
    return np.array(faces, np.float32).reshape(-1, 5, 2)


def _probabilities(values: Any, count: int) -> Float32 | None:
    """Returns a probability for each box, NaN for null; None if there are none."""
    if values is None:
        return None
    if not isinstance(values, list) or len(values) != count:
        raise ValueError(f"teacher: expected a list with a value for each of {count} boxes")
    numbers = np.array([np.nan if value is None else value for value in values], np.float64)
    if numbers.ndim != 1 or ((numbers < 0) | (numbers > 1)).any():
        raise ValueError("teacher: expected probabilities, 0 to 1, or null")
    return numbers.astype(np.float32)


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(part, list) for part in value)


def _array(name: str, values: Any, shape: tuple[int | None, int]) -> Float64:
    """Returns numbers of a shape; None is any number of rows. Raises ValueError otherwise."""
    rows, columns = shape
    try:
        array = np.array(values, np.float64)
    except (ValueError, TypeError) as error:  # objects, text, or rows of several lengths
        raise ValueError(f"{name}: expected {rows or 'N'} x {columns} numbers: {error}") from error
    if array.shape == (0,) and rows is None:
        return array.reshape(0, columns)
    fits = array.ndim == 2 and array.shape[1] == columns and rows in (None, len(array))
    if not fits or not (np.abs(array) <= LARGEST).all():  # false for NaN, too
        raise ValueError(f"{name}: expected {rows or 'N'} x {columns} numbers up to {LARGEST:g}")
    return array


def _of_each_box(name: str, values: Any, kind: type, count: int) -> Any:
    """Returns a list of one value for each box, or None. Raises ValueError otherwise."""
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        raise ValueError(f"{name}: expected a list of {kind.__name__}")
    if len(values) != count:
        raise ValueError(f"{name}: expected one for each of {count} boxes, not {len(values)}")
    return values

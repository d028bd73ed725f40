"""Reads COCO's instances and keypoints: one JSON object with images, annotations and categories.

A face is an annotation of a category whose name has the word "face": `bbox` x y width height, and
`keypoints`, x y and visibility, if there are five. Other annotations are passed over.
`iscrowd` and `ignore` mark faces that are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mtcnn_rt._arrays import Float32
from mtcnn_rt.annotations.annotated import Entry, make_entry
from mtcnn_rt.annotations.classes import face_classes
from mtcnn_rt.annotations.lines import LARGEST, Line, fault_of_box, size_of
from mtcnn_rt.faces import LANDMARKS

_FIRST_KEY = re.compile(
    r'\{\s*"(info|images|annotations|categories|licenses|type|videos)"\s*:\s*["{\[]'
)
_LISTS = tuple(re.compile(rf'"{key}"\s*:\s*\[') for key in ("images", "annotations"))
_IMAGE = re.compile(r'"image"\s*:')
_LONGEST_LINE = 1 << 20  # of JSON lines, characters
_Record = dict[str, Any]


class _Image(NamedTuple):
    """An image: its name, and the width and height that are stated; None if there are none."""

    name: str
    size: tuple[int, int] | None


def recognizes(lines: Sequence[Line]) -> bool:
    """Returns whether the first lines of a file are in this format."""
    if not lines or not lines[0].text.startswith("{") or _is_json_line(lines[0]):
        return False
    begin = "\n".join(line.text[:200] for line in lines[:5])
    return bool(_FIRST_KEY.match(begin)) or _has_lists(lines)


def read(lines: Sequence[Line], problems: list[str]) -> Iterator[Entry]:
    """Yields the entries; a broken annotation skips its image, and is reported in `problems`.

    Raises:
        ValueError: The file is not JSON, or has no category of faces.
    """
    if not lines:
        return
    path = lines[0].path
    described = _parsed(lines)
    images, of_image = described.get("images"), described.get("annotations")
    if not isinstance(images, list) or not isinstance(of_image, list):
        raise ValueError(f"{path}: not COCO: it has no lists of images and annotations")
    given = described.get("categories")
    categories = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    faces = _Faces(path, categories, problems)
    known = _known_images(path, images, problems)
    chosen, broken = faces.of_images(of_image, set(known))
    for number, image in known.items():
        if number not in broken:
            yield _entry(image, chosen.get(number, []))


def image_places(folder: Path) -> list[Path]:
    """Returns the places beside annotations/: images/, each of its folders, and others."""
    above = folder.parent
    places = [above / "images"]
    for place in (above / "images", folder / "images", above):
        places += sorted(one for one in place.glob("*") if one.is_dir())
    return [*places, above]


class _Faces:
    """Parses the annotations of the categories of faces."""

    def __init__(self, path: Path, categories: list[_Record], problems: list[str]) -> None:
        self._path, self._problems = path, problems
        names = {_key(one.get("id")): str(one.get("name", "")) for one in categories}
        try:
            self._labels = face_classes(names)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        self._keypoints = {_key(one.get("id")): one.get("keypoints") for one in categories}

    def of_images(
        self, annotations: list[Any], known: set[Any]
    ) -> tuple[dict[Any, list[_Record]], set[Any]]:
        """Returns the faces of each image by its id, and the ids of images with a broken face."""
        found: dict[Any, list[_Record]] = {}
        broken: set[Any] = set()
        for index, one in enumerate(annotations):
            image = _key(one.get("image_id")) if isinstance(one, dict) else None
            try:
                face = self._face(one)
                if face is not None and image not in known:
                    raise ValueError(f"image_id: there is no image {str(image)[:50]}")
            except (ValueError, TypeError, OverflowError) as error:
                self._problems.append(f"{self._path}: annotations[{index}]: {error}")
                broken.add(image)
            else:
                if face is not None:
                    found.setdefault(image, []).append(face)
        return found, broken

    def _face(self, one: Any) -> _Record | None:
        """Returns a face, None for another object. Raises ValueError or TypeError if broken."""
        if not isinstance(one, dict):
            raise ValueError("expected an object")
        category = _key(one.get("category_id"))
        if category not in self._keypoints:
            raise ValueError(f"category_id: there is no category {str(category)[:50]}")
        if category not in self._labels:
            return None
        points = one.get("keypoints")
        ignored = bool(one.get("iscrowd")) or bool(one.get("ignore"))
        return {
            "box": _box(one.get("bbox"), ignored),
            "landmarks": _landmarks(points, _order_of(self._keypoints[category], points)),
            "ignored": ignored,
            "label": self._labels[category],
        }


def _has_lists(lines: Sequence[Line]) -> bool:
    """Returns whether an object may have lists of images and annotations after any first key.

    Of an object in several lines the lists may come later: it is taken for one with lists unless
    it has the key of JSON lines.
    """
    first = lines[0].text
    if first.endswith("}"):
        return all(key.search(first) for key in _LISTS)
    return not any(_IMAGE.search(line.text) for line in lines)


def _is_json_line(line: Line) -> bool:
    """Returns true for a line of the format jsonl, whose first key may be any."""
    if len(line.text) > _LONGEST_LINE:
        return False
    try:
        described = json.loads(line.text)
    except (ValueError, RecursionError):
        return False
    return isinstance(described, dict) and "image" in described


def _parsed(lines: Sequence[Line]) -> _Record:
    """Returns the object of the file. Raises ValueError that names the place."""
    path = lines[0].path
    try:
        described = json.loads("\n".join(line.text for line in lines))
    except json.JSONDecodeError as error:
        number = lines[min(error.lineno, len(lines)) - 1].number
        raise ValueError(f"{path}:{number}: not JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(described, dict):
        raise ValueError(f"{path}: not COCO: expected an object")
    return described


def _known_images(path: Path, images: list[Any], problems: list[str]) -> dict[Any, _Image]:
    """Returns each image by its id."""
    known: dict[Any, _Image] = {}
    for index, one in enumerate(images):
        name = one.get("file_name") if isinstance(one, dict) else None
        number = _key(one.get("id")) if isinstance(one, dict) else None
        if not isinstance(name, str) or number is None:
            problems.append(f"{path}: images[{index}]: expected an id and a file_name")
        elif number in known:
            problems.append(f"{path}: images[{index}]: the id {str(number)[:50]} is there twice")
        else:
            size = size_of(one.get("width"), one.get("height"))  # zeros of some tools are none
            known[number] = _Image(name, size)
    return known


def _key(value: Any) -> int | str | None:
    """Returns an id, which is a number in COCO and a text in some data sets; None for others.

    Some tools write 1.0 for 1.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (int, str)) else None


def _order_of(names: Any, values: Any) -> list[int] | None:
    """Returns where each of `LANDMARKS` is among five keypoints; None if there are not five.

    Keypoints with other names, or without names, count in their order.

    Args:
        names: Names of the category's keypoints, of which it may have none.
        values: The keypoints of a face.
    """
    if not names and isinstance(values, list) and len(values) == 3 * len(LANDMARKS):
        return list(range(len(LANDMARKS)))
    if not isinstance(names, list) or len(names) != len(LANDMARKS):
        return None
    if set(map(str, names)) == set(LANDMARKS):
        return [names.index(name) for name in LANDMARKS]
    return list(range(len(LANDMARKS)))


def _numbers(name: str, values: Any, count: int) -> list[float]:
    if not isinstance(values, list) or len(values) != count:
        raise ValueError(f"{name}: expected {count} numbers")
    try:
        numbers = [float(value) for value in values]
    except TypeError as error:
        raise ValueError(f"{name}: expected {count} numbers: {error}") from error
    if not all(abs(number) <= LARGEST for number in numbers):  # false for NaN, too
        raise ValueError(f"{name}: expected numbers up to {LARGEST:g}")
    return numbers


def _box(values: Any, ignored: bool) -> list[float]:
    """Returns x y width height. Raises ValueError if no face can have them."""
    box = _numbers("bbox", values, 4)
    if fault := fault_of_box(box[2], box[3], may_be_empty=ignored):
        raise ValueError(f"bbox: {fault}")
    return box


def _landmarks(values: Any, order: list[int] | None) -> Float32:
    """Returns landmarks (5, 2), NaN for those without visibility, or if there are not five."""
    points = np.full((len(LANDMARKS), 2), np.nan, np.float32)
    if not values or order is None:
        return points
    given = np.array(_numbers("keypoints", values, 15), np.float32).reshape(5, 3)[order]
    labeled = given[:, 2] > 0
    points[labeled] = given[labeled, :2]
    return points


def _entry(image: _Image, faces: Sequence[Mapping[str, Any]]) -> Entry:
    return make_entry(
        image.name,
        [face["box"] for face in faces],
        np.array([face["landmarks"] for face in faces], np.float32).reshape(-1, 5, 2),
        [face["ignored"] for face in faces],
        [face["label"] for face in faces],
        size=image.size,
    )

"""Reads the results that `mtcnn-rt batch` and `mtcnn-rt image` write."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mtcnn_rt._errors import one_line
from mtcnn_rt._packages import needs
from mtcnn_rt.faces import LANDMARKS

Face: TypeAlias = dict[str, Any]
"""A face as `Faces.to_dicts` gives it: `box` [x1, y1, x2, y2], `score`, `landmarks` by name."""

_Raw: TypeAlias = "tuple[str, dict[str, Any]]"
"""The place of a record, for error messages, and its values by name."""


_ENCODING = "utf-8-sig"  # spreadsheets and editors of Windows write a byte order mark


@dataclass(frozen=True)
class FoundImage:
    """The faces that were found in an image.

    Attributes:
        name: The image as the results name it.
        width: Width of the upright image in pixels.
        height: Its height.
        faces: The faces.
        frame: Index of the frame, if the image is one of a video; else None.
        error: Why the image could not be searched; "" if it was.
    """

    name: str
    width: int
    height: int
    faces: list[Face]
    frame: int | None = None
    error: str = ""


def read_results(path: Path) -> Iterator[FoundImage]:
    """Yields the images of a file of results, in its order, few of them in memory.

    Args:
        path: What `mtcnn-rt batch --out` writes (.parquet, .jsonl, .csv), or `mtcnn-rt image
            --json`.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not a file of results. The message names the place.
        MissingPackageError: The file is Parquet, and pyarrow is not installed.
    """
    readers = {".parquet": _of_parquet, ".csv": _of_csv}
    read = readers.get(path.suffix.lower(), _of_json)
    try:
        for place, record in read(path):
            try:
                yield _image_of(record)
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise ValueError(f"{place}: {_why_broken(record, error)}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not results of `mtcnn-rt batch`: not UTF-8") from error


def _of_json(path: Path) -> Iterator[_Raw]:
    """Yields the records of JSON lines, or of a JSON list."""
    with path.open(encoding=_ENCODING) as file:
        begin = file.read(1)
        file.seek(0)
        if begin == "[":
            yield from _of_list(path, _parsed(file.read(), str(path)))
            return
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield f"{path}:{number}", _parsed(line, f"{path}:{number}")


def _of_list(path: Path, records: Iterable[Any]) -> Iterator[_Raw]:
    for number, record in enumerate(records, start=1):
        yield f"{path}: image {number}", record


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place}: not JSON: {error}") from error


def _of_csv(path: Path) -> Iterator[_Raw]:
    """Yields the records of a table: rows that follow one another belong to one image."""
    from mtcnn_rt.batch.formats import COLUMNS

    with path.open(encoding=_ENCODING, errors="surrogateescape", newline="") as file:
        rows = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise ValueError(
                f"{path}: not a table of `mtcnn-rt batch`: it has no column {missing[0]}; of "
                "`mtcnn-rt image`, give the file of --json"
            )
        for number, lines in _by_image(rows):
            faces = [_face_of_row(row) for row in lines if row["face"]]
            sides = {side: _whole(lines[0][side]) for side in ("width", "height", "frame")}
            yield f"{path}:{number}", {**lines[0], **sides, "faces": faces}


def _by_image(rows: csv.DictReader[str]) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """Yields the rows of each image, with the line of the last one."""
    lines: list[dict[str, str]] = []
    number = 0
    for row in rows:
        if row["face"] in ("", "0", None) and lines:  # the first row of the next image
            yield number, lines
            lines = []
        lines.append(row)
        number = rows.line_num
    if lines:
        yield number, lines


def _face_of_row(row: dict[str, Any]) -> Face:
    """Returns the face of the columns that `face_row` fills; broken numbers are kept as text."""
    return {
        "box": [_number(row[side], 2) for side in ("x1", "y1", "x2", "y2")],
        "score": _number(row["score"], 5),
        "landmarks": {
            name: [_number(row[f"{name}_{axis}"], 2) for axis in "xy"] for name in LANDMARKS
        },
    }


def _number(value: Any, digits: int) -> Any:
    """Returns a number as `Faces.to_dicts` rounds it: Parquet has 32 bits; text if it is none."""
    try:
        return float(value) if isinstance(value, str) else round(value, digits)
    except (TypeError, ValueError):
        return value


def _whole(value: str | None) -> Any:
    return int(value) if value and value.isdecimal() and len(value) < 10 else value or None


def _of_parquet(path: Path) -> Iterator[_Raw]:
    from mtcnn_rt.batch.formats import with_bytes

    with needs("Parquet"):
        import pyarrow
        import pyarrow.parquet

    with path.open("rb"):  # an error with the name of the file
        pass
    place = f"{path}: not results of `mtcnn-rt batch`"
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1000):
                for row in batch.to_pylist():
                    faces = [_face_of_row(one) for one in row["faces"] or ()]
                    yield place, {**row, "image": with_bytes(row["image"]), "faces": faces}
    except KeyError as error:
        raise ValueError(f"{place}: it has no column {error.args[0]}") from error
    except (pyarrow.ArrowException, TypeError, OSError) as error:  # OSError: damaged content, too
        raise ValueError(f"{place}: {one_line(error)}") from error


def _image_of(record: Any) -> FoundImage:
    """Returns the image of a record. Raises KeyError, TypeError or ValueError if it is broken."""
    name, error = record["image"], record.get("error") or ""
    if not isinstance(name, str) or not isinstance(error, str) or not name:
        raise TypeError("image and error must be strings")
    frame = record.get("frame")
    if error:
        return FoundImage(name, 0, 0, [], frame, error)
    width, height = _without_point(record["width"]), _without_point(record["height"])
    if not all(isinstance(side, int) and 0 < side < 1 << 31 for side in (width, height)):
        raise ValueError(f"{name} has the size {width} x {height}")
    return FoundImage(name, width, height, [_checked(face) for face in record["faces"]], frame)


def _without_point(side: Any) -> Any:
    """Returns 640 for 640.0, as tables are written by pandas if one of their images has no size."""
    return int(side) if isinstance(side, float) and side.is_integer() else side


def _checked(face: Any) -> Face:
    box = [float(side) for side in face["box"]]
    score = float(face["score"])
    points = {name: [float(v) for v in face["landmarks"][name]] for name in LANDMARKS}
    if len(box) != 4 or any(len(point) != 2 for point in points.values()):
        raise ValueError("a face has 4 numbers in box, and 2 in each of its landmarks")
    values = (*box, score, *(value for point in points.values() for value in point))
    if not all(math.isfinite(value) and abs(value) < 1e9 for value in values):
        raise ValueError("a face has a number that is none")
    return {"box": box, "score": score, "landmarks": points}


def _why_broken(record: Any, error: Exception) -> str:
    """Returns why a record cannot be used."""
    if isinstance(record, dict) and "image" not in record and "frame" in record:
        return "a frame of a video (`mtcnn-rt process`); annotations are of image files"
    if isinstance(record, dict) and "image" in record and "boxes" in record:
        return "annotations, not results of `mtcnn-rt batch` or `mtcnn-rt image --json`"
    if isinstance(error, ValueError):
        return str(error)
    missing = f" without {error}" if isinstance(error, KeyError) else ""
    return f"not a record of `mtcnn-rt batch` or `mtcnn-rt image --json`{missing}"

"""Writes the faces of a video as JSON lines or CSV, while it runs."""

from __future__ import annotations

import csv
import io
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, TypeVar

from mtcnn_rt._arrays import Ids
from mtcnn_rt._errors import STDOUT
from mtcnn_rt._files.finished import finished_file, naming, same_file
from mtcnn_rt._files.paths import path_of
from mtcnn_rt.faces import LANDMARKS, Faces, check_ids

FACE_COLUMNS = (
    *("x1", "y1", "x2", "y2", "score"),
    *(f"{name}_{axis}" for name in LANDMARKS for axis in "xy"),
)
"""Columns of one face in a table."""

_Self = TypeVar("_Self", bound="RecordWriter")


def face_row(face: dict[str, Any]) -> list[float]:
    """Returns the values of `FACE_COLUMNS`.

    Args:
        face: One of `Faces.to_dicts()`.
    """
    points = [value for name in LANDMARKS for value in face["landmarks"][name]]
    return [*face["box"], face["score"], *points]


def csv_line(values: Iterable[Any]) -> str:
    """Returns a row of CSV with its end, a line feed."""
    text = io.StringIO()
    # With another end Python before 3.13 does not quote a name that has a carriage return.
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue().removesuffix("\r\n") + "\n"


class RecordWriter(ABC):
    """Writes the faces of a video to a text file or standard output; use it in a `with` block.

    The file appears under its name at the end of the block; an exception or Ctrl-C leaves no file.
    Standard output gets every frame at once, for a program that reads along.

    Args:
        path: The file; - is standard output.
        overwrite: True replaces a file that exists.
        source: The video file, which is never replaced, even through links.
        files: True for the frames of several files: records begin with the attribute `file`.

    Attributes:
        file: The file that the next frames are of.

    Raises:
        FileNotFoundError: The path is empty.
        OSError: In the block: the file exists and is not to be overwritten, its folder cannot be
            written, or the disk is full; the error names the file.
        BrokenPipeError: The program that reads standard output has ended.
    """

    def __init__(
        self,
        path: str | Path,
        overwrite: bool = False,
        source: Path | None = None,
        *,
        files: bool = False,
    ) -> None:
        self.file = ""
        self._files = files
        self._path = path_of(path, written=True)
        self._overwrite = overwrite
        self._source = source

    def __enter__(self: _Self) -> _Self:
        """Opens the file."""
        with ExitStack() as opened:
            self._text = opened.enter_context(self._open())
            with self._naming_errors():
                self._begin()
                self._text.flush()
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *exception: Any) -> None:
        """Finishes the file, or removes it after an exception."""
        self._opened.__exit__(*exception)

    def write(self, frame_index: int, time: float, faces: Faces, ids: Ids | None = None) -> None:
        """Writes the faces of one frame.

        Args:
            frame_index: Index of the frame.
            time: Time of the frame in seconds.
            faces: Its N faces.
            ids: (N,), the id of each face; None without ids.

        Raises:
            ValueError: There are more or fewer ids than faces.
            OSError: The file cannot be written any more.
        """
        with self._naming_errors():
            self._write(int(frame_index), round(float(time), 6), _face_dicts(faces, ids))
            self._text.flush()

    @contextmanager
    def _open(self) -> Iterator[TextIO]:
        """Opens the text to write to, for the block."""
        if str(self._path) == "-":
            yield sys.stdout
            return
        if self._source and same_file(self._path, self._source):
            raise FileExistsError(f"{self._path}: is the input, which is never overwritten")
        with finished_file(self._path, self._overwrite) as temporary:
            with naming(self._path):
                text = temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            try:
                yield text
            except BaseException:  # may be of something else, such as another full disk
                with suppress(OSError):
                    text.close()
                raise
            with self._naming_errors():
                text.close()

    def _naming_errors(self) -> AbstractContextManager[None]:
        """Lets the errors of a block name the file."""
        return naming(Path(STDOUT) if str(self._path) == "-" else self._path)

    @abstractmethod
    def _begin(self) -> None:
        """Writes the text before the first frame."""

    @abstractmethod
    def _write(self, index: int, time: float, faces: list[dict[str, Any]]) -> None:
        """Writes one frame."""


class JsonLinesWriter(RecordWriter):
    """Writes a line with a JSON object for every frame, also for frames without faces.

    A line is {"frame": 0, "time": 0.04, "faces": [{"id": 1, "box": [...], "score": 0.99, ...}]}.
    The faces are those of `Faces.to_dicts`, with an `id` if ids are given. Arguments and errors are
    those of `RecordWriter`.

    Example:
        >>> with JsonLinesWriter("-") as records:
        ...     records.write(0, 0.04, Faces.empty())
        {"frame": 0, "time": 0.04, "faces": []}
    """

    def _begin(self) -> None:
        pass

    def _write(self, index: int, time: float, faces: list[dict[str, Any]]) -> None:
        file = {"file": self.file} if self._files else {}
        record = {**file, "frame": index, "time": time, "faces": faces}
        self._text.write(json.dumps(record) + "\n")


class CsvWriter(RecordWriter):
    """Writes a row of CSV for every face, below a row with the names of the columns.

    The column `id` is empty without ids. Arguments and errors are those of `RecordWriter`.
    """

    COLUMNS = ("frame", "time", "id", *FACE_COLUMNS)
    """Names of the columns."""

    def _begin(self) -> None:
        self._text.write(csv_line([*(["file"] if self._files else []), *self.COLUMNS]))

    def _write(self, index: int, time: float, faces: list[dict[str, Any]]) -> None:
        for face in faces:
            row = [index, time, face.get("id", ""), *face_row(face)]
            self._text.write(csv_line([*([self.file] if self._files else []), *row]))


def _face_dicts(faces: Faces, ids: Ids | None) -> list[dict[str, Any]]:
    """Returns the faces as plain values, with their ids if there are any."""
    check_ids(faces, ids)
    if ids is None:
        return faces.to_dicts()
    pairs = zip(ids, faces.to_dicts(), strict=True)
    return [{"id": int(number), **face} for number, face in pairs]

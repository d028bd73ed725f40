"""The faces of a video as JSON and CSV, written while it runs."""

from __future__ import annotations

import csv
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, TypeVar

from mtcnn_rt._files import finished_file, same_file
from mtcnn_rt.faces import LANDMARKS, Faces

FACE_COLUMNS = (
    *("x1", "y1", "x2", "y2", "score"),
    *(f"{name}_{axis}" for name in LANDMARKS for axis in "xy"),
)
"""The columns of one face in a table."""

_Self = TypeVar("_Self", bound="RecordWriter")


def face_row(face: dict[str, Any]) -> list[float]:
    """The values of `FACE_COLUMNS`, of one of `Faces.to_dicts()`."""
    points = [value for name in LANDMARKS for value in face["landmarks"][name]]
    return [*face["box"], face["score"], *points]


class RecordWriter(ABC):
    """A text file with the faces of a video, or, for the path -, standard output.

        with JsonLinesWriter("faces.jsonl") as results:
            results.write(frame.index, frame.time, faces)

    A file appears under its name at the end of the block; an exception or Ctrl-C leaves nothing.
    Standard output gets every frame at once, for a program that reads along.

    overwrite  whether a file that exists is replaced.
    source     the video; it is never replaced, whatever links lead to it.

    Raises OSError that names the file: it exists and is not to be overwritten, its folder cannot
    be written, the disk is full. Raises BrokenPipeError where nobody reads standard output.
    """

    def __init__(
        self, path: str | Path, overwrite: bool = False, source: Path | None = None
    ) -> None:
        self._path = Path(path)
        self._overwrite = overwrite
        self._source = source

    def __enter__(self: _Self) -> _Self:
        with ExitStack() as opened:
            self._text = opened.enter_context(self._open())
            with self._naming_errors():
                self._begin()
                self._text.flush()
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.__exit__(kind, error, traceback)

    def write(
        self, frame_index: int, time: float, faces: Faces, ids: Sequence[int] | None = None
    ) -> None:
        """The faces of one frame, at `time` in seconds. `ids` has a number for each face."""
        with self._naming_errors():
            self._write(frame_index, round(time, 6), _face_dicts(faces, ids))
            self._text.flush()

    @contextmanager
    def _open(self) -> Iterator[TextIO]:
        if str(self._path) == "-":
            yield sys.stdout
            return
        if self._source and same_file(self._path, self._source):
            raise FileExistsError(f"{self._path}: is the input, which is never overwritten")
        with (
            finished_file(self._path, self._overwrite) as temporary,
            self._naming_errors(),
            temporary.open("w", encoding="utf-8", newline="") as text,
        ):
            yield text

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if str(self._path) == "-" or error.filename:
                raise
            raise OSError(error.errno, error.strerror, str(self._path)) from error

    @abstractmethod
    def _begin(self) -> None:
        """Writes what comes before the first frame."""

    @abstractmethod
    def _write(self, index: int, time: float, faces: list[dict[str, Any]]) -> None: ...


class JsonLinesWriter(RecordWriter):
    """A JSON object a line for every frame, be it without faces:

        {"frame": 0, "time": 0.04, "faces": [{"id": 1, "box": [...], "score": 0.99, ...}]}

    The faces are those of `Faces.to_dicts`; `id` only where there are numbers. What is written
    where, and what may go wrong, is as in `RecordWriter`."""

    def _begin(self) -> None:
        pass

    def _write(self, index: int, time: float, faces: list[dict[str, Any]]) -> None:
        self._text.write(json.dumps({"frame": index, "time": time, "faces": faces}) + "\n")


class CsvWriter(RecordWriter):
    """A row for every face, below the names of the columns `COLUMNS`; `id` is empty where there are
    no numbers. What is written where, and what may go wrong, is as in `RecordWriter`."""

    COLUMNS = ("frame", "time", "id", *FACE_COLUMNS)

    def _begin(self) -> None:
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(self.COLUMNS)

    def _write(self, index: int, time: float, faces: list[dict[str, Any]]) -> None:
        for face in faces:
            self._writer.writerow([index, time, face.get("id", ""), *face_row(face)])


def _face_dicts(faces: Faces, ids: Sequence[int] | None) -> list[dict[str, Any]]:
    if ids is None:
        return faces.to_dicts()
    pairs = zip(ids, faces.to_dicts(), strict=True)
    return [{"id": int(number), **face} for number, face in pairs]

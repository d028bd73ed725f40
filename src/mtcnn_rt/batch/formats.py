"""Writes records as JSON lines, CSV and Parquet: in parts, and as one file at the end."""

from __future__ import annotations

import io
import json
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mtcnn_rt._packages import needs
from mtcnn_rt.batch.search import Record
from mtcnn_rt.video.sinks.records import FACE_COLUMNS, csv_line, face_row

COLUMNS = ("image", "frame", "time", "width", "height", "note", "error")
"""Columns of a table that every record has."""

_BYTE = re.compile(r"\\u(dc[89a-f][0-9a-f])")


class Format(ABC):
    """A file format of results."""

    @abstractmethod
    def encode(self, records: Sequence[Record]) -> bytes:
        """Returns the content of a part."""

    @abstractmethod
    def join(self, parts: Iterable[Path | bytes], output: Path) -> None:
        """Writes a file of all parts, of which only one at a time is in memory."""


class _Lines(Format):
    head = b""

    def join(self, parts: Iterable[Path | bytes], output: Path) -> None:
        with output.open("wb") as file:
            file.write(self.head)
            for part in parts:
                if isinstance(part, bytes):
                    file.write(part)
                else:
                    with part.open("rb") as content:
                        shutil.copyfileobj(content, file)


class JsonLines(_Lines):
    """A JSON object a line, without what does not apply."""

    def encode(self, records: Sequence[Record]) -> bytes:
        """Returns a line for each record."""
        lines = (json.dumps({k: v for k, v in one.items() if v is not None}) for one in records)
        return "".join(f"{line}\n" for line in lines).encode()


class Csv(_Lines):
    """A row for each face; an image without faces has one row, in which the face is empty."""

    head = (",".join((*COLUMNS, "face", *FACE_COLUMNS)) + "\n").encode()

    def encode(self, records: Sequence[Record]) -> bytes:
        """Returns the rows, without the names of the columns."""
        lines = []
        for record in records:
            first = [record[name] for name in COLUMNS]
            for index, face in enumerate(record["faces"]):
                lines.append(csv_line([*first, index, *face_row(face)]))
            if not record["faces"]:
                lines.append(csv_line([*first, *[None] * (1 + len(FACE_COLUMNS))]))
        return "".join(lines).encode(errors="surrogateescape")


class Parquet(Format):
    """A row for each record; `faces` is a list of structs with the columns of a face."""

    def __init__(self) -> None:
        with needs("Parquet"):
            import pyarrow
            import pyarrow.parquet

        face = pyarrow.struct([(name, pyarrow.float32()) for name in FACE_COLUMNS])
        text, number = pyarrow.string(), pyarrow.int32()
        types = (text, number, pyarrow.float64(), number, number, text, text)
        fields = [*zip(COLUMNS, types, strict=True), ("faces", pyarrow.list_(face))]
        self._schema = pyarrow.schema(fields)
        self._arrow, self._parquet = pyarrow, pyarrow.parquet

    def encode(self, records: Sequence[Record]) -> bytes:
        """Returns a Parquet file with one row group."""
        file = io.BytesIO()
        rows = [self._row(record) for record in records]
        self._parquet.write_table(self._arrow.Table.from_pylist(rows, self._schema), file)
        return file.getvalue()

    def join(self, parts: Iterable[Path | bytes], output: Path) -> None:
        """Writes a file with a row group for each part."""
        with self._parquet.ParquetWriter(output, self._schema) as writer:
            for part in parts:
                file: Any = io.BytesIO(part) if isinstance(part, bytes) else part
                writer.write_table(self._parquet.ParquetFile(file).read())

    @staticmethod
    def _row(record: Record) -> dict[str, Any]:
        row: dict[str, Any] = {name: _valid(record[name]) for name in COLUMNS}
        faces = [dict(zip(FACE_COLUMNS, face_row(face), strict=True)) for face in record["faces"]]
        return {**row, "faces": faces}


FORMATS: dict[str, type[Format]] = {".jsonl": JsonLines, ".csv": Csv, ".parquet": Parquet}
"""Formats by the extension of the file."""


def _valid(value: Any) -> Any:
    r"""Returns a text without the bytes of file names that are not UTF-8, which become \udcXX."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def with_bytes(value: Any) -> Any:
    r"""Returns a text of Parquet with the bytes that are no UTF-8, which stand there as \udcXX."""
    if not isinstance(value, str):
        return value
    return _BYTE.sub(lambda found: chr(int(found[1], 16)), value)

"""Writes the faces of images as JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mtcnn_rt._errors import STDOUT
from mtcnn_rt._files.finished import finished_file, naming
from mtcnn_rt.video.sinks.records import FACE_COLUMNS, csv_line, face_row

Record = dict[str, Any]
"""The faces of an image. `image`: its path as given; `width`, `height`: in pixels; `faces`: as
`Faces.to_dicts` gives them."""

COLUMNS = ("image", "face", *FACE_COLUMNS)


@contextmanager
def written_at_the_end(
    path: Path | None, encode: Callable[[list[Record]], bytes], overwrite: bool
) -> Iterator[list[Record]]:
    """Gives the block a list to fill, and writes it when the block ends.

    Args:
        path: The file; None writes nothing, - writes to standard output.
        encode: Turns the list into the content of the file.
        overwrite: Whether a file that exists is replaced.

    Raises:
        OSError: As `finished_file`, before the block and after it.
    """
    records: list[Record] = []
    if path is None:
        yield records
    elif str(path) == "-":
        yield records
        with naming(Path(STDOUT)):
            click.echo(encode(records), nl=False)
    else:
        with finished_file(path, overwrite) as temporary:
            yield records
            with naming(path):
                temporary.write_bytes(encode(records))


def as_json(records: list[Record]) -> bytes:
    """Returns a JSON list with one image a line."""
    lines = ",\n".join(json.dumps(record) for record in records)
    return f"[\n{lines}\n]\n".encode()


def as_csv(records: list[Record]) -> bytes:
    """Returns CSV with one row a face, below the names of `COLUMNS`."""
    lines = [csv_line(COLUMNS)]
    for record in records:
        for index, face in enumerate(record["faces"]):
            lines.append(csv_line([record["image"], index, *face_row(face)]))
    return "".join(lines).encode(errors="surrogateescape")  # names that are not UTF-8, as they are

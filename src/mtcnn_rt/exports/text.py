"""Writes the texts of exports: JSON lists element by element, and a file for each image."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

from mtcnn_rt.exports.results import FoundImage


def write_list(file: TextIO, values: Iterable[Any]) -> None:
    """Writes a JSON list with one value a line."""
    between = "[\n"
    for value in values:
        file.write(between + json.dumps(value))
        between = ",\n"
    file.write("[]" if between == "[\n" else "\n]")


def write_files(
    folder: Path, images: Iterable[FoundImage], lines_of: Callable[[FoundImage], Iterable[str]]
) -> None:
    """Writes a text file for each image, whose name it has.

    Args:
        folder: The folder.
        images: The images.
        lines_of: Returns the lines of an image, with their ends.
    """
    for image in images:
        path = (folder / image.name).with_suffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines_of(image)), encoding="utf-8", errors="surrogateescape")

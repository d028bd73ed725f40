"""Writes WIDER FACE's text: a name, a number of faces, and x y width height score of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from mtcnn_rt.exports.images import ExportedImages
from mtcnn_rt.exports.results import FoundImage
from mtcnn_rt.exports.text import write_files


def write(images: ExportedImages, file: TextIO) -> None:
    """Writes the images to an open file."""
    for image in images:
        file.writelines(_block(image))


def write_folder(images: ExportedImages, folder: Path) -> None:
    """Writes a file for each image into a folder, as the evaluation tools of WIDER FACE take it."""
    write_files(folder, images, _block)


def _block(image: FoundImage) -> Iterator[str]:
    yield f"{image.name}\n{len(image.faces)}\n"
    for face in image.faces:
        x1, y1, x2, y2 = face["box"]
        yield f"{x1:.2f} {y1:.2f} {x2 - x1:.2f} {y2 - y1:.2f} {face['score']:.5f}\n"

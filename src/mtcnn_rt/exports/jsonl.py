"""Writes JSON lines, the annotations that `train` and `evaluate` read."""

from __future__ import annotations

import json
from typing import Any, TextIO

from mtcnn_rt.exports.images import ExportedImages
from mtcnn_rt.exports.results import FoundImage


def write(images: ExportedImages, file: TextIO) -> None:
    """Writes the images to an open file, a line for each."""
    for image in images:
        file.write(json.dumps(_annotation(image)) + "\n")


def _annotation(image: FoundImage) -> dict[str, Any]:
    boxes = [face["box"] for face in image.faces]
    return {
        "image": image.name,
        "width": image.width,
        "height": image.height,
        "boxes": [[x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)] for x1, y1, x2, y2 in boxes],
        "landmarks": [list(face["landmarks"].values()) for face in image.faces],
        "scores": [face["score"] for face in image.faces],
    }

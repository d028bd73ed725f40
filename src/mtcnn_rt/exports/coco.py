"""Writes COCO: images, boxes and keypoints in one JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

from mtcnn_rt._faces_output import coco_face
from mtcnn_rt.exports.images import ExportedImages
from mtcnn_rt.exports.text import write_list
from mtcnn_rt.faces import LANDMARKS

_CATEGORY = {
    "id": 1,
    "name": "face",
    "supercategory": "person",
    "keypoints": list(LANDMARKS),
    "skeleton": [],
}


def write(images: ExportedImages, file: TextIO) -> None:
    """Writes the images to an open file."""
    info = {"description": "Faces that mtcnn-rt found", "version": "1.0"}
    file.write(f'{{"info": {json.dumps(info)},\n"licenses": [],\n')
    file.write(f'"categories": {json.dumps([_CATEGORY])},\n"images": ')
    write_list(file, _described(images))
    file.write(',\n"annotations": ')
    write_list(file, _annotations(images))
    file.write("}\n")


def _described(images: ExportedImages) -> Iterator[dict[str, Any]]:
    for number, image in enumerate(images, start=1):
        size = {"width": image.width, "height": image.height}
        yield {"id": number, "file_name": image.name, **size}


def _annotations(images: ExportedImages) -> Iterator[dict[str, Any]]:
    count = 0
    for number, image in enumerate(images, start=1):
        for face in image.faces:
            count += 1
            yield {"id": count, **coco_face(face, number, 1), "segmentation": []}

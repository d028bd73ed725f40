"""Writes Label Studio's tasks: a JSON list whose predictions are shown as pre-labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TextIO
from urllib.parse import quote

from mtcnn_rt.exports.images import ExportedImages, is_inside
from mtcnn_rt.exports.results import Face, FoundImage
from mtcnn_rt.exports.text import write_list

_POINT_SIZE = 0.5  # percent of the image's width


def write(images: ExportedImages, file: TextIO, url: str) -> None:
    """Writes the images to an open file.

    Args:
        images: The images.
        file: The file.
        url: What is put before the name of an image, so that Label Studio finds it.
    """
    write_list(file, (_task(image, url) for image in images))
    file.write("\n")


def _task(image: FoundImage, url: str) -> dict[str, Any]:
    results = [
        result
        for index, face in enumerate(image.faces, start=1)
        for result in _results(image, face, f"face-{index}")
    ]
    scores = [face["score"] for face in image.faces]
    prediction = {"model_version": "mtcnn-rt", "score": min(scores, default=1.0), "result": results}
    return {"data": {"image": url + quote(_encodable(image.name))}, "predictions": [prediction]}


def _results(image: FoundImage, face: Face, name: str) -> Iterator[dict[str, Any]]:
    """Yields the box of a face, and its landmarks below the box."""
    x1, y1, x2, y2 = face["box"]
    shared = {
        "to_name": "image",
        "original_width": image.width,
        "original_height": image.height,
        "image_rotation": 0,
        "score": face["score"],
    }
    box = {
        **_percent(image, x1, y1),
        "width": _share(x2 - x1, image.width),
        "height": _share(y2 - y1, image.height),
        "rotation": 0,
        "rectanglelabels": ["face"],
    }
    yield {"id": name, "from_name": "face", "type": "rectanglelabels", "value": box, **shared}
    for landmark, point in face["landmarks"].items():
        if is_inside(point, image):
            value = {**_percent(image, *point), "width": _POINT_SIZE, "keypointlabels": [landmark]}
            names = {"id": f"{name}-{landmark}", "parentID": name, "from_name": "landmarks"}
            yield {**names, "type": "keypointlabels", "value": value, **shared}


def _percent(image: FoundImage, x: float, y: float) -> dict[str, float]:
    return {"x": _share(x, image.width), "y": _share(y, image.height)}


def _share(length: float, side: int) -> float:
    """Returns a length in percent of a side."""
    return round(100 * length / side, 5)


def _encodable(name: str) -> bytes:
    """Returns the bytes of a name, also of one that is not UTF-8."""
    return name.encode(errors="surrogateescape")

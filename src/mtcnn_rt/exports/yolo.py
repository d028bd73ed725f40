"""Writes YOLO's labels: a text file for each image, in shares of its sides, and data.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mtcnn_rt.exports.images import ExportedImages, is_inside
from mtcnn_rt.exports.results import Face, FoundImage
from mtcnn_rt.exports.text import write_files

_DESCRIPTION = """\
# Labels of the faces that mtcnn-rt found. Their images belong into images/ beside labels/.
train: images
val: images
names:
  0: face
"""
_KEYPOINTS = """\
kpt_shape: [5, 3]  # left eye, right eye, nose, left and right mouth corner
flip_idx: [1, 0, 2, 4, 3]
"""


def description(pose: bool) -> str:
    """Returns the content of data.yaml, with keypoints if `pose`."""
    return _DESCRIPTION + (_KEYPOINTS if pose else "")


def write_folder(images: ExportedImages, folder: Path, pose: bool) -> None:
    """Writes the labels of each image into a folder.

    Args:
        images: The images.
        folder: The folder labels/.
        pose: Write the landmarks, too.
    """
    write_files(folder, images, lambda image: _rows(image, pose))


def _rows(image: FoundImage, pose: bool) -> Iterator[str]:
    for face in image.faces:
        x1, y1, x2, y2 = face["box"]
        center = ((x1 + x2) / 2 / image.width, (y1 + y2) / 2 / image.height)
        size = ((x2 - x1) / image.width, (y2 - y1) / image.height)
        row = " ".join(f"{value:.6f}" for value in (*center, *size))
        yield f"0 {row}{_keypoints(image, face) if pose else ''}\n"


def _keypoints(image: FoundImage, face: Face) -> str:
    """Returns x, y and visibility of the landmarks; those outside of the image are zeros."""
    texts = []
    for x, y in face["landmarks"].values():
        seen = is_inside([x, y], image)
        texts.append(f" {x / image.width:.6f} {y / image.height:.6f} 2" if seen else " 0 0 0")
    return "".join(texts)

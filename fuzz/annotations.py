"""Reads mutated annotation files: images and problems, or a ValueError that names the file."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.evaluation.detections import parse_blocks

NAMES = (
    *("annotations.jsonl", "label.txt", "list_landmarks_celeba.txt", "gt.txt", "found.txt"),
    *("coco.json", "posed/labels/a.txt", "described/data.yaml"),
)
"""The first byte of an input chooses the file that the rest is; found.txt has detections."""
_LEADING_OUT = (b"/", b"\\", b"..")
"""Marks by which a description names other folders, which would be searched, up to the disk."""
_FOLDER = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
for _image in ("a.jpg", "b.jpg", "posed/images/a.jpg", "posed/images/b.jpg", "described/a.jpg"):
    (_FOLDER / _image).parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(_FOLDER / _image), np.zeros((9, 9, 3), np.uint8))
for _labels in ("posed/labels/b.txt", "described/a.txt"):
    (_FOLDER / _labels).parent.mkdir(parents=True, exist_ok=True)
    (_FOLDER / _labels).write_text("0 0.5 0.5 0.25 0.25\n")


def target(content: bytes) -> None:
    """Reads the content under the chosen name."""
    file = _FOLDER / NAMES[content[0] % len(NAMES)] if content else _FOLDER / NAMES[0]
    if file.name == "data.yaml" and any(mark in content for mark in _LEADING_OUT):
        return
    file.write_bytes(content[1:])
    try:
        if file.name == "found.txt":
            parse_blocks(file, (5, 6))
            return
        read = read_annotations(_FOLDER / "posed" if "posed" in file.parts else file)
    except ValueError as error:
        assert str(file) in str(error) or str(_FOLDER) in str(error), error
    else:
        assert any(image.usable_faces() for image in read.images)
        assert all(str(_FOLDER) in problem for problem in read.problems), read.problems


def _coco(points: list[list[int]]) -> dict[str, object]:
    """Returns a data set of COCO, in which one image is broken and another is good."""
    keypoints = [value for point in points for value in (*point, 2)]
    face = {"id": 1, "image_id": 1, "category_id": 7, "bbox": [0, 0, 8, 8], "iscrowd": 0}
    return {
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
        "annotations": [{**face, "keypoints": keypoints}, {**face, "image_id": 2, "bbox": [0]}],
        "categories": [{"id": 7, "name": "face", "keypoints": ["a", "b", "c", "d", "e"]}],
    }


def seeds() -> list[bytes]:
    """Returns a file in every format, in which one image is broken and another is good."""
    points = "1 1 7 1 4 4 2 7 6 7"
    face = [[1, 1], [7, 1], [4, 4], [2, 7], [6, 7]]
    lines = [
        {"image": "a.jpg", "boxes": [[0, 0, 8, 8]], "labels": ["x"], "ignored": [False]},
        {"image": "b.jpg", "landmarks": face, "split": "train"},
        {"image": "n" * 300, "boxes": []},
    ]
    retina = "1 1 0 7 1 0 4 4 0 2 7 0 6 7 0 0.9"
    texts = (
        "\n".join(map(json.dumps, lines)),
        f"# a.jpg\n0 0 8 8 {retina}\n# b.jpg\n0 0 8 8\n",
        f"2\nlefteye_x lefteye_y righteye_x righteye_y\na.jpg {points}\nb.jpg {points}\n",
        "a.jpg\n1\n0 0 8 8 0 0 0 0 0 0\nb.jpg\n" + "9" * 5000 + "\n0 0 8 8 0 0 0 0 0 0\n",
        "a.jpg\n1\n0 0 8 8 0.9\nb.jpg\n0\n",
        json.dumps(_coco(face)),
        "0 0.5 0.5 0.9 0.9 0.2 0.2 2 0.8 0.2 2 0.5 0.5 2 0.3 0.8 2 0.7 0.8 0\n0 0.5 0.5 1 1\n",
        "# Faces\npath: .\ntrain: .\nval:\n  - a\nnames: {0: face}\nkpt_shape: [5, 3]\n",
    )
    return [bytes([index]) + text.encode() for index, text in enumerate(texts)]

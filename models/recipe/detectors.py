"""Runs other detectors, from ONNX files given by path, to confirm annotations.

The files are not part of the project. YuNet (MIT) is in OpenCV's model zoo, CenterFace (MIT) in its
authors' repository; both must take images of any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import onnxruntime

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Pixels

MULTIPLE = 32  # of the sides of an input; the rest is black
STRIDES = (8, 16, 32)  # of YuNet's three grids, in pixels
CELL = 4  # side of a cell of CenterFace, in pixels
YUNET_NMS, CENTERFACE_NMS = 0.45, 0.3


@dataclass(frozen=True, eq=False)
class Found:
    """Faces that a detector finds.

    Attributes:
        boxes: Boxes (N, 4), x1 y1 x2 y2 in pixels.
        scores: Scores (N,), 0 to 1.
    """

    boxes: Float32
    scores: Float32


class Detector(Protocol):
    """Finds faces in an image (H, W, 3), BGR."""

    def __call__(self, image: Pixels) -> Found:
        """Returns the faces."""


class YuNet:
    """YuNet (Wu et al. 2023), with the dynamic input of the model zoo's 2023 files."""

    def __init__(self, path: Path, least: float = 0.3) -> None:
        """Loads the graph.

        Args:
            path: The ONNX file.
            least: The lowest score of a face.
        """
        self._session, self._least = _open(path), least

    def __call__(self, image: Pixels) -> Found:
        """Returns the faces of an image (H, W, 3), BGR."""
        padded = _padded(image)
        names = [output.name for output in self._session.get_outputs()]
        outputs = self._session.run(names, {_input(self._session): cv2.dnn.blobFromImage(padded)})
        values = dict(zip(names, outputs, strict=True))
        grids = [self._decode(values, stride, padded.shape[1] // stride) for stride in STRIDES]
        return _best(
            np.concatenate([boxes for boxes, _ in grids]),
            np.concatenate([scores for _, scores in grids]),
            YUNET_NMS,
        )

    def _decode(
        self, values: dict[str, Float32], stride: int, columns: int
    ) -> tuple[Float32, Float32]:
        """Returns the boxes and scores of one grid's cells that exceed the lowest score."""
        face, is_object = (values[f"{name}_{stride}"][0, :, 0] for name in ("cls", "obj"))
        scores = np.sqrt(np.clip(face, 0, 1) * np.clip(is_object, 0, 1))
        chosen = np.flatnonzero(scores >= self._least)
        moves = values[f"bbox_{stride}"][0, chosen]
        cells = np.stack([chosen % columns, chosen // columns], axis=1)
        centers, sides = (cells + moves[:, :2]) * stride, np.exp(moves[:, 2:]) * stride
        return np.hstack([centers - sides / 2, centers + sides / 2]), scores[chosen]


class CenterFace:
    """CenterFace (Xu et al. 2019): a heat map of centers, with sizes."""

    def __init__(self, path: Path, least: float = 0.2) -> None:
        """Loads the graph.

        Args:
            path: The ONNX file, whose outputs are heat map, sizes, offsets and landmarks.
            least: The lowest score of a face.
        """
        self._session, self._least = _open(path), least

    def __call__(self, image: Pixels) -> Found:
        """Returns the faces of an image (H, W, 3), BGR."""
        padded = _padded(image)
        blob = cv2.dnn.blobFromImage(padded, swapRB=True)
        heat, sizes, offsets, _ = self._session.run(None, {_input(self._session): blob})
        rows, columns = np.nonzero(heat[0, 0] > self._least)
        heights, widths = np.exp(sizes[0][:, rows, columns]) * CELL
        y = (rows + offsets[0, 0, rows, columns] + 0.5) * CELL
        x = (columns + offsets[0, 1, rows, columns] + 0.5) * CELL
        boxes = np.stack([x - widths / 2, y - heights / 2, x + widths / 2, y + heights / 2], axis=1)
        height, width = padded.shape[:2]
        boxes = np.clip(boxes, 0, np.array([width, height, width, height]))
        return _best(boxes, heat[0, 0, rows, columns], CENTERFACE_NMS)


def _open(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _input(session: onnxruntime.InferenceSession) -> str:
    name: str = session.get_inputs()[0].name
    return name


def _padded(image: Pixels) -> Pixels:
    """Returns an image with black below and to the right, up to a multiple of 32 pixels."""
    height, width = image.shape[:2]
    below, right = -height % MULTIPLE, -width % MULTIPLE
    padded = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT)
    return np.asarray(padded, np.uint8)


def _best(boxes: Float32, scores: Float32, threshold: float) -> Found:
    """Returns what NMS keeps."""
    boxes = np.ascontiguousarray(boxes, np.float32).reshape(-1, 4)
    scores = np.ascontiguousarray(scores, np.float32)
    kept = _native.Nms()(boxes, scores, threshold)
    return Found(boxes[kept], scores[kept])

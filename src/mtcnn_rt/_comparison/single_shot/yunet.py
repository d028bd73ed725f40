"""Adapts YuNet (Wu, Peng and Yu, Machine Intelligence Research 2023), libfacedetection's network.

The input is BGR, 0 to 255. Each stride has one box a cell: its center and sides relative to the
cell's corner, and two probabilities, of a face and of an object, whose geometric mean is the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from mtcnn_rt._arrays import Float32
from mtcnn_rt._comparison.single_shot.cells import STRIDES, cells
from mtcnn_rt._comparison.single_shot.choice import DetectFaces
from mtcnn_rt._comparison.single_shot.network import OnnxNetwork, blob, new_detector
from mtcnn_rt.faces import Faces, joined

OUTPUTS = tuple(f"{part}_{stride}" for part in ("cls", "obj", "bbox", "kps") for stride in STRIDES)
MAX_IOU = 0.45


def load(path: Path | None, threads: int, min_score: float) -> DetectFaces:
    """Builds the detector; see `choice.Load`."""
    assert path is not None
    network = OnnxNetwork(path, threads, OUTPUTS)
    return new_detector(network, blob, partial(decode, min_score=min_score), MAX_IOU)


def decode(outputs: Mapping[str, Float32], size: tuple[int, int], min_score: float) -> Faces:
    """Converts the outputs to faces, before NMS.

    Args:
        outputs: The outputs by name: cls_S and obj_S (1, N, 1), bbox_S (1, N, 4), kps_S (1, N, 10)
            for each stride S.
        size: The height and width of the input in pixels.
        min_score: The least score.
    """
    return joined(_of_stride(outputs, size, stride, min_score) for stride in STRIDES)


def _of_stride(
    outputs: Mapping[str, Float32], size: tuple[int, int], stride: int, min_score: float
) -> Faces:
    face, other = (np.clip(outputs[f"{part}_{stride}"][0, :, 0], 0, 1) for part in ("cls", "obj"))
    scores = np.sqrt(face * other)
    kept = scores >= min_score
    corners = cells(size, stride)[kept]
    box, points = outputs[f"bbox_{stride}"][0][kept], outputs[f"kps_{stride}"][0][kept]
    centers = corners + stride * box[:, :2]
    half = stride * np.exp(box[:, 2:]) / 2
    landmarks = corners[:, np.newaxis] + stride * points.reshape(-1, 5, 2)
    return Faces(np.hstack([centers - half, centers + half]), scores[kept], landmarks)

"""Adapts SCRFD (Guo et al., ICLR 2022) with landmarks, InsightFace's network.

The input is RGB, minus 127.5, over 128. Each stride has two boxes a cell, as the distances of the
four sides from the cell's corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from mtcnn_rt._arrays import Float32
from mtcnn_rt._comparison.single_shot.cells import STRIDES, cells
from mtcnn_rt._comparison.single_shot.choice import DetectFaces
from mtcnn_rt._comparison.single_shot.network import OnnxNetwork, blob, new_detector
from mtcnn_rt.faces import Faces, joined

MEAN, SCALE = (127.5, 127.5, 127.5), 128.0
ANCHORS = 2
MAX_IOU = 0.4


def load(path: Path | None, threads: int, min_score: float) -> DetectFaces:
    """Builds the detector; see `choice.Load`."""
    assert path is not None
    network = OnnxNetwork(path, threads)
    if network.output_count != 3 * len(STRIDES):
        raise ValueError(f"{path}: expected 9 outputs, not {network.output_count}")
    return new_detector(
        network,
        partial(blob, rgb=True, mean=MEAN, by=SCALE),
        lambda outputs, size: decode(list(outputs.values()), size, min_score),
        MAX_IOU,
    )


def decode(outputs: Sequence[Float32], size: tuple[int, int], min_score: float) -> Faces:
    """Converts the outputs to faces, before NMS.

    Args:
        outputs: The outputs in the order of the file: scores (N, 1) for each stride, boxes (N, 4)
            for each stride, landmarks (N, 10) for each stride; with or without an axis of images.
        size: The height and width of the input in pixels.
        min_score: The least score.
    """
    plain = [output.reshape(-1, output.shape[-1]) for output in outputs]
    by_stride = zip(STRIDES, plain[:3], plain[3:6], plain[6:], strict=True)
    return joined(_of_stride(*parts, size, min_score) for parts in by_stride)


def _of_stride(
    stride: int,
    scores: Float32,
    distances: Float32,
    points: Float32,
    size: tuple[int, int],
    min_score: float,
) -> Faces:
    kept = scores[:, 0] >= min_score
    corners = cells(size, stride, ANCHORS)[kept]
    left_up, right_down = np.hsplit(stride * distances[kept], 2)
    landmarks = corners[:, np.newaxis] + stride * points[kept].reshape(-1, 5, 2)
    return Faces(np.hstack([corners - left_up, corners + right_down]), scores[kept, 0], landmarks)

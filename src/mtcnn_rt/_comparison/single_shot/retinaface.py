"""Adapts RetinaFace (Deng et al., CVPR 2020) with MobileNet 0.25.

The input is BGR minus (104, 117, 123). Each stride has two priors a cell, squares around its
center; boxes and landmarks are relative to a prior's center and sides, with variances 0.1 and 0.2.

The sides of the priors are no part of the file, and there are two sets of them in use. With the
wrong one the boxes are twice as large, or half as large, as the faces.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from mtcnn_rt._arrays import Float32
from mtcnn_rt._comparison.single_shot.cells import STRIDES, cells
from mtcnn_rt._comparison.single_shot.choice import DetectFaces
from mtcnn_rt._comparison.single_shot.network import OnnxNetwork, blob, new_detector
from mtcnn_rt.faces import Faces

OUTPUTS = ("loc", "conf", "landms")
MEAN = (104, 117, 123)
Priors: TypeAlias = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
"""Sides of the priors of each stride, in pixels."""
SMALL_PRIORS: Priors = ((10, 20), (32, 64), (128, 256))
"""Those of the networks of one megabyte, with MobileNet 0.25 among them."""
LARGE_PRIORS: Priors = ((16, 32), (64, 128), (256, 512))
"""Those of the PyTorch version, with MobileNet 0.25 or ResNet-50."""
VARIANCES = (0.1, 0.2)
MAX_IOU = 0.4


def load(path: Path | None, threads: int, min_score: float) -> DetectFaces:
    """Builds a detector with `SMALL_PRIORS`; see `choice.Load`."""
    return _load(path, threads, min_score, SMALL_PRIORS)


def load_large(path: Path | None, threads: int, min_score: float) -> DetectFaces:
    """Builds a detector with `LARGE_PRIORS`; see `choice.Load`."""
    return _load(path, threads, min_score, LARGE_PRIORS)


def decode(
    outputs: Mapping[str, Float32], size: tuple[int, int], min_score: float, sides: Priors
) -> Faces:
    """Converts the outputs to faces, before NMS.

    Args:
        outputs: The outputs by name: loc (1, N, 4), conf (1, N, 2), whose second column is the
            probability of a face, and landms (1, N, 10), one row for each prior.
        size: The height and width of the input in pixels.
        min_score: The least score.
        sides: The sides of the priors of each stride.
    """
    scores = outputs["conf"][0, :, 1]
    kept = scores >= min_score
    centers, lengths = (part[kept] for part in priors(size, sides))
    place, growth = np.hsplit(outputs["loc"][0][kept], 2)
    centers_found = centers + VARIANCES[0] * place * lengths
    half = lengths * np.exp(VARIANCES[1] * growth) / 2
    points = outputs["landms"][0][kept].reshape(-1, 5, 2)
    landmarks = centers[:, np.newaxis] + VARIANCES[0] * points * lengths[:, np.newaxis]
    return Faces(np.hstack([centers_found - half, centers_found + half]), scores[kept], landmarks)


def priors(size: tuple[int, int], sides: Priors) -> tuple[Float32, Float32]:
    """Returns the centers x y (N, 2) and the sides (N, 1) of the priors, stride by stride.

    Args:
        size: The height and width of the input in pixels.
        sides: The sides of the priors of each stride.
    """
    corners = [cells(size, stride, 2) + np.float32(stride / 2) for stride in STRIDES]
    lengths = [
        np.tile(np.array(pair, np.float32), len(of_stride) // 2)
        for pair, of_stride in zip(sides, corners, strict=True)
    ]
    return np.concatenate(corners), np.concatenate(lengths)[:, np.newaxis]


def _load(path: Path | None, threads: int, min_score: float, sides: Priors) -> DetectFaces:
    assert path is not None
    network = OnnxNetwork(path, threads, OUTPUTS)
    decode_all = partial(decode, min_score=min_score, sides=sides)
    return new_detector(network, partial(blob, mean=MEAN), decode_all, MAX_IOU)

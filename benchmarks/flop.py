"""The arithmetic that the networks ask for, by their definition (figure 2 of the paper).

Two floating point operations for each weight at each place where a layer looks. A clever algorithm
needs fewer: its "percent of peak" is then that of the direct computation, and may exceed 100.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mtcnn_rt._layers import KERNELS

_POOLS: dict[str, tuple[tuple[int, int] | None, ...]] = {
    "pnet": ((2, 2), None, None, None),
    "rnet": ((3, 2), (3, 2), None, None, None),
    "onet": ((3, 2), (3, 2), (2, 2), None, None, None),
}
"""(side, stride) of the pooling after each layer. Its last window may be incomplete."""


def gflop(network: str, shape: Sequence[int]) -> float:
    """Of one run on pixels of shape (3, H, W) or (N, 3, H, W)."""
    count = shape[0] if len(shape) == 4 else 1
    rows, columns = shape[-2:]
    operations = 0
    for kernel, pool in zip(KERNELS[network], _POOLS[network], strict=True):
        if len(kernel) == 2:
            rows = columns = side = 1
        else:
            side = kernel[2]
        rows, columns = rows - side + 1, columns - side + 1
        operations += 2 * math.prod(kernel) * rows * columns
        if pool is not None:
            rows, columns = (_pooled(length, *pool) for length in (rows, columns))
    return count * operations / 1e9


def _pooled(length: int, side: int, stride: int) -> int:
    return math.ceil(max(length - side, 0) / stride) + 1

"""Makes layers of P-Net's shapes, and checks its proposals, for tests of its arithmetic."""

from __future__ import annotations

import numpy as np


def random_layers(seed):
    """Returns layers with outputs of the order of 1, and slopes below 0, up to 1 and above."""
    random = np.random.default_rng(seed)

    def layer(outputs, inputs, side, has_slopes, scale=1.0):
        kernel = random.normal(
            0, scale / np.sqrt(inputs * side * side), (outputs, inputs, side, side)
        )
        slopes = random.permutation(np.linspace(-1.5, 1.5, outputs)) if has_slopes else None
        arrays = (kernel, random.normal(0, 0.1, outputs), slopes)
        return tuple(a if a is None else a.astype(np.float32) for a in arrays)

    return [
        layer(10, 3, 3, True, scale=1 / 128),
        layer(16, 10, 3, True),
        layer(32, 16, 3, True),
        layer(5, 32, 1, False),
    ]


def assert_rows_are_of_the_whole(pnet, image, level, threshold, rows):
    """Asserts that proposals of a few rows of cells at a time equal those of all rows, to the bit.

    Returns their number.
    """
    total = (level[0] - 1) // 2 - 4
    whole = pnet.propose(image, True, level, threshold)
    parts = [
        pnet.propose(image, True, level, threshold, first, min(rows, total - first))
        for first in range(0, total, rows)
    ]
    for one, several in zip(whole, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(several))
    return len(whole[0])

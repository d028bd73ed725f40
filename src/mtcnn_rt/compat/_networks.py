"""Runs the published networks on pixels that were resampled elsewhere."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt.model import load_model


class Networks:
    """P-Net, R-Net and O-Net of the published weights.

    All take planar RGB, 0 to 255, float32. Safe to use from several threads.
    """

    def __init__(self) -> None:
        pnet, rnet, onet = (one.layers for one in load_model("published").networks.values())
        assert pnet is not None
        assert rnet is not None
        assert onet is not None
        self._pnet, self._rnet, self._onet = (
            _native.PNet(pnet),
            _native.RNet(rnet),
            _native.ONet(onet),
        )

    def propose(self, level: Float32) -> tuple[Float32, Float32]:
        """Returns P-Net's probabilities (rows, columns) and regressions (rows, columns, 4).

        Args:
            level: (3, H, W), both sides at least 12.
        """
        cells = self._pnet.cells(np.ascontiguousarray(level))
        return probabilities(cells[0]), cells[1:].transpose(1, 2, 0)

    def refine(self, crops: Float32) -> tuple[Float32, Float32]:
        """Returns R-Net's probabilities (N,) and regressions (N, 4) of crops (N, 3, 24, 24)."""
        found = self._rnet.run(np.ascontiguousarray(crops))
        return probabilities(found[:, 0]), found[:, 1:5]

    def output(self, crops: Float32) -> tuple[Float32, Float32, Float32]:
        """Returns O-Net's probabilities, regressions and landmarks of crops (N, 3, 48, 48).

        Returns:
            (N,), (N, 4), and (N, 5, 2), x y in sides of the crop.
        """
        found = self._onet.run(np.ascontiguousarray(crops))
        return probabilities(found[:, 0]), found[:, 1:5], found[:, 5:].reshape(-1, 5, 2)


@lru_cache(maxsize=1)
def networks() -> Networks:
    """Returns the networks, which are loaded once."""
    return Networks()


def probabilities(logits: Float32) -> Float32:
    """Returns the face probabilities of logits, in float32 as a softmax of two classes.

    The packages rank faces by them. Many logits share one probability near 1, so float64 would rank
    otherwise.
    """
    one = np.float32(1)
    with np.errstate(over="ignore"):
        result: Float32 = one / (one + np.exp(-logits.astype(np.float32)))
    return result

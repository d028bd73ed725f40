"""Networks that stand for the real ones, or stand before them and record what they see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mtcnn_rt import MTCNN
from mtcnn_rt._cascade import Cascade
from mtcnn_rt.engines.arrays import ArrayEngine


class FakeNetworks:
    """Networks that give every cell and crop the same logit, and the same value for all else."""

    def __init__(self, logit: float, value: float) -> None:
        self._logit, self._value = logit, value

    def pnet(self, pixels):
        rows, columns = (-(-(side - 2) // 2) - 4 for side in pixels.shape[1:])
        return self._outputs(5, rows, columns)

    def rnet(self, crops):
        return np.ascontiguousarray(self._outputs(5, len(crops)).T)

    def onet(self, crops):
        return np.ascontiguousarray(self._outputs(15, len(crops)).T)

    def _outputs(self, *shape):
        outputs = np.full(shape, self._value, np.float32)
        outputs[0] = self._logit
        return outputs


def with_fake_engine(detector: MTCNN, logit: float, value: float) -> Cascade:
    """Returns the cascade of a detector with `FakeNetworks`."""
    engine = ArrayEngine("fake", ["cpu"], FakeNetworks(logit, value))
    return replace(detector._cascade, engine=engine)


class Witness:
    """Networks that record the levels of P-Net, and the number of crops in each other call."""

    def __init__(self, networks) -> None:
        self._networks = networks
        self.levels, self.rnet_crops, self.onet_crops = [], [], []

    def pnet(self, pixels):
        self.levels.append(pixels.shape[1:])
        return self._networks.pnet(pixels)

    def rnet(self, crops):
        self.rnet_crops.append(len(crops))
        return self._networks.rnet(crops)

    def onet(self, crops):
        self.onet_crops.append(len(crops))
        return self._networks.onet(crops)

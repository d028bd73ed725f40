"""Runs the teacher, whose outputs are learned beside the labels, on crops."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import OUTPUT_SIZES
from mtcnn_rt.model import NETWORKS, load_model
from mtcnn_rt.training.samples import regressed_boxes


class Teacher:
    """The three networks of a model, to be run on crops of their input size."""

    def __init__(self, model: str) -> None:
        """Loads the networks.

        Args:
            model: "published", or a model folder.

        Raises:
            ValueError: The folder is not a model, or has no plain weights.
        """
        loaded = load_model(model)
        networks, self._box_offset = loaded.networks, loaded.box_offset
        layers = {name: networks[name].layers for name in NETWORKS}
        if any(each is None for each in layers.values()):
            raise ValueError(f"{model}: has no plain weights, which a teacher needs")
        given: dict[str, Any] = dict(layers)
        self._pnet = _native.PNet(given["pnet"])
        self._rnet, self._onet = _native.RNet(given["rnet"]), _native.ONet(given["onet"])

    def outputs(self, network: str, pixels: NDArray[np.uint8]) -> Float32:
        """Returns what a network of the teacher outputs for crops.

        Args:
            network: "pnet", "rnet" or "onet".
            pixels: Crops (N, 3, size, size), planar RGB, 0 to 255.

        Returns:
            Outputs (N, 5), or (N, 15) of O-Net: the face logit, the regression, the landmarks.
        """
        crops = np.ascontiguousarray(pixels, np.float32)
        if network != "pnet":
            run = self._rnet.run if network == "rnet" else self._onet.run
            outputs: Float32 = run(crops)
            return outputs
        cells = [self._pnet.cells(crop)[:, 0, 0] for crop in crops]
        return np.array(cells, np.float32).reshape(-1, OUTPUT_SIZES["pnet"])

    def boxes(self, network: str, outputs: Float32, sides: Float32) -> Float32:
        """Returns the teacher's boxes (N, 4), x1 y1 x2 y2 in sides of the crops.

        Args:
            network: "pnet", "rnet" or "onet".
            outputs: Outputs (N, 5) or (N, 15), see `outputs`.
            sides: Sides (N,) of the crops in the image, in pixels.
        """
        boxes = regressed_boxes(outputs[:, 1:5], sides, network)
        if network != "onet":
            return boxes
        shifted: Float32 = boxes + np.float32(self._box_offset) / sides[:, np.newaxis]
        return shifted

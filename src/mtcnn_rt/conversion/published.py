"""Reads the weights of the paper's authors from the files of the distribution `mtcnn` 1.0.0.

The distribution is never imported, which would start TensorFlow.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any

from numpy.typing import NDArray

from mtcnn_rt._layers import Layer
from mtcnn_rt.conversion.authors import as_layers

SHA256 = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}
"""SHA-256 of the published files."""

BOX_OFFSET = 1.0
"""Pixels to add to every side of a box.

The networks place a box of any size about one pixel of the image too far left, as if annotations
that count pixels from 0 had been read by code that counts from 1. A mirrored image shows it.
"""


def read_arrays(content: bytes) -> tuple[str, list[NDArray[Any]]]:
    """Reads the arrays in pnet.lz4, rnet.lz4 or onet.lz4.

    The file is a pickle, which may do anything when it is opened, so its SHA-256 is checked first.

    Args:
        content: The file's bytes.

    Returns:
        The name of the network, and its arrays in their own layout: kernel (HWIO; inputs, outputs),
        bias and slopes of every layer, then kernel and bias of every output.

    Raises:
        ValueError: It is another file.
        ImportError: joblib or lz4 is not installed.
    """
    digest = hashlib.sha256(content).hexdigest()
    networks = [network for network, known in SHA256.items() if known == digest]
    if not networks:
        raise ValueError(f"not one of the published files, so not opened: its SHA-256 is {digest}")
    import joblib

    return networks[0], joblib.load(io.BytesIO(content))


def read_published(content: bytes) -> tuple[str, list[Layer]]:
    """Reads the network in pnet.lz4, rnet.lz4 or onet.lz4; see `sources.Read`."""
    network, arrays = read_arrays(content)
    outputs_first = [_outputs_first(array) for array in arrays]
    return network, as_layers(network, outputs_first, "column row channel")


def _outputs_first(array: NDArray[Any]) -> NDArray[Any]:
    """Changes an array to the layout of `Layer`."""
    if array.ndim == 4:
        return array.transpose(3, 2, 0, 1)
    return array.T if array.ndim == 2 else array.ravel()

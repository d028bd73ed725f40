"""Reads mutated weights of other packages: layers, or a ValueError that names the file."""

from __future__ import annotations

import pickle

import numpy as np
import torch

from fuzz.pickles import FOLDER, Executed, assert_nothing_executed, saved
from mtcnn_rt._layers import KERNELS
from mtcnn_rt.conversion.authors import OUTPUTS
from mtcnn_rt.conversion.caffe import _net_message
from mtcnn_rt.conversion.facenet import _names
from mtcnn_rt.conversion.sources import READERS, _read

SUFFIXES = tuple(READERS)
"""The first byte of an input chooses the suffix of the file that the rest is."""


def target(content: bytes) -> None:
    """Reads the content under the chosen suffix."""
    file = FOLDER / f"file{SUFFIXES[content[0] % len(SUFFIXES)] if content else SUFFIXES[0]}"
    file.write_bytes(content[1:])
    try:
        network, layers = _read(file)
    except ValueError as error:
        assert str(error).startswith(f"{file}: "), error
    else:
        assert len(layers) == len(KERNELS[network])
    assert_nothing_executed()


def seeds() -> list[bytes]:
    """Returns P-Net's weights in the formats that can be written, and files that would execute."""
    kernels = KERNELS["pnet"]
    shapes = [part for shape in kernels[:-1] for part in (shape, shape[:1], shape[:1])]
    for count in OUTPUTS["pnet"]:
        shapes += [(count, *kernels[-1][1:]), (count,)]
    arrays = [np.full(shape, 0.01, np.float32) for shape in shapes]
    state = {
        name: torch.from_numpy(array) for name, array in zip(_names("pnet"), arrays, strict=True)
    }
    net = _net_message()()
    for array in arrays:
        net.layers.add().blobs.add().values.extend(array.ravel().tolist())
    contents = {
        ".pt": [saved(state), saved(Executed()), pickle.dumps(Executed())],
        ".caffemodel": [net.SerializeToString()],
        ".lz4": [pickle.dumps(Executed())],
    }
    return [
        bytes([SUFFIXES.index(suffix)]) + content
        for suffix, listed in contents.items()
        for content in listed
    ]

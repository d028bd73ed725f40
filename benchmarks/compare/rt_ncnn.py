"""Adapts mtcnn-rt's cascade with its networks in ncnn, for which pnnx converts the graphs."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.compare.cascade import with_networks
from mtcnn_rt._arrays import Float32
from mtcnn_rt._comparison.peer import Detect
from mtcnn_rt.model import load_model

MODULES = ("mtcnn_rt", "ncnn", "pnnx")

_INPUTS = {"pnet": "[1,3,211,173]f32", "rnet": "[1,3,24,24]f32", "onet": "[1,3,48,48]f32"}
"""Input shapes for the conversion by pnnx. P-Net takes any other size all the same."""


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector; see `Peer.load`."""
    return with_networks("ncnn", networks(threads), min_face_size)


@cache  # since the conversion takes seconds
def networks(threads: int) -> NcnnNetworks:
    """Returns the networks without the cascade, with `threads` threads each."""
    return NcnnNetworks(threads)


class NcnnNetworks:
    """Runs the three graphs. ncnn has no batches: crops go one by one.

    Args:
        threads: The number of threads of each network.
    """

    def __init__(self, threads: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, network in load_model("published").networks.items():
                _convert(name, network.content, Path(folder))
            self._nets = {name: _read(name, Path(folder), threads) for name in _INPUTS}

    def pnet(self, pixels: Float32) -> Float32:
        """Runs P-Net; see `Networks.pnet`."""
        return self._run("pnet", pixels)

    def rnet(self, crops: Float32) -> Float32:
        """Runs R-Net; see `Networks.rnet`."""
        return np.stack([self._run("rnet", crop) for crop in crops])

    def onet(self, crops: Float32) -> Float32:
        """Runs O-Net; see `Networks.onet`."""
        return np.stack([self._run("onet", crop) for crop in crops])

    def _run(self, name: str, pixels: Float32) -> Float32:
        import ncnn

        extractor = self._nets[name].create_extractor()
        extractor.input("in0", ncnn.Mat(pixels))
        return np.array(extractor.extract("out0")[1])


def _convert(name: str, content: bytes, folder: Path) -> None:
    """Writes NAME.ncnn.param and NAME.ncnn.bin."""
    from pnnx import EXEC_PATH

    graph = folder / f"{name}.onnx"
    graph.write_bytes(content)
    words = [EXEC_PATH, str(graph), f"inputshape={_INPUTS[name]}", "fp16=0"]
    subprocess.run(words, cwd=folder, capture_output=True, check=True)


def _read(name: str, folder: Path, threads: int) -> Any:
    """Opens a network with float32 throughout, as in the other engines."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    net.load_param(str(folder / f"{name}.ncnn.param"))
    net.load_model(str(folder / f"{name}.ncnn.bin"))
    return net

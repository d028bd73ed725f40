"""Lists the detectors that the benchmarks compare, and the networks of those that have them."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Any

from mtcnn_rt._comparison import registry
from mtcnn_rt.engines.arrays import Networks

NATIVE, ONNXRUNTIME = OWN = registry.NATIVE, registry.ONNXRUNTIME
"""This package with each of its engines."""

PEERS = registry.PEERS.with_modules(
    {
        "mtcnn-rt:openvino": "benchmarks.compare.rt_openvino",
        "mtcnn-rt:ncnn": "benchmarks.compare.rt_ncnn",
    }
)
"""The detectors of `mtcnn-rt bench --compare`, and this package's cascade with other libraries for
its networks, so that nothing but the engine differs."""

ENGINES = tuple(name for name in PEERS.modules if name.startswith("mtcnn-rt:"))
"""The peers that run this package's cascade."""

_NETWORKS = {
    NATIVE: "benchmarks.compare.own_networks:native",
    ONNXRUNTIME: "benchmarks.compare.own_networks:onnxruntime",
    "mtcnn-rt:int16": "benchmarks.compare.own_networks:int16",
    "mtcnn-rt:openvino": "benchmarks.compare.rt_openvino:networks",
    "mtcnn-rt:ncnn": "benchmarks.compare.rt_ncnn:networks",
}
"""Functions from a number of threads to networks, imported when they are needed."""


def networks(engine: str, threads: int) -> Networks:
    """Returns the networks of an engine, without the cascade.

    Args:
        engine: One of `ENGINES`.
        threads: The number of threads of each network.

    Returns:
        The networks. Those of the C++ core also have `propose`, as `_native.Engine.propose`.
    """
    open_networks: Any = resolve_name(_NETWORKS[engine])
    opened: Networks = open_networks(threads)
    return opened

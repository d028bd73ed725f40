"""Adapts mtcnn-rt's cascade with its networks in OpenVINO, which reads the graphs as they are."""

from __future__ import annotations

from benchmarks.compare.cascade import with_networks
from mtcnn_rt._arrays import Float32
from mtcnn_rt._comparison.peer import Detect
from mtcnn_rt.engines.arrays import NetworksByName
from mtcnn_rt.model import load_model

MODULES = ("mtcnn_rt", "openvino")


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector; see `Peer.load`."""
    return with_networks("openvino", networks(threads), min_face_size)


def networks(threads: int) -> OpenVinoNetworks:
    """Returns the networks without the cascade, with `threads` threads each."""
    return OpenVinoNetworks(threads)


class OpenVinoNetworks(NetworksByName):
    """Runs the three graphs, each with a request of its own, for one calling thread at a time.

    Args:
        threads: The number of threads of each network.
    """

    def __init__(self, threads: int) -> None:
        import openvino

        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",  # else bfloat16 where the processor has it
        }
        core = openvino.Core()
        self._requests = {
            name: core.compile_model(
                core.read_model(network.content), "CPU", settings
            ).create_infer_request()
            for name, network in load_model("published").networks.items()
        }

    def run(self, name: str, batch: Float32) -> Float32:
        """Runs a network; see `NetworksByName.run`."""
        output: Float32 = self._requests[name].infer([batch], share_inputs=True)[0]
        return output

"""onnxruntime: the reference, and the engine of every provider that it has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime

from mtcnn_rt._arrays import Float32
from mtcnn_rt._cores import usable_cores
from mtcnn_rt.engines.arrays import ArrayEngine
from mtcnn_rt.model import NETWORKS, Model, ModelError, Network

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}


def available_providers() -> list[str]:
    """The names of `PROVIDERS` that the installed onnxruntime has."""
    installed = onnxruntime.get_available_providers()
    return [name for name, full_name in PROVIDERS.items() if full_name in installed]


def onnx_engine(
    model: Model, threads: int | None = None, providers: Sequence[str] | None = None
) -> ArrayEngine:
    """Runs a model folder's graphs.

    threads: of one call; None is every core that the process may use.
    providers: names of `PROVIDERS`, in order of preference; None is the CPU. What they cannot run
    falls to the CPU.
    Raises ValueError for an unknown or unavailable provider, ModelError for a graph that is not one
    of the cascade's networks."""
    chosen = _check_providers(providers)
    return ArrayEngine("onnxruntime", chosen, OnnxNetworks(model, threads, chosen))


class OnnxNetworks:
    """The three graphs in onnxruntime sessions."""

    def __init__(self, model: Model, threads: int | None, providers: list[str]) -> None:
        options = _session_options(threads)
        self._sessions = {
            name: _open(network, name, options, providers)
            for name, network in model.networks.items()
        }

    def pnet(self, pixels: Float32) -> Float32:
        cells: Float32 = self._run("pnet", pixels[np.newaxis])[0]
        return cells

    def rnet(self, crops: Float32) -> Float32:
        return self._run("rnet", crops)

    def onet(self, crops: Float32) -> Float32:
        return self._run("onet", crops)

    def _run(self, name: str, pixels: Float32) -> Float32:
        session = self._sessions[name]
        output: Float32 = session.run(None, {session.get_inputs()[0].name: pixels})[0]
        return output


def _check_providers(names: Sequence[str] | None) -> list[str]:
    if names is None:
        return ["cpu"]
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise TypeError(f"providers: expected a list of names, not {names!r}")
    if not names:
        raise ValueError("providers: the list is empty")
    chosen = list(names)
    available = available_providers()
    for name in chosen:
        if name not in available:
            there_is = ", ".join(available)
            raise ValueError(f"providers: {name!r} is not available; there is: {there_is}")
    return chosen


def _session_options(threads: int | None) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait in a busy loop take the cores from the other half of the program, and from
    # other programs: with one other busy process the detection takes three times as long.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Every level has a shape of its own: a memory plan for each would be kept for good.
    options.enable_mem_pattern = False
    return options


def _open(
    network: Network, name: str, options: onnxruntime.SessionOptions, providers: list[str]
) -> onnxruntime.InferenceSession:
    try:
        session = onnxruntime.InferenceSession(
            network.content, options, providers=[PROVIDERS[name] for name in providers]
        )
    except Exception as error:  # onnxruntime's own classes share no narrower base
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{network.path}: onnxruntime cannot load it: {reason}") from error
    expected = NETWORKS[name]
    _check_tensor(network, "input", session.get_inputs(), expected.input)
    _check_tensor(network, "output", session.get_outputs(), expected.output)
    return session


def _check_tensor(
    network: Network,
    kind: str,
    tensors: list[onnxruntime.NodeArg],
    expected: tuple[int | None, ...],
) -> None:
    wanted = f"one float32 {kind} of shape {_text(expected)}"
    if len(tensors) != 1:
        raise ModelError(f"{network.path}: expected {wanted}, it has {len(tensors)} {kind}s")
    shape = tuple(side if isinstance(side, int) else None for side in tensors[0].shape)
    if shape != expected or tensors[0].type != "tensor(float)":
        found = f"{_text(shape)} of {tensors[0].type}"
        raise ModelError(f"{network.path}: expected {wanted}, it has {found}")


def _text(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("any" if side is None else str(side) for side in shape) + ")"

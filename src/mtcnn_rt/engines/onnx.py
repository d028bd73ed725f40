"""Runs the networks with onnxruntime, on every provider that it has.

This engine is the reference for the others.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import onnxruntime

from mtcnn_rt._arrays import Float32
from mtcnn_rt._cores import usable_cores
from mtcnn_rt._errors import one_line
from mtcnn_rt._layers import EXTRA_NETWORKS, OUTPUT_SIZES
from mtcnn_rt._native import CELL, STRIDE
from mtcnn_rt.engines.arrays import ArrayEngine, NetworksByName
from mtcnn_rt.engines.sessions import GATE, abandon_after_fork, check_threads, keep_forever
from mtcnn_rt.model import NETWORKS, Model, ModelError, Network

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
"""Names of providers, and onnxruntime's names for them."""

TRIED_SIZES = ((CELL, CELL), (26, 34))
"""Heights and widths of the images that tell whether P-Net's cells are where they must be. The
first has one cell, the second 8 x 12: with both, window and stride are certain. They are even,
since networks may round an odd side up or down."""


def available_providers() -> list[str]:
    """Returns the names of `PROVIDERS` that the installed onnxruntime has."""
    installed = onnxruntime.get_available_providers()
    return [name for name, full_name in PROVIDERS.items() if full_name in installed]


def onnx_engine(
    model: Model, threads: int | None = None, providers: Sequence[str] | None = None
) -> ArrayEngine:
    """Returns an engine that runs a model folder's graphs.

    Args:
        model: The model.
        threads: Number of threads of one call; None is one for each core that the process may use.
        providers: Names of `PROVIDERS`, in order of preference; None is the CPU. The CPU runs the
            operations that they cannot run.

    Raises:
        ValueError: A provider is unknown or not available.
        TypeError: `providers` is a string.
        ModelError: A graph is not one of the cascade's networks.
        RuntimeError: The system cannot start the threads; or a provider does not load, and "cpu" is
            not named after it.
    """
    networks = OnnxNetworks(model, threads, _check_providers(providers))
    return ArrayEngine("onnxruntime", networks.providers, networks)


class OnnxNetworks(NetworksByName):
    """The three graphs of a model in onnxruntime, as `Networks` for an `ArrayEngine`.

    Args:
        model: The model.
        threads: Number of threads of one call; None is one for each core that the process may use.
        providers: Names of `PROVIDERS`, in order of preference.

    Attributes:
        providers: Those of them that did load.

    Raises:
        ModelError: A graph is not one of the cascade's networks.
        RuntimeError: The system cannot start the threads; the message has the number that it did
            start. Or a provider does not load, and "cpu" is not named after it.
    """

    def __init__(self, model: Model, threads: int | None, providers: list[str]) -> None:
        self._model, self.providers = model, providers
        self._threads = threads or usable_cores()
        self._closed = False
        self._abandoned = False
        self._sessions = self._open()
        self.providers = _loaded(providers, list(self._sessions.values()))
        _check_geometry(model.networks["pnet"], self._sessions["pnet"], self.providers)
        abandon_after_fork(self)

    def close(self) -> None:
        """Drops the sessions, which end their threads after the calls that are under way."""
        self._closed = True
        self._sessions = {}

    def abandon(self) -> None:
        """Gives up the sessions in a forked process; the next call opens others."""
        keep_forever(self._sessions)
        self._sessions = {}
        self._abandoned = True

    def run(self, name: str, batch: Float32) -> Float32:
        """Runs a network; see `NetworksByName.run`.

        Raises:
            RuntimeError: The networks are closed.
        """
        if self._abandoned:
            self._begin_anew()
        session = self._sessions.get(name)
        if session is None or self._closed:
            raise RuntimeError("the detector is closed")
        with GATE.passing():
            output: Float32 = session.run(None, {session.get_inputs()[0].name: batch})[0]
        return output

    def _open(self) -> dict[str, onnxruntime.InferenceSession]:
        networks = self._model.all_networks
        check_threads(len(networks) * (self._threads - 1), self._threads)
        options = session_options(self._threads)
        return {
            name: _open(network, name, options, self.providers)
            for name, network in networks.items()
        }

    def _begin_anew(self) -> None:
        """Opens sessions for a forked process, which does not have its parent's threads."""
        with GATE.opening:
            if self._abandoned and not self._closed:
                self._sessions = self._open()
            self._abandoned = False


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


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """Returns the options of a session on so many threads, for images of any sizes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait in a busy loop take the cores from the other half of the program, and from
    # other programs: with one other busy process the detection takes three times as long.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Levels have many shapes: onnxruntime would keep a memory plan for each, and free none.
    options.enable_mem_pattern = False
    return options


def _open(
    network: Network, name: str, options: onnxruntime.SessionOptions, providers: list[str]
) -> onnxruntime.InferenceSession:
    try:
        session = _session(network, options, providers)
    except Exception as error:  # onnxruntime's own classes share no narrower base
        session = _session_on_cpu(network, options, providers)
        if session is None:
            message = f"{network.path}: onnxruntime cannot load it: {one_line(error)}"
            raise ModelError(message) from error
    expected = NETWORKS["onet" if name in EXTRA_NETWORKS else name]
    _check_tensor(network, "input", session.get_inputs(), expected.input)
    _check_tensor(network, "output", session.get_outputs(), expected.output)
    return session


def _session(
    network: Network, options: onnxruntime.SessionOptions, providers: list[str]
) -> onnxruntime.InferenceSession:
    full_names = [PROVIDERS[name] for name in providers]
    # onnxruntime's own fallback prints to standard output and goes unnoticed otherwise.
    return onnxruntime.InferenceSession(
        network.content, options, providers=full_names, enable_fallback=0
    )


def _session_on_cpu(
    network: Network, options: onnxruntime.SessionOptions, providers: list[str]
) -> onnxruntime.InferenceSession | None:
    """Returns a session if it is the provider that fails, which `_loaded` reports; else None."""
    if providers == ["cpu"]:
        return None
    try:
        return _session(network, options, ["cpu"])
    except Exception:  # the graph is at fault, whose error the caller has
        return None


def _loaded(providers: list[str], sessions: Sequence[onnxruntime.InferenceSession]) -> list[str]:
    """Returns the providers that the sessions got.

    A provider may be built into onnxruntime and yet not load: its libraries, or the hardware, are
    missing. onnxruntime then runs the networks on the CPU.

    Raises:
        RuntimeError: One did not load, and "cpu" does not come after it.
    """
    loaded = [
        name
        for name in providers
        if all(PROVIDERS[name] in session.get_providers() for session in sessions)
    ]
    for place, name in enumerate(providers):
        if name in loaded:
            continue
        if "cpu" not in providers[place + 1 :]:
            raise RuntimeError(
                f"providers: {name!r} does not load: its libraries or its hardware are missing, or "
                f"do not fit onnxruntime {onnxruntime.__version__}; ['{name}', 'cpu'] would run on "
                "the CPU then"
            )
        warnings.warn(
            f"providers: {name!r} does not load; the networks run on {', '.join(loaded)}",
            RuntimeWarning,
            stacklevel=2,
        )
    return loaded


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


def _check_geometry(
    network: Network, session: onnxruntime.InferenceSession, providers: list[str]
) -> None:
    """Raises ModelError for a P-Net whose cells are elsewhere than those of the cascade.

    Its boxes would be wrong without a word: the shape that a graph states leaves rows and columns
    open. It runs on the CPU if it can: other providers may compile it anew for each size.
    """
    tried = _session_on_cpu(network, session_options(1), providers) or session
    for height, width in TRIED_SIZES:
        cells = tuple((side - CELL) // STRIDE + 1 for side in (height, width))
        wanted = (1, OUTPUT_SIZES["pnet"], *cells)
        try:
            found = _shape_for(tried, height, width)
        except Exception as error:  # onnxruntime's own classes share no narrower base
            reason = f"onnxruntime cannot run it on {height} x {width} pixels: {one_line(error)}"
            raise ModelError(f"{network.path}: {reason}") from error
        if found != wanted:
            raise ModelError(
                f"{network.path}: expected a network of {CELL} x {CELL} pixels and stride {STRIDE} "
                f"that pads nothing, whose output for {height} x {width} pixels has the shape "
                f"{_text(wanted)}; it has {_text(found)}"
            )


def _shape_for(
    session: onnxruntime.InferenceSession, height: int, width: int
) -> tuple[int | None, ...]:
    """Returns the shape of a network's output for an image of this size."""
    pixels = np.zeros((1, 3, height, width), np.float32)
    with GATE.passing():
        [output] = session.run(None, {session.get_inputs()[0].name: pixels})
    return tuple(output.shape)


def _text(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("any" if side is None else str(side) for side in shape) + ")"

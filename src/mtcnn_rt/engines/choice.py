"""Chooses the engine that runs a model."""

from __future__ import annotations

from collections.abc import Sequence

from mtcnn_rt._cores import usable_cores
from mtcnn_rt._defaults import ENGINES, PRECISIONS
from mtcnn_rt._log import LOG
from mtcnn_rt._packages import needs
from mtcnn_rt.engines import Engine
from mtcnn_rt.model import Model


def open_engine(
    name: str,
    model: Model,
    threads: int | None,
    providers: Sequence[str] | None,
    precision: str = "float32",
) -> Engine:
    """Opens the engine of this name for a model.

    Args:
        name: One of `ENGINES`; "auto" is the native engine where it can run the model on the CPU,
            and onnxruntime elsewhere.
        model: The model.
        threads: Number of threads of one call; None is one for each core that the process may use.
        providers: Providers in order of preference; None is the CPU. One that is there twice counts
            once.
        precision: Number type of the native engine's P-Net, one of `PRECISIONS`.

    Raises:
        ValueError: The name, the precision or a provider is unknown, or the engine does not have
            it.
        TypeError: `providers` is a string.
        ModelError: The engine cannot run the model.
        MissingPackageError: onnxruntime is missing.
    """
    if name not in ENGINES:
        raise ValueError(f"engine: expected one of {', '.join(ENGINES)}, not {name!r}")
    if precision not in PRECISIONS:
        raise ValueError(f"precision: expected one of {', '.join(PRECISIONS)}, not {precision!r}")
    if isinstance(providers, (list, tuple)):
        providers = [one for place, one in enumerate(providers) if one not in providers[:place]]
    on_cpu = providers in (None, ["cpu"])
    if name == "native" and not on_cpu:
        raise ValueError(f"engine: 'native' runs only on the CPU, not on {providers!r}")
    if name == "native" or (name == "auto" and on_cpu and _has_weights(model)):
        from mtcnn_rt.engines.native import NativeEngine

        native = NativeEngine(model, threads, precision)
        _log("native", f"instruction set {native.instruction_set}, {precision}", threads)
        return native
    if precision != "float32":
        raise ValueError(f"precision: only the native engine has {precision!r}")
    with needs("the engine 'onnxruntime'"):
        from mtcnn_rt.engines.onnx import onnx_engine  # loads onnxruntime, which takes long

    engine = onnx_engine(model, threads, providers)
    why = "" if name != "auto" or not on_cpu else ", since the model has no plain weights"
    _log("onnxruntime", f"on {', '.join(engine.providers)}{why}", threads)
    return engine


def _log(name: str, how: str, threads: int | None) -> None:
    LOG.info("engine %s: %s, threads: %d", name, how, threads or usable_cores())


def _has_weights(model: Model) -> bool:
    """Returns true if all networks have plain weights, which the native engine needs."""
    return all(network.layers is not None for network in model.all_networks.values())

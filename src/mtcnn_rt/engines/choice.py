"""Which engine runs a model."""

from __future__ import annotations

from collections.abc import Sequence

from mtcnn_rt._defaults import ENGINES, PRECISIONS
from mtcnn_rt.engines import Engine
from mtcnn_rt.model import Model


def open_engine(
    name: str,
    model: Model,
    threads: int | None,
    providers: Sequence[str] | None,
    precision: str = "float32",
) -> Engine:
    """The engine of this name; "auto" is the native one where it runs the model on the CPU.

    precision: of the native engine's P-Net.
    Raises ValueError for another name or precision, or providers that the native engine does not
    have, or integers where it does not run, and what the engine raises."""
    if name not in ENGINES:
        raise ValueError(f"engine: expected one of {', '.join(ENGINES)}, not {name!r}")
    if precision not in PRECISIONS:
        raise ValueError(f"precision: expected one of {', '.join(PRECISIONS)}, not {precision!r}")
    on_cpu = providers in (None, ["cpu"], ("cpu",))
    if name == "native" and not on_cpu:
        raise ValueError(f"engine: 'native' runs on the CPU alone, not on {providers!r}")
    if name == "native" or (name == "auto" and on_cpu and _has_weights(model)):
        from mtcnn_rt.engines.native import NativeEngine

        return NativeEngine(model, threads, precision)
    if precision != "float32":
        raise ValueError(f"precision: {precision!r} is the native engine's alone")
    from mtcnn_rt.engines.onnx import onnx_engine  # loads onnxruntime, which takes its time

    return onnx_engine(model, threads, providers)


def _has_weights(model: Model) -> bool:
    return all(network.layers is not None for network in model.networks.values())

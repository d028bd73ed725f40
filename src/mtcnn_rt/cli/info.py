"""`mtcnn-rt info`: prints what is installed and in use."""

from __future__ import annotations

import json
import platform
from typing import Any

import click

from mtcnn_rt._defaults import DEFAULT_MODEL


@click.command
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option(
    "--model",
    metavar="NAME|FOLDER",
    help="Name of a model in the package, or a model folder, to describe.  "
    f"[default: {DEFAULT_MODEL}]",
)
def command(as_json: bool, model: str | None) -> None:
    """Print the versions, the instruction set, the engine, the providers and the model.

    The environment variable MTCNN_RT_ISA forces one of the instruction sets.
    """
    facts = _facts(model)
    click.echo(json.dumps(facts, indent=2) if as_json else _text(facts))


def _facts(folder: str | None) -> dict[str, Any]:
    from mtcnn_rt import LANDMARKS, _native
    from mtcnn_rt._model_entries import describe_score
    from mtcnn_rt.engines.choice import open_engine
    from mtcnn_rt.engines.onnx import available_providers
    from mtcnn_rt.model import load_model, packaged_models

    model = load_model(folder)
    engine = open_engine("auto", model, threads=1, providers=None)
    return {
        "versions": _versions(),
        "instruction_set": _native.isa(),
        "instruction_sets": _native.isas(),
        "engine": engine.name,
        "providers": available_providers(),
        "model": {
            "name": model.name,
            "license": model.license,
            "source": model.source,
            "folder": str(model.path),
            "presets": {name: list(values) for name, values in model.presets.items()},
            "score": None if model.score is None else describe_score(model.score),
            "nms_after_calibration": model.nms_after_calibration,
            "nms_output": model.nms_output,
            "sha256": {name: network.sha256 for name, network in model.networks.items()},
        },
        "models": packaged_models(),
        "landmarks": list(LANDMARKS),
    }


def _versions() -> dict[str, str]:
    import av
    import cv2
    import numpy as np
    import onnxruntime

    import mtcnn_rt

    return {
        "mtcnn-rt": mtcnn_rt.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "onnxruntime": onnxruntime.__version__,
        "av": av.__version__,
    }


def _text(facts: dict[str, Any]) -> str:
    model = facts["model"]
    sets = ", ".join(facts["instruction_sets"])
    rows = [
        *facts["versions"].items(),
        ("", ""),
        ("instruction set", f"{facts['instruction_set']}, of {sets}; MTCNN_RT_ISA forces one"),
        ("engine", f"{facts['engine']}, on a CPU; --engine chooses another one"),
        ("providers", f"{', '.join(facts['providers'])}; of onnxruntime"),
        ("", ""),
        ("models", f"{', '.join(facts['models'])}; --model chooses one"),
        ("model", model["name"]),
        ("license", model["license"]),
        ("source", model["source"]),
        ("folder", model["folder"]),
        *((f"preset {name}", _numbers(values)) for name, values in model["presets"].items()),
        ("score", _score(model["score"])),
        ("R-Net's NMS", _refined_nms(model["nms_after_calibration"])),
        ("O-Net's NMS", _output_nms(model["nms_output"])),
        *((f"sha256 {name}", digest) for name, digest in model["sha256"].items()),
        ("landmarks", ", ".join(facts["landmarks"])),
    ]
    return "\n".join(f"{label:17}{text}".rstrip() for label, text in rows)


def _score(score: dict[str, Any] | None) -> str:
    if score is None:
        return "probability of O-Net"
    text = f"weights {_numbers(score['weights'])} of P-Net, R-Net, O-Net, bias {score['bias']:g}"
    if "onet_alone" in score:
        text += "; O-Net alone: weight {:g}, bias {:g}".format(*score["onet_alone"])
    return text


def _refined_nms(overlap: float | None) -> str:
    if overlap is None:
        return "before calibration, IoU 0.7"
    return f"after calibration, IoU {overlap:g}"


def _output_nms(overlap: float | None) -> str:
    return "0.7 of the smaller box" if overlap is None else f"IoU {overlap:g}"


def _numbers(values: list[float]) -> str:
    return " ".join(f"{value:g}" for value in values)

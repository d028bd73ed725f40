"""`mtcnn-rt info`: prints what is installed and in use."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt._defaults import DEFAULT_MODEL
from mtcnn_rt.cli.config import NAME as CONFIG
from mtcnn_rt.cli.messages import printable
from mtcnn_rt.cli.shared_options import used_config

if TYPE_CHECKING:
    from mtcnn_rt.model import Model


@click.command
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option(
    "--model",
    metavar="NAME|FOLDER",
    help="Name of a model in the package, or a model folder, to describe.  "
    f"[default: {DEFAULT_MODEL}]",
)
def command(as_json: bool, model: str | None) -> None:
    """Print the versions, the engine, the model and the packages.

    The instruction set in use and the providers are there, too. Packages that are missing are
    listed with what they would bring, and how to install them.

    The environment variable MTCNN_RT_ISA forces one of the instruction sets.
    """
    facts = _facts(model)
    click.echo(json.dumps(facts, indent=2) if as_json else _text(facts))


def _facts(folder: str | None) -> dict[str, Any]:
    from mtcnn_rt import LANDMARKS, _native
    from mtcnn_rt._model_entries import describe_score
    from mtcnn_rt.model import load_model, packaged_models

    model = load_model(folder)
    config = used_config()
    packages = _packages()
    return {
        "versions": _versions(packages),
        "packages": packages,
        "instruction_set": _native.isa(),
        "instruction_sets": _native.isas(),
        "engine": _engine(model),
        "providers": _providers(),
        "model": {
            "name": model.name,
            "license": model.license,
            "source": model.source,
            "folder": str(model.path),
            "presets": {name: list(values) for name, values in model.presets.items()},
            "score": None if model.score is None else describe_score(model.score),
            "nms_after_calibration": model.nms_after_calibration,
            "nms_output": model.nms_output,
            "sure_score": model.sure_score,
            "cnet_crop": None if model.cnet is None else model.cnet_crop,
            "lnet_crop": None if model.lnet is None else model.lnet_crop,
            "sha256": {name: network.sha256 for name, network in model.all_networks.items()},
        },
        "models": packaged_models(),
        "landmarks": list(LANDMARKS),
        "config": None if config is None else str(config.path.absolute()),
    }


def _engine(model: Model) -> str | None:
    """Returns the name of the engine that runs a model; None if its package is missing."""
    from mtcnn_rt.engines.choice import open_engine

    try:
        return open_engine("auto", model, threads=1, providers=None).name
    except ImportError:
        return None


def _providers() -> list[str]:
    try:
        from mtcnn_rt.engines.onnx import available_providers
    except ImportError:
        return []
    return available_providers()


def _packages() -> dict[str, dict[str, Any]]:
    """Returns what is known of each package that a part of this one uses, by its name."""
    from mtcnn_rt._packages import PACKAGES, problem_of

    return {
        package.name: {
            "module": package.module,
            "installed": package.installed,
            "use": package.use,
            "problem": problem_of(package),
        }
        for package in PACKAGES
    }


def _versions(packages: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
    """Returns the versions of what the default installation has; None for what is missing."""
    import sys

    import numpy as np

    import mtcnn_rt

    versions: dict[str, str | None] = {
        "mtcnn-rt": mtcnn_rt.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    for name, key in (("OpenCV", "opencv"), ("onnxruntime", "onnxruntime"), ("PyAV", "av")):
        usable = not packages[name]["problem"]
        loaded = sys.modules.get(packages[name]["module"])
        versions[key] = getattr(loaded, "__version__", None) if usable else None
    return versions


def _text(facts: dict[str, Any]) -> str:
    model = facts["model"]
    sets = ", ".join(facts["instruction_sets"])
    rows = [
        *((name, version or "missing") for name, version in facts["versions"].items()),
        ("", ""),
        ("instruction set", f"{facts['instruction_set']}, of {sets}; MTCNN_RT_ISA forces one"),
        ("engine", f"{facts['engine'] or 'none'}, on a CPU; --engine chooses another one"),
        ("providers", f"{', '.join(facts['providers']) or 'none'}; of onnxruntime"),
        ("", ""),
        ("models", f"{', '.join(facts['models'])}; --model chooses one"),
        ("model", model["name"]),
        ("license", model["license"]),
        ("source", model["source"]),
        ("folder", model["folder"]),
        *((f"preset {name}", _numbers(values)) for name, values in model["presets"].items()),
        ("score", _score(model["score"])),
        ("R-Net's NMS", _refined_nms(model["nms_after_calibration"])),
        ("O-Net sees", _output_squares(model["sure_score"])),
        ("O-Net's NMS", _output_nms(model["nms_output"])),
        ("unsure faces", _context_of(model["cnet_crop"])),
        ("landmarks of", _landmarks_of(model["lnet_crop"])),
        *((f"sha256 {name}", digest) for name, digest in model["sha256"].items()),
        ("landmarks", ", ".join(facts["landmarks"])),
        ("config", facts["config"] or f"none; {CONFIG} in the current folder, or --config"),
        ("", ""),
        *((name, _package(entry)) for name, entry in facts["packages"].items()),
    ]
    return "\n".join(f"{label:17}{printable(text)}".rstrip() for label, text in rows)


def _package(entry: dict[str, Any]) -> str:
    if not entry["problem"]:
        return f"{', '.join(entry['installed']) or 'installed'}; {entry['use']}"
    return f"missing; {entry['use']}. {entry['problem']}"


def _context_of(cnet_crop: float | None) -> str:
    if cnet_crop is None:
        return "scored by the networks of the paper"
    return f"seen by C-Net, on a crop of {cnet_crop:g} times the square about a face"


def _landmarks_of(lnet_crop: float | None) -> str:
    if lnet_crop is None:
        return "O-Net"
    return f"L-Net, on a crop of {lnet_crop:g} times the square about a face"


def _output_squares(sure_score: float | None) -> str:
    if sure_score is None:
        return "all squares of R-Net"
    return f"the best square of a face first, the others below a score of {sure_score:g}"


def _score(score: dict[str, Any] | None) -> str:
    if score is None:
        return "probability of O-Net"
    text = f"weights {_numbers(score['weights'])} of P-Net, R-Net, O-Net, bias {score['bias']:g}"
    if "context" in score:
        text += f"; with C-Net: weights {_numbers(score['context'][:4])}"
        text += f", bias {score['context'][4]:g}"
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

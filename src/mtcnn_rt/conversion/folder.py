"""Writes model folders."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from mtcnn_rt._defaults import THRESHOLDS
from mtcnn_rt._files.finished import finished_folder, naming
from mtcnn_rt._files.paths import path_of
from mtcnn_rt._layers import (
    EXTRA_NETWORKS,
    INPUT_SIZES,
    KERNELS,
    FeatureStatistics,
    Layer,
    as_bytes,
    describe_statistics,
    read_statistics,
)
from mtcnn_rt._model_entries import (
    FRACTIONS,
    describe_presets,
    describe_score,
    read_crop,
    read_fraction,
    read_offset,
    read_presets,
    read_score,
    read_thresholds,
)
from mtcnn_rt.conversion.checks import check_layers
from mtcnn_rt.conversion.graphs import GRAPHS
from mtcnn_rt.faces import LANDMARKS
from mtcnn_rt.model import FORMAT, Model


def write_model_folder(
    folder: str | os.PathLike[str],
    layers: Mapping[str, Sequence[Layer]],
    *,
    name: str,
    license: str,
    source: str,
    box_offset: float = 0.0,
    thresholds: Sequence[float] = THRESHOLDS,
    statistics: FeatureStatistics | None = None,
    score: Mapping[str, Any] | None = None,
    presets: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
    nms_after_calibration: float | None = None,
    nms_output: float | None = None,
    sure_score: float | None = None,
    cnet_crop: float = 1.0,
    lnet_crop: float = 1.0,
    overwrite: bool = False,
) -> None:
    """Writes a folder that `MTCNN(model=folder)` takes: graphs, plain weights and model.json.

    The folder is complete or absent.

    Args:
        folder: The folder to write.
        layers: Layers of each network, keys as in `KERNELS`. If they are there, "cnet" and
            "lnet", O-Net's layers with other weights, score unsure faces and place the landmarks.
        name: Name of the model, for people.
        license: License of the weights, for people.
        source: Origin of the weights, for people.
        box_offset: Pixels to add to every side of a box, if the networks' training was off; -100 to
            100.
        thresholds: Thresholds that the networks were made for.
        statistics: Statistics of P-Net's features; without them it is slower and does not run in
            integers.
        score: Model of the score, as the entry of model.json: `weights` of P-Net's, R-Net's and
            O-Net's logit, `bias`; `onet_alone`, weight and bias where O-Net runs alone; and
            `context`, the weights of all four logits and the bias where C-Net runs, which needs it.
            None: the score is O-Net's probability.
        presets: Thresholds by the name of the preset, "fast", "balanced" or "thorough", as the
            entry of model.json: `{"fast": {"thresholds": [0.7, 0.8, 0.8]}}`. Without "balanced",
            that is `thresholds`.
        nms_after_calibration: IoU of the NMS of R-Net's calibrated boxes, 0 to 1; None: it comes
            before their calibration, with IoU 0.7.
        nms_output: IoU of the last NMS, of O-Net's boxes, 0 to 1; None: 0.7 of the smaller box.
        sure_score: Score from which O-Net need not see the other squares of a face, 0 to 1; None:
            it sees all.
        cnet_crop: Side of C-Net's crop over that of the square about a face, 0.5 to 2.
        lnet_crop: Side of L-Net's crop, in the same way.
        overwrite: Whether to replace a folder that holds only a model.

    Raises:
        ValueError: The layers of a network are missing, or not its own, see `check_layers`; or
            another value is none that `load_model` takes.
        FileExistsError: The folder exists, and `overwrite` is false or it holds other files.
    """
    _require_networks(layers)
    if "cnet" in layers and (score or {}).get("context") is None:
        raise ValueError("score: C-Net needs the entry 'context'")
    crops = {"cnet": cnet_crop, "lnet": lnet_crop}
    extra = [name for name in EXTRA_NETWORKS if name in layers]
    files: dict[str, bytes] = {}
    networks = {name: _described_network(name, layers[name], files) for name in [*KERNELS, *extra]}
    if statistics is not None:
        described = describe_statistics(statistics)
        read_statistics(described)
        networks["pnet"]["weights"]["statistics"] = described
    fractions = {
        "nms_after_calibration": nms_after_calibration,
        "nms_output": nms_output,
        "sure_score": sure_score,
    }
    description: dict[str, Any] = {
        "format": FORMAT,
        "name": name,
        "license": license,
        "source": source,
        "thresholds": list(read_thresholds("thresholds", list(thresholds))),
        **_describe_settings(score, presets, fractions),
        **{f"{name}_crop": read_crop(f"{name}_crop", crops[name]) for name in extra},
        "box_offset": read_offset(box_offset),
        "landmarks": list(LANDMARKS),
        "networks": networks,
    }
    path = path_of(folder, written=True)
    with finished_folder(path, overwrite) as temporary, naming(path):
        for file, content in files.items():
            (temporary / file).write_bytes(content)
        text = json.dumps(description, indent=2) + "\n"
        (temporary / "model.json").write_text(text, encoding="utf-8")


def _require_networks(layers: Mapping[str, Sequence[Layer]]) -> None:
    """Raises ValueError if a network of the paper has no layers."""
    missing = [name for name in KERNELS if name not in layers]
    if missing:
        given = ", ".join(map(repr, layers)) or "none"
        wanted = f"{', '.join(KERNELS)}, and {' and '.join(EXTRA_NETWORKS)} if the model has them"
        raise ValueError(f"layers: {', '.join(missing)} missing: expected {wanted}, not {given}")


def _described_network(
    name: str, layers: Sequence[Layer], files: dict[str, bytes]
) -> dict[str, Any]:
    """Returns the entry of a network in model.json, and adds its files to the others.

    Raises:
        ValueError: The layers are not those of the network.
    """
    architecture = "onet" if name in EXTRA_NETWORKS else name
    check_layers(architecture, layers)
    graph, weights = GRAPHS[architecture](layers), as_bytes(layers)
    files |= {f"{name}.onnx": graph, f"{name}.npy": weights}
    return {
        "file": f"{name}.onnx",
        "sha256": _sha256(graph),
        "input_size": INPUT_SIZES[name],
        "weights": {
            "file": f"{name}.npy",
            "sha256": _sha256(weights),
            "graph": _sha256(graph),
        },
    }


def texts_of(model: Model) -> dict[str, Any]:
    """Returns the arguments of `write_model_folder` that write a model's texts again."""
    return {"name": model.name, "license": model.license, "source": model.source}


def settings_of(model: Model) -> dict[str, Any]:
    """Returns the arguments of `write_model_folder` that write a model's settings again.

    They are all but the folder, the layers and the texts; those that are None are left out.
    """
    score = model.score
    settings = {
        "thresholds": list(model.thresholds),
        "presets": describe_presets(model.presets),
        "score": None if score is None else describe_score(score),
        **{name: getattr(model, name) for name in FRACTIONS},
        **{f"{name}_crop": getattr(model, f"{name}_crop") for name in model.extra_networks},
        "box_offset": model.box_offset,
        "statistics": model.networks["pnet"].statistics,
    }
    return {name: value for name, value in settings.items() if value is not None}


def _describe_settings(
    score: Mapping[str, Any] | None,
    presets: Mapping[str, Any] | None,
    fractions: Mapping[str, float | None],
) -> dict[str, Any]:
    """Returns the optional entries that configure the cascade; raises ValueError for wrong ones."""
    described: dict[str, Any] = {}
    if presets is not None:
        described["presets"] = describe_presets(read_presets(presets))
    if score is not None:
        described["score"] = describe_score(read_score(score))
    read = {name: read_fraction(name, fraction) for name, fraction in fractions.items()}
    return described | {name: fraction for name, fraction in read.items() if fraction is not None}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

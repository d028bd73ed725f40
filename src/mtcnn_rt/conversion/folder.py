"""Writes model folders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mtcnn_rt._defaults import THRESHOLDS
from mtcnn_rt._files import finished_folder
from mtcnn_rt._layers import (
    INPUT_SIZES,
    KERNELS,
    FeatureStatistics,
    Layer,
    as_bytes,
    describe_statistics,
)
from mtcnn_rt.conversion.checks import check_layers
from mtcnn_rt.conversion.graphs import GRAPHS
from mtcnn_rt.faces import LANDMARKS
from mtcnn_rt.model import FORMAT


def write_model_folder(
    folder: Path,
    layers: Mapping[str, Sequence[Layer]],
    *,
    name: str,
    license: str,
    source: str,
    box_offset: float = 0.0,
    thresholds: Sequence[float] = THRESHOLDS,
    statistics: FeatureStatistics | None = None,
    score: tuple[Sequence[float], float] | None = None,
    presets: Mapping[str, Sequence[float]] | None = None,
    overwrite: bool = False,
) -> None:
    """Writes a folder that `MTCNN(model=folder)` takes: graphs, plain weights and model.json.

    The folder is complete or absent.

    Args:
        folder: The folder to write.
        layers: Layers of each network, keys as in `KERNELS`.
        name: Name of the model, for people.
        license: License of the weights, for people.
        source: Origin of the weights, for people.
        box_offset: Pixels to add to every side of a box, if the networks' training was off.
        thresholds: Thresholds that the networks were made for.
        statistics: Statistics of P-Net's features; without them it is slower and does not run in
            integers.
        score: Weights of the logits of P-Net, R-Net and O-Net, and the bias, of the score of a face
            (`training.score`); None: O-Net's probability is the score.
        presets: Thresholds of the three networks by the names of the presets; None: none.
        overwrite: Whether to replace a folder that holds only a model.

    Raises:
        ValueError: The layers are not those of the networks, see `check_layers`, or the score or a
            preset has not three numbers.
        FileExistsError: The folder exists, and `overwrite` is false or it holds other files.
    """
    files: dict[str, bytes] = {}
    networks: dict[str, dict[str, Any]] = {}
    for network in KERNELS:
        check_layers(network, layers[network])
        graph, weights = GRAPHS[network](layers[network]), as_bytes(layers[network])
        files |= {f"{network}.onnx": graph, f"{network}.npy": weights}
        networks[network] = {
            "file": f"{network}.onnx",
            "sha256": _sha256(graph),
            "input_size": INPUT_SIZES[network],
            "weights": {
                "file": f"{network}.npy",
                "sha256": _sha256(weights),
                "graph": _sha256(graph),
            },
        }
    if statistics is not None:
        networks["pnet"]["weights"]["statistics"] = describe_statistics(statistics)
    description: dict[str, Any] = {
        "format": FORMAT,
        "name": name,
        "license": license,
        "source": source,
        "thresholds": list(thresholds),
        "box_offset": box_offset,
        "landmarks": list(LANDMARKS),
        "networks": networks,
    }
    if score is not None:
        description["score"] = {"weights": _three("score", score[0]), "bias": float(score[1])}
    if presets is not None:
        description["presets"] = {
            preset: {"thresholds": _three(f"preset {preset}", values)}
            for preset, values in presets.items()
        }
    with finished_folder(folder, overwrite) as temporary:
        for file, content in files.items():
            (temporary / file).write_bytes(content)
        (temporary / "model.json").write_text(_json(description), encoding="utf-8")


def _three(name: str, values: Sequence[float]) -> list[float]:
    """Returns the numbers of the three networks. Raises ValueError for any other count."""
    if len(values) != 3:
        raise ValueError(f"{name}: expected three numbers, one a network, not {len(values)}")
    return [float(value) for value in values]


def _json(description: Mapping[str, Any]) -> str:
    return json.dumps(description, indent=2) + "\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

"""Writes model folders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mtcnn_rt._defaults import THRESHOLDS
from mtcnn_rt._files import finished_folder, naming
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
        overwrite: Whether to replace a folder that holds only a model.

    Raises:
        ValueError: The layers are not those of the networks, see `check_layers`.
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
    description = {
        "format": FORMAT,
        "name": name,
        "license": license,
        "source": source,
        "thresholds": list(thresholds),
        "box_offset": box_offset,
        "landmarks": list(LANDMARKS),
        "networks": networks,
    }
    with finished_folder(folder, overwrite) as temporary, naming(folder):
        for file, content in files.items():
            (temporary / file).write_bytes(content)
        (temporary / "model.json").write_text(_json(description), encoding="utf-8")


def _json(description: Mapping[str, Any]) -> str:
    return json.dumps(description, indent=2) + "\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

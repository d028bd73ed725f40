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
    overwrite: bool = False,
) -> None:
    """Writes a folder that `MTCNN(model=folder)` takes: graphs, plain weights and model.json. It is
    complete, or it is not there.

    layers: of each network, keys as in `KERNELS`. name, license, source: texts for people.
    box_offset: pixels to add to every side of a box, where the networks' training was off.
    thresholds: those that the networks were made for.
    statistics: of P-Net's features, without which it is slower and does not run in integers.

    Raises what `check_layers` raises; FileExistsError where the folder exists, unless `overwrite`
    is true and it holds nothing but a model."""
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
    with finished_folder(folder, overwrite) as temporary:
        for file, content in files.items():
            (temporary / file).write_bytes(content)
        (temporary / "model.json").write_text(_json(description), encoding="utf-8")


def _json(description: Mapping[str, Any]) -> str:
    return json.dumps(description, indent=2) + "\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

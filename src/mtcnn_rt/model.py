"""Reads model folders.

A model folder has model.json, which describes it; for each network a graph, such as pnet.onnx; and,
where it is the paper's network, its plain weights, such as pnet.npy.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtcnn_rt._layers import (
    INPUT_SIZES,
    OUTPUT_SIZES,
    FeatureStatistics,
    Layer,
    read_layers,
    read_statistics,
)
from mtcnn_rt.faces import LANDMARKS

FORMAT = 1
"""Version of the format of model.json."""

PUBLISHED = Path(__file__).parent / "model"
"""The model folder in the package: the weights published by the paper's authors."""


class ModelError(ValueError):
    """A model folder cannot be used; the message names the file and the fault."""


@dataclass(frozen=True)
class NetworkShape:
    """The shapes of a network's one input and one output; None is any size.

    Attributes:
        input: Shape of planar RGB, 0 to 255, float32.
        output: Shape of the face logit, the box regression x1 y1 x2 y2 and (O-Net) the landmarks
            x1 y1 ... x5 y5.
    """

    input: tuple[int | None, ...]
    output: tuple[int | None, ...]


NETWORKS = {
    "pnet": NetworkShape((1, 3, None, None), (1, OUTPUT_SIZES["pnet"], None, None)),
    **{
        name: NetworkShape(
            (None, 3, INPUT_SIZES[name], INPUT_SIZES[name]), (None, OUTPUT_SIZES[name])
        )
        for name in ("rnet", "onet")
    },
}
"""Shapes of the three networks, in the order in which they run."""


@dataclass(frozen=True)
class Network:
    """One network of a model.

    Attributes:
        path: Path of its graph.
        content: Content of the graph's file (ONNX).
        sha256: SHA-256 of the content.
        layers: Its plain weights, where the folder has them: then it is the paper's network.
        statistics: Statistics of P-Net's features with these weights, where the folder has them.
    """

    path: Path
    content: bytes
    sha256: str
    layers: tuple[Layer, ...] | None
    statistics: FeatureStatistics | None = None


@dataclass(frozen=True)
class Model:
    """The content of a model folder.

    Attributes:
        path: Path of the folder.
        name: Name of the weights.
        license: License of the weights.
        source: Origin of the weights.
        thresholds: The thresholds that the networks were published with.
        box_offset: Pixels to add to every side of a box, which correct an offset in the networks'
            training.
        networks: The networks, with the keys of `NETWORKS`.
    """

    path: Path
    name: str
    license: str
    source: str
    thresholds: tuple[float, ...]
    box_offset: float
    networks: dict[str, Network]


def load_model(folder: str | os.PathLike[str] | None = None) -> Model:
    """Reads and checks a model folder.

    The engine that runs the graphs checks the graphs themselves.

    Args:
        folder: Path of the folder; None is the published weights of the package.

    Raises:
        ModelError: A file is missing, model.json is broken, or a digest is wrong.
        TypeError: `folder` is not a path.

    Example:
        >>> from mtcnn_rt.model import load_model
        >>> model = load_model()
        >>> model.name, model.license, list(model.networks)
        ('published', 'MIT', ['pnet', 'rnet', 'onet'])
    """
    if not isinstance(folder, (str, os.PathLike, type(None))):
        raise TypeError(f"model: expected the path of a folder, not {folder!r}")
    path = PUBLISHED if folder is None else Path(folder)
    described = _read_description(path / "model.json")
    try:
        networks = {name: described["networks"][name] for name in NETWORKS}
        return Model(
            path=path,
            name=str(described["name"]),
            # Folders that were written before version 0.2 have the British spelling.
            license=str(described["licence" if "licence" in described else "license"]),
            source=str(described["source"]),
            thresholds=tuple(float(threshold) for threshold in described["thresholds"]),
            box_offset=float(described["box_offset"]),
            networks={name: _read_network(path, name, entry) for name, entry in networks.items()},
        )
    except ModelError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path / 'model.json'}: missing or wrong entry: {error}") from error


def files_of(folder: Path) -> list[Path]:
    """Returns the files of a model folder that `load_model` may read, whether or not they exist.

    A folder that is no model, or is missing, has no more than its own files.
    """
    try:
        found = {path for path in folder.iterdir() if path.is_file()}
    except OSError:
        return []
    try:
        networks = _read_description(folder / "model.json")["networks"].values()
        for entry in networks:
            found |= {folder / str(part["file"]) for part in (entry, entry.get("weights", entry))}
    except (ModelError, KeyError, TypeError, AttributeError):  # `load_model` explains what is wrong
        pass
    return sorted(found)


def _read_description(path: Path) -> dict[str, Any]:
    content = _read(path)
    try:
        described = json.loads(content)
    except ValueError as error:
        raise ModelError(f"{path}: not JSON: {error}") from error
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        raise ModelError(f"{path}: not a model description of format {FORMAT}")
    if described.get("landmarks") != list(LANDMARKS):
        raise ModelError(f"{path}: landmarks are not {', '.join(LANDMARKS)}")
    return described


def _read_network(folder: Path, name: str, entry: Mapping[str, Any]) -> Network:
    path, sha256 = folder / str(entry["file"]), str(entry["sha256"])
    content = _read_checked(path, sha256)
    layers = _read_weights(folder, name, entry)
    described = None if layers is None else entry["weights"].get("statistics")
    statistics = None if described is None else read_statistics(described)
    return Network(path, content, sha256, layers, statistics)


def _read_weights(folder: Path, name: str, entry: Mapping[str, Any]) -> tuple[Layer, ...] | None:
    """Returns the plain weights; None if there are none, or if they belong to another graph."""
    weights = entry.get("weights")
    if weights is None or weights["graph"] != entry["sha256"]:
        return None
    path = folder / str(weights["file"])
    content = _read_checked(path, str(weights["sha256"]))
    try:
        return tuple(read_layers(name, content))
    except ValueError as error:
        raise ModelError(f"{path}: not the weights of {name}: {error}") from error


def _read_checked(path: Path, sha256: str) -> bytes:
    content = _read(path)
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ModelError(f"{path}: its SHA-256 is {digest}, not {sha256} as in model.json")
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}") from error

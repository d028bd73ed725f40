"""Reads model folders.

A model folder has model.json, which describes it; for each network a graph, such as pnet.onnx; and,
where it is the paper's network, its plain weights, such as pnet.npy.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtcnn_rt._defaults import PRESET, PRESETS
from mtcnn_rt._external_data import has_external_data
from mtcnn_rt._layers import (
    EXTRA_NETWORKS,
    INPUT_SIZES,
    OUTPUT_SIZES,
    FeatureStatistics,
    Layer,
    read_layers,
    read_statistics,
)
from mtcnn_rt._model_entries import (
    CROPS,
    FRACTIONS,
    Thresholds,
    read_crop,
    read_fraction,
    read_offset,
    read_presets,
    read_score,
    read_thresholds,
)
from mtcnn_rt._model_files import (
    FORMAT,
    MODELS,
    PUBLISHED,
    ModelError,
    folder_of,
    packaged_models,
    path_in,
    read_checked,
    read_description,
    reason_of,
)
from mtcnn_rt._score import ScoreModel

__all__ = [
    "FORMAT",
    "MODELS",
    "NETWORKS",
    "PUBLISHED",
    "Model",
    "ModelError",
    "Network",
    "NetworkShape",
    "files_of",
    "load_model",
    "packaged_models",
]


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
"""Shapes of the paper's networks, in the order in which they run; L-Net's are O-Net's."""


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
        cnet: An O-Net with weights of its own, which sees unsure faces with what is around them,
            and whose logit joins the score; None: there is none.
        cnet_crop: Side of C-Net's crop over that of the square about a face.
        lnet: An O-Net with weights of its own, which sees each face once more and places its
            landmarks; None: the landmarks are O-Net's.
        lnet_crop: Side of L-Net's crop over that of the square about a face.
        sha256: SHA-256 of model.json, which has those of the other files.
        presets: Thresholds by the names that `MTCNN(preset=...)` takes; "balanced" is always there.
        score: Computes the score of a face from the logits of all networks; None: the score is
            O-Net's probability.
        nms_after_calibration: IoU of the non-maximum suppression (NMS) of R-Net's calibrated boxes;
            None: it comes before their calibration, with IoU 0.7.
        nms_output: IoU of the last NMS, of O-Net's boxes; None: 0.7 of the smaller box.
        sure_score: Score from which O-Net need not see the other squares of a face; None: it sees
            all.
    """

    path: Path
    name: str
    license: str
    source: str
    thresholds: Thresholds
    box_offset: float
    networks: dict[str, Network]
    presets: dict[str, Thresholds]
    score: ScoreModel | None = None
    nms_after_calibration: float | None = None
    nms_output: float | None = None
    sure_score: float | None = None
    cnet: Network | None = None
    cnet_crop: float = 1.0
    lnet: Network | None = None
    lnet_crop: float = 1.0
    sha256: str = ""

    @property
    def all_networks(self) -> dict[str, Network]:
        """The networks, and C-Net as "cnet" and L-Net as "lnet" where there is one."""
        extra = {"cnet": self.cnet, "lnet": self.lnet}
        return self.networks | {name: one for name, one in extra.items() if one is not None}

    @property
    def extra_networks(self) -> list[str]:
        """The names of the networks that are not of the paper: "cnet", "lnet"."""
        return [name for name in self.all_networks if name not in self.networks]

    def thresholds_of(self, preset: str | None = None) -> Thresholds:
        """Returns the thresholds of a preset; None is "balanced".

        Raises:
            ValueError: The model does not have the preset.
        """
        name = PRESET if preset is None else preset
        if name not in tuple(self.presets):
            there_is = ", ".join(self.presets)
            raise ValueError(f"preset: the model {self.name!r} has {there_is}, not {name!r}")
        return self.presets[name]


def load_model(folder: str | os.PathLike[str] | None = None) -> Model:
    """Reads and checks a model folder.

    The engine that runs the graphs checks the graphs themselves.

    Args:
        folder: The name of a model in the package, such as "published"; or the path of a folder.
            None is the package's default model. A name comes before a folder that is called so: its
            path is "./published" or a `pathlib.Path`.

    Raises:
        ModelError: A file is missing, broken, too large or outside the folder, or a digest is
            wrong. Whatever the files hold, there is no other exception.
        MemoryError: There is too little memory.
        TypeError: `folder` is not a path.

    Example:
        >>> from mtcnn_rt.model import load_model
        >>> model = load_model()
        >>> model.name, list(model.networks)
        ('distilled', ['pnet', 'rnet', 'onet'])
    """
    if not isinstance(folder, (str, os.PathLike, type(None))):
        raise TypeError(f"model: expected a name or the path of a folder, not {folder!r}")
    path = folder_of(folder)
    content, described = read_description(path)
    try:
        networks = {name: described["networks"][name] for name in NETWORKS}
        thresholds = tuple(float(threshold) for threshold in described["thresholds"])
        settings = _read_settings(described, read_thresholds("thresholds", thresholds))
        if "cnet" in described["networks"] and not _has_context(settings["score"]):
            raise ValueError("score: C-Net needs the entry 'context'")
        return Model(
            path=path,
            name=str(described["name"]),
            # Folders that were written before version 0.2 have the British spelling.
            license=str(described["licence" if "licence" in described else "license"]),
            source=str(described["source"]),
            box_offset=read_offset(described["box_offset"]),
            networks={name: _read_network(path, name, entry) for name, entry in networks.items()},
            sha256=hashlib.sha256(content).hexdigest(),
            **_read_extra(path, described["networks"]),
            **settings,
        )
    except (ModelError, MemoryError):
        raise
    except Exception as error:  # what the content of a file causes shares no narrower base
        reason = reason_of(error)
        raise ModelError(f"{path / 'model.json'}: missing or wrong entry: {reason}") from error


def files_of(folder: str | os.PathLike[str] | None = None) -> list[Path]:
    """Returns the files that `load_model` may read, whether or not they exist.

    Those are all in the folder, and the entries of model.json. A folder that is missing has none.
    """
    try:
        path = folder_of(folder)
        found = {file for file in path.iterdir() if file.is_file()}
    except (ModelError, OSError):
        return []
    try:
        _, described = read_description(path)
        networks = described["networks"].values()
        for entry in networks:
            found |= {path / str(part["file"]) for part in (entry, entry.get("weights", entry))}
    except (ModelError, KeyError, TypeError, AttributeError):  # `load_model` explains what is wrong
        pass
    return sorted(found)


def _read_settings(described: Mapping[str, Any], thresholds: Thresholds) -> dict[str, Any]:
    """Returns the attributes of a model that configure the cascade."""
    score = described.get("score")
    presets = {PRESET: thresholds, **read_presets(described.get("presets", {}))}
    return {
        "thresholds": thresholds,
        "presets": {name: presets[name] for name in PRESETS if name in presets},
        "score": None if score is None else read_score(score),
        **{name: read_fraction(name, described.get(name)) for name in FRACTIONS},
        **{name: read_crop(name, described.get(name)) for name in CROPS},
    }


def _has_context(score: ScoreModel | None) -> bool:
    return score is not None and score.context is not None


def _read_network(folder: Path, name: str, entry: Mapping[str, Any]) -> Network:
    path, sha256 = path_in(folder, entry["file"]), str(entry["sha256"])
    content = read_checked(path, sha256)
    if has_external_data(content):
        raise ModelError(f"{path}: keeps weights in another file, which is not read")
    layers = _read_weights(folder, name, entry)
    described = None if layers is None else entry["weights"].get("statistics")
    statistics = None if described is None else read_statistics(described)
    return Network(path, content, sha256, layers, statistics)


def _read_extra(folder: Path, entries: Mapping[str, Any]) -> dict[str, Any]:
    """Returns C-Net and L-Net, which have the layers of O-Net, as far as they are there."""
    names = [name for name in EXTRA_NETWORKS if name in entries]
    return {name: _read_network(folder, "onet", entries[name]) for name in names}


def _read_weights(folder: Path, name: str, entry: Mapping[str, Any]) -> tuple[Layer, ...] | None:
    """Returns the plain weights; None if there are none, or if they belong to another graph."""
    weights = entry.get("weights")
    if weights is None or weights["graph"] != entry["sha256"]:
        return None
    path = path_in(folder, weights["file"])
    content = read_checked(path, str(weights["sha256"]))
    try:
        return tuple(read_layers(name, content))
    except MemoryError:
        raise
    except Exception as error:  # as in `load_model`
        raise ModelError(f"{path}: not the weights of {name}: {reason_of(error)}") from error

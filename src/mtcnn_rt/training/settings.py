"""Reads, checks and writes the settings of a training: one small TOML file, saved with the run."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from mtcnn_rt._files.paths import path_of
from mtcnn_rt._toml import loads
from mtcnn_rt.model import NETWORKS
from mtcnn_rt.training.recipe_settings import DataSetSettings, VersionSettings
from mtcnn_rt.training.settings_check import STAGES, check

NAMES = tuple(NETWORKS)
"""The networks, in the order of the cascade."""


@dataclass(frozen=True)
class NetworkSettings:
    """Settings of one network.

    Those after `loss_weights` are not of the paper; those after `batch_size` need samples that were
    mined in one pass, see `distillation`.

    Attributes:
        steps: Mini-batches to train on.
        learning_rate: The highest learning rate, after the warm-up.
        loss_weights: Weights of the losses of face, box and landmarks (paper, section 3.1).
        keep: Whether the network keeps its initial weights: it is neither mined for nor trained.
        initial_share: Share of the initial weights in the result, see `averaging.blend`; 0: off.
        last_rate: The last learning rate, as a share of the highest.
        batch_size: Samples in a mini-batch; 0: the run's `batch_size`.
        shares: Shares of negatives, parts, positives, landmark faces and doubtful crops in a
            mini-batch, in place of `ratio`.
        version_samples: The most negatives, parts, positives and doubtful crops from one version of
            a photograph.
        doubtful: Weight of the loss on crops without a label, where the teacher's probability is to
            be learned: doubtful crops, and parts unless `quality` gives them a label; 0: off.
        pull: Weight of the distance from the teacher's logit where label and teacher agree; 0: off.
        quality: Whether the label of a face is not 1, but rises with the IoU of the network's own
            box, so that the score ranks boxes, too.
        box_iou: Weight of 1 - IoU of the boxes, beside their squared distances; 0: off.
        smooth_landmarks: Error, in sides of the crop, up to which the loss of the landmarks is
            squared, above which it is linear; 0: squared everywhere.
        teacher_boxes: Share of the teacher's box in the box to learn, where it overlaps the
            annotated one by an IoU of 0.5: boxes of one convention in data sets of several; 0: off.
        erased: Share of the positives of which a rectangle is painted over.
    """

    steps: int = 4000
    learning_rate: float = 1e-3
    loss_weights: tuple[float, float, float] = (1.0, 0.5, 0.5)
    keep: bool = False
    initial_share: float = 0.0
    last_rate: float = 0.0
    batch_size: int = 0
    shares: tuple[float, ...] = (0.42, 0.17, 0.33, 0.0, 0.08)
    version_samples: tuple[int, ...] = (60, 20, 40, 15)
    doubtful: float = 0.0
    pull: float = 0.0
    quality: bool = False
    box_iou: float = 0.0
    smooth_landmarks: float = 0.0
    teacher_boxes: float = 0.0
    erased: float = 0.0


@dataclass(frozen=True)
class Settings:
    """Everything that a run's result depends on, besides data and initial weights.

    Those from `mining` on are not of the paper, and are off by default.

    Attributes:
        seed: Seed of all random numbers, 0 to 18446744073709551615.
        batch_size: Samples in a mini-batch, 7 to 65536.
        ratio: Ratio of negatives, parts, positives and landmark faces in it. The more negatives for
            a positive, the fewer crops the network accepts as faces.
        ohem_ratio: Share of the mini-batch's face losses, the largest, that give gradients; 1: all.
        landmarks_are_faces: Whether landmark faces are examples of faces, too. They are not in the
            paper; it helps where the annotated boxes have few faces of their kind.
        weight_decay: Weight decay of AdamW, 0 to 100.
        recolor: The largest change of brightness, contrast and tint, 0 to 1.
        rotation: The largest rotation of landmark faces, in degrees.
        landmark_variants: Crops of each landmark face.
        smallest_face: Smaller faces, in pixels, are ignored.
        min_face_size: The smallest face, in pixels, that the detector finds when it mines.
        mining_thresholds: Thresholds of P-Net and R-Net when they mine. They are lower than in
            detection, since no later stage can learn from what they reject.
        mining_scales: Scales at which an image is mined, up to 10; 1: its own size.
        negatives_per_image: The most negatives of an image, at each scale.
        crops_per_face: Jittered crops around a face, at each scale.
        mining: "stages": a network's samples come from the networks trained before it, as in the
            paper. "one pass": the initial model gives the samples of all networks, see
            `distillation.mining`.
        cell_threshold: Score of the cells that are samples of P-Net, in one pass.
        teacher: Model whose outputs are learned beside the labels: "published", or a model folder;
            "": none.
        holdout: Share of the images that are never trained on, see `holdout`.
        watch_every: Steps between two evaluations on held-out images, see `watch`; 0: none.
        watch_images: The most held-out images of each data set in such an evaluation.
        ema: Decay of the exponential moving average of the weights, which is the result, see
            `averaging`; 0: the last weights are the result.
        clip_norm: The largest norm of the gradients; 0: any.
        bfloat16: Whether a CPU computes in bfloat16 where PyTorch allows it, as a GPU does; this is
            faster on processors that have instructions for it.
        decay_all: Whether biases and slopes decay too, not only kernels.
        versions: Versions of photographs, in one pass.
        data_sets: Parts of data sets in the training, by the names of their folders.
        pnet: Settings of P-Net.
        rnet: Settings of R-Net.
        onet: Settings of O-Net.
    """

    seed: int = 0
    batch_size: int = 256
    ratio: tuple[int, int, int, int] = (3, 1, 1, 2)
    ohem_ratio: float = 0.7
    landmarks_are_faces: bool = False
    weight_decay: float = 0.01
    recolor: float = 0.3
    rotation: float = 15.0
    landmark_variants: int = 4
    smallest_face: float = 12.0
    min_face_size: float = 20.0
    mining_thresholds: tuple[float, float] = (0.4, 0.1)
    mining_scales: tuple[float, ...] = (1.0, 0.7, 1.4)
    negatives_per_image: int = 60
    crops_per_face: int = 8
    mining: str = STAGES
    cell_threshold: float = 0.08
    teacher: str = ""
    holdout: float = 0.0
    watch_every: int = 0
    watch_images: int = 30
    ema: float = 0.0
    clip_norm: float = 0.0
    bfloat16: bool = False
    decay_all: bool = True
    versions: VersionSettings = field(default_factory=VersionSettings)
    data_sets: Mapping[str, DataSetSettings] = field(default_factory=dict)
    pnet: NetworkSettings = field(default_factory=NetworkSettings)
    rnet: NetworkSettings = field(default_factory=NetworkSettings)
    onet: NetworkSettings = NetworkSettings(loss_weights=(1.0, 0.5, 1.0))

    def of(self, network: str) -> NetworkSettings:
        """Returns the settings of one network."""
        settings: NetworkSettings = getattr(self, network)
        return settings

    def of_data_set(self, name: str) -> DataSetSettings:
        """Returns the settings of a data set; the defaults for one without any."""
        return self.data_sets.get(name, DataSetSettings())


def read_settings(path: str | os.PathLike[str]) -> Settings:
    """Reads settings from a TOML file; those that it leaves out have their defaults.

    Raises:
        ValueError: The file is not TOML, or has an unknown setting or a wrong value; the message is
            one line.
        OSError: The file cannot be read.
    """
    file = path_of(path)
    try:
        table = loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not TOML: {error}") from error
    try:
        return settings_from(table, Settings())
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def settings_from(table: Mapping[str, Any], defaults: Settings) -> Settings:
    """Returns settings with the values of a table.

    Args:
        table: Values by the settings' names; a network's are in a table of their own.
        defaults: The settings that the table leaves out.

    Raises:
        ValueError: A setting is unknown, or its value is wrong; the message names it.
    """
    values = dict(table)
    for name in (*NAMES, "versions"):
        if name in values:
            table_of = _table(values[name], name)
            values[name] = _updated(getattr(defaults, name), table_of, f"{name}.")
    sets = dict(defaults.data_sets)
    for name, given in _table(values.pop("data_sets", {}), "data_sets").items():
        key = f"data_sets.{name}"
        sets[name] = _updated(defaults.of_data_set(name), _table(given, key), f"{key}.")
    return check(replace(_updated(defaults, values, ""), data_sets=sets))


def _table(value: Any, name: str) -> Mapping[str, Any]:
    """Returns the value if it is a table. Raises ValueError otherwise."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{name}: expected a table, not {value!r}")
    return value


def _updated(settings: Any, values: Mapping[str, Any], prefix: str) -> Any:
    """Returns settings of a dataclass with other values; `prefix` comes before names in errors."""
    known = {each.name: getattr(settings, each.name) for each in fields(settings)}
    for name in values:
        if name not in known:
            raise ValueError(f"unknown setting {prefix}{name}")
    checked = {name: _typed(known[name], value, prefix + name) for name, value in values.items()}
    return replace(settings, **checked)


def _typed(default: Any, value: Any, name: str) -> Any:
    """Returns the value in the default's type. Raises ValueError if it has another type."""
    if isinstance(default, tuple) and isinstance(value, (list, tuple)):
        first = default[0] if default else 0.0
        return tuple(_typed(first, each, name) for each in value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, float) and number:
        return _as_float(value)
    if type(value) is not type(default):
        raise ValueError(f"{name}: expected {_type_name(default)}, not {value!r}")
    return value


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats, which the check refuses
        return math.inf if value > 0 else -math.inf


def _type_name(default: Any) -> str:
    if isinstance(default, tuple):
        return "a list of numbers"
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, str):
        return "a string"
    return "a whole number" if isinstance(default, int) else "a number"


def as_toml(settings: Settings) -> str:
    """Returns the settings as TOML, which `read_settings` reads."""
    table = asdict(settings)
    tables = {name: table.pop(name) for name in ("versions", *NAMES)}
    sets = {f"data_sets.{json.dumps(name)}": each for name, each in table.pop("data_sets").items()}
    parts = [_assignments(table)]
    parts += [f"[{name}]\n{_assignments(values)}" for name, values in (sets | tables).items()]
    return "\n".join(parts)


def _assignments(table: Mapping[str, Any]) -> str:
    # JSON writes numbers and lists of numbers as TOML does.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())

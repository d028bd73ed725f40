"""Reads, checks and writes the settings of a training: one small TOML file, saved with the run."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mtcnn_rt.model import NETWORKS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAMES = tuple(NETWORKS)
"""The networks, in the order of the cascade."""


@dataclass(frozen=True)
class NetworkSettings:
    """Settings of one network.

    Attributes:
        steps: Mini-batches to train on.
        learning_rate: The highest learning rate, after the warm-up.
        loss_weights: Weights of the losses of face, box and landmarks (paper, section 3.1).
    """

    steps: int = 4000
    learning_rate: float = 1e-3
    loss_weights: tuple[float, float, float] = (1.0, 0.5, 0.5)


@dataclass(frozen=True)
class Settings:
    """Everything that a run's result depends on, besides data and initial weights.

    Attributes:
        seed: Seed of all random numbers.
        batch_size: Samples in a mini-batch.
        ratio: Ratio of negatives, parts, positives and landmark faces in it. The more negatives for
            a positive, the fewer crops the network accepts as faces.
        ohem_ratio: Share of the mini-batch's face losses, the largest, that give gradients; 1: all.
        landmarks_are_faces: Whether landmark faces are examples of faces, too. They are not in the
            paper; it helps where the annotated boxes have few faces of their kind.
        weight_decay: Weight decay of AdamW.
        recolor: The largest change of brightness, contrast and tint, 0 to 1.
        rotation: The largest rotation of landmark faces, in degrees.
        landmark_variants: Crops of each landmark face.
        smallest_face: Smaller faces, in pixels, are ignored.
        min_face_size: The smallest face, in pixels, that the detector finds when it mines.
        mining_thresholds: Thresholds of P-Net and R-Net when they mine. They are lower than in
            detection, since no later stage can learn from what they reject.
        mining_scales: Scales at which an image is mined; 1: its own size.
        negatives_per_image: The most negatives of an image, at each scale.
        crops_per_face: Jittered crops around a face, at each scale.
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
    pnet: NetworkSettings = field(default_factory=NetworkSettings)
    rnet: NetworkSettings = field(default_factory=NetworkSettings)
    onet: NetworkSettings = NetworkSettings(loss_weights=(1.0, 0.5, 1.0))

    def of(self, network: str) -> NetworkSettings:
        """Returns the settings of one network."""
        settings: NetworkSettings = getattr(self, network)
        return settings


def read_settings(path: Path) -> Settings:
    """Reads settings from a TOML file; those that it leaves out have their defaults.

    Raises:
        ValueError: The file is not TOML, or has an unknown setting or a wrong value; the message is
            one line.
        OSError: The file cannot be read.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
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
    for name in NAMES:
        if name in values:
            if not isinstance(values[name], Mapping):
                raise ValueError(f"{name}: expected a table, not {values[name]!r}")
            values[name] = _updated(defaults.of(name), values[name], f"{name}.")
    return check(_updated(defaults, values, ""))


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
        return tuple(_typed(default[0], each, name) for each in value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, float) and number:
        return float(value)
    if type(value) is not type(default):
        raise ValueError(f"{name}: expected {_type_name(default)}, not {value!r}")
    return value


def _type_name(default: Any) -> str:
    if isinstance(default, tuple):
        return "a list of numbers"
    if isinstance(default, bool):
        return "true or false"
    return "a whole number" if isinstance(default, int) else "a number"


def check(settings: Settings) -> Settings:
    """Returns the settings if all can be used.

    Raises:
        ValueError: A setting is out of its range; the message names it and the range.
    """
    for name in NAMES:
        network = settings.of(name)
        _require(network.steps >= 1, f"{name}.steps", "at least 1", network.steps)
        _require(
            network.learning_rate > 0, f"{name}.learning_rate", "above 0", network.learning_rate
        )
        weights = network.loss_weights
        enough = len(weights) == 3 and min(weights) >= 0 and max(weights) > 0
        _require(enough, f"{name}.loss_weights", "three numbers, not below 0, one above", weights)
    _require(settings.seed >= 0, "seed", "not below 0", settings.seed)
    _require(settings.batch_size >= 7, "batch_size", "at least 7", settings.batch_size)
    ratio = settings.ratio
    whole = len(ratio) == 4 and min(ratio) >= 0 and max(ratio) > 0
    _require(whole, "ratio", "four whole numbers, not below 0, one above", ratio)
    _require(0 < settings.ohem_ratio <= 1, "ohem_ratio", "above 0, at most 1", settings.ohem_ratio)
    _require(settings.weight_decay >= 0, "weight_decay", "not below 0", settings.weight_decay)
    _require(0 <= settings.recolor <= 1, "recolor", "0 to 1", settings.recolor)
    _require(0 <= settings.rotation <= 180, "rotation", "0 to 180 degrees", settings.rotation)
    _require(settings.smallest_face > 0, "smallest_face", "above 0", settings.smallest_face)
    _require(settings.min_face_size >= 12, "min_face_size", "at least 12", settings.min_face_size)
    thresholds = settings.mining_thresholds
    valid = len(thresholds) == 2 and all(0 <= each <= 1 for each in thresholds)
    _require(valid, "mining_thresholds", "two numbers, 0 to 1", thresholds)
    scales = settings.mining_scales
    _require(bool(scales) and min(scales) > 0, "mining_scales", "numbers above 0", scales)
    for name in ("landmark_variants", "negatives_per_image", "crops_per_face"):
        _require(getattr(settings, name) >= 0, name, "not below 0", getattr(settings, name))
    return settings


def _require(fulfilled: bool, name: str, expected: str, value: Any) -> None:
    if not fulfilled:
        raise ValueError(f"{name}: expected {expected}, not {value}")


def as_toml(settings: Settings) -> str:
    """Returns the settings as TOML, which `read_settings` reads."""
    table = asdict(settings)
    networks = {name: table.pop(name) for name in NAMES}
    parts = [_assignments(table)]
    parts += [f"[{name}]\n{_assignments(values)}" for name, values in networks.items()]
    return "\n".join(parts)


def _assignments(table: Mapping[str, Any]) -> str:
    # JSON writes numbers and lists of numbers as TOML does.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())

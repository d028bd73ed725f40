"""The settings of a training: one small TOML file, saved with the run."""

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


@dataclass(frozen=True)
class NetworkSettings:
    """steps: mini-batches. learning_rate: the highest. loss_weights: of face, box and landmarks
    (paper, section 3.1)."""

    steps: int = 4000
    learning_rate: float = 1e-3
    loss_weights: tuple[float, float, float] = (1.0, 0.5, 0.5)


@dataclass(frozen=True)
class Settings:
    """Everything that a run's result depends on, besides data and initial weights.

    seed           of all that is random.
    batch_size     samples in a mini-batch.
    ratio          of negatives, parts, positives and landmark faces in it. The more negatives for a
                   positive, the less the network takes for a face.
    ohem_ratio     share of the mini-batch's face losses, the highest, that give gradients; 1: all.
    landmarks_are_faces  whether landmark faces are examples of faces, too. In the paper they are
                   not; it helps where the annotated boxes have few faces of their kind.
    weight_decay   AdamW's.
    recolor       how far brightness, contrast and tint go, 0 to 1.
    rotation       how far landmark faces are turned, degrees.
    landmark_variants  crops of each landmark face.
    smallest_face  smaller faces, in pixels, are ignored.
    min_face_size  of the detector that mines.
    mining_thresholds  of P-Net and R-Net when they mine: lower than in detection, for there is no
                   next stage that could learn from what they refuse.
    mining_scales  sizes in which an image is mined, 1: as it is.
    negatives_per_image  at most, of each size in which it is mined.
    crops_per_face  jittered crops about a face, of each size in which it is mined."""

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
        settings: NetworkSettings = getattr(self, network)
        return settings


def read_settings(path: Path) -> Settings:
    """Settings of a TOML file; what it leaves out has its default.

    Raises ValueError in one line for what is no TOML, an unknown setting and a wrong value, OSError
    for a file that cannot be read."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not TOML: {error}") from error
    try:
        return settings_of(table, Settings())
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def settings_of(table: Mapping[str, Any], into: Settings) -> Settings:
    """`into` with the values of a table. Raises ValueError that names the setting."""
    values = dict(table)
    for name in NAMES:
        if name in values:
            if not isinstance(values[name], Mapping):
                raise ValueError(f"{name}: expected a table, not {values[name]!r}")
            values[name] = _updated(into.of(name), values[name], f"{name}.")
    return check(_updated(into, values, ""))


def _updated(settings: Any, values: Mapping[str, Any], prefix: str) -> Any:
    known = {one.name: getattr(settings, one.name) for one in fields(settings)}
    for name in values:
        if name not in known:
            raise ValueError(f"unknown setting {prefix}{name}")
    checked = {name: _as(known[name], value, prefix + name) for name, value in values.items()}
    return replace(settings, **checked)


def _as(default: Any, value: Any, name: str) -> Any:
    """The value, of the type that the default has. Raises ValueError where it is of another."""
    if isinstance(default, tuple) and isinstance(value, (list, tuple)):
        return tuple(_as(default[0], one, name) for one in value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, float) and number:
        return float(value)
    if type(value) is not type(default):
        raise ValueError(f"{name}: expected {_described(default)}, not {value!r}")
    return value


def _described(default: Any) -> str:
    if isinstance(default, tuple):
        return "a list of numbers"
    if isinstance(default, bool):
        return "true or false"
    return "a whole number" if isinstance(default, int) else "a number"


def check(settings: Settings) -> Settings:
    """The settings. Raises ValueError that names one that cannot be used."""
    for name in NAMES:
        network = settings.of(name)
        _require(network.steps >= 1, f"{name}.steps", "at least 1", network.steps)
        _require(network.learning_rate > 0, f"{name}.learning_rate", "above 0", network)
        weights = network.loss_weights
        enough = len(weights) == 3 and min(weights) >= 0 and max(weights) > 0
        _require(enough, f"{name}.loss_weights", "three numbers, not below 0, one above", weights)
    one = settings
    _require(one.seed >= 0, "seed", "not below 0", one.seed)
    _require(one.batch_size >= 7, "batch_size", "at least 7", one.batch_size)
    ratio = one.ratio
    whole = len(ratio) == 4 and min(ratio) >= 0 and max(ratio) > 0
    _require(whole, "ratio", "four whole numbers, not below 0, one above", ratio)
    _require(0 < one.ohem_ratio <= 1, "ohem_ratio", "above 0, at most 1", one.ohem_ratio)
    _require(one.weight_decay >= 0, "weight_decay", "not below 0", one.weight_decay)
    _require(0 <= one.recolor <= 1, "recolor", "0 to 1", one.recolor)
    _require(0 <= one.rotation <= 180, "rotation", "0 to 180 degrees", one.rotation)
    _require(one.smallest_face > 0, "smallest_face", "above 0", one.smallest_face)
    _require(one.min_face_size >= 12, "min_face_size", "at least 12", one.min_face_size)
    thresholds = one.mining_thresholds
    valid = len(thresholds) == 2 and all(0 <= each <= 1 for each in thresholds)
    _require(valid, "mining_thresholds", "two numbers, 0 to 1", thresholds)
    scales = one.mining_scales
    _require(bool(scales) and min(scales) > 0, "mining_scales", "numbers above 0", scales)
    for name in ("landmark_variants", "negatives_per_image", "crops_per_face"):
        _require(getattr(one, name) >= 0, name, "not below 0", getattr(one, name))
    return settings


def _require(fulfilled: bool, name: str, expected: str, value: Any) -> None:
    if not fulfilled:
        raise ValueError(f"{name}: expected {expected}, not {value}")


def as_toml(settings: Settings) -> str:
    """The settings as a TOML file, which `read_settings` reads."""
    table = asdict(settings)
    networks = {name: table.pop(name) for name in NAMES}
    parts = [_assignments(table)]
    parts += [f"[{name}]\n{_assignments(values)}" for name, values in networks.items()]
    return "\n".join(parts)


def _assignments(table: Mapping[str, Any]) -> str:
    # Numbers and lists of numbers, which JSON writes as TOML does.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())

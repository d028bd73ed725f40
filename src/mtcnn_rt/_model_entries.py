"""Reads and writes the entries of model.json that configure the cascade."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from numbers import Real
from typing import Any

from mtcnn_rt._defaults import PRESETS
from mtcnn_rt._score import ScoreModel

Thresholds = tuple[float, float, float]
"""Face probabilities that P-Net, R-Net and O-Net must exceed."""

LARGEST_OFFSET = 100.0  # pixels; the published networks are off by one

FRACTIONS = ("nms_after_calibration", "nms_output", "sure_score")
"""The entries that `read_fraction` reads."""

CROPS = ("cnet_crop", "lnet_crop")
"""The entries that `read_crop` reads."""


def read_thresholds(name: str, value: Any) -> Thresholds:
    """Returns thresholds; `name` is the entry, for the error.

    Raises:
        TypeError, ValueError: They are not three numbers from 0 to 1.
    """
    pnet, rnet, onet = _numbers(name, value, 3)
    if not all(0 <= threshold <= 1 for threshold in (pnet, rnet, onet)):
        raise ValueError(f"{name}: expected numbers from 0 to 1, not {value!r}")
    return pnet, rnet, onet


def read_offset(value: Any) -> float:
    """Returns the entry "box_offset", in pixels.

    Raises:
        ValueError: It is not a number from -100 to 100.
    """
    [offset] = _numbers("box_offset", [value], 1)
    if abs(offset) > LARGEST_OFFSET:
        raise ValueError(f"box_offset: expected a number from -100 to 100, not {value!r}")
    return offset


def read_presets(value: Any) -> dict[str, Thresholds]:
    """Returns the thresholds of the entry "presets", by the name of the preset.

    Raises:
        TypeError, ValueError: A name is not one of `PRESETS`, or has no thresholds.
    """
    presets = _mapping("presets", value)
    for name in presets:
        if name not in PRESETS:
            raise ValueError(f"presets: expected {', '.join(PRESETS)}, not {name!r}")
    entries = {
        name: _with_keys(f"presets: {name}", presets[name], {"thresholds"})
        for name in PRESETS
        if name in presets
    }
    return {
        name: read_thresholds(f"presets: {name}: thresholds", entry["thresholds"])
        for name, entry in entries.items()
    }


def read_score(value: Any) -> ScoreModel:
    """Returns the model of the score in the entry "score".

    Raises:
        TypeError, ValueError: A number is missing, or is not finite.
    """
    entry = _with_keys("score", value, {"weights", "bias"}, {"onet_alone", "context"})
    pnet, rnet, onet = _numbers("score: weights", entry["weights"], 3)
    [bias] = _numbers("score: bias", [entry["bias"]], 1)
    return ScoreModel(
        (pnet, rnet, onet),
        bias,
        _optional_numbers("score: onet_alone", entry.get("onet_alone"), 2),
        _optional_numbers("score: context", entry.get("context"), 5),
    )


def read_crop(name: str, value: Any) -> float:
    """Returns the side of a crop, 1 for None; `name` is the entry, for the error.

    Raises:
        ValueError: It is not a number from 0.5 to 2.
    """
    [side] = _numbers(name, [1 if value is None else value], 1)
    if not 0.5 <= side <= 2:
        raise ValueError(f"{name}: expected a number from 0.5 to 2, not {value!r}")
    return side


def read_fraction(name: str, value: Any) -> float | None:
    """Returns an IoU or a score, None for None; `name` is the entry, for the error.

    Raises:
        ValueError: It is not a number from 0 to 1.
    """
    if value is None:
        return None
    [overlap] = _numbers(name, [value], 1)
    if not 0 <= overlap <= 1:
        raise ValueError(f"{name}: expected a number from 0 to 1, not {value!r}")
    return overlap


def describe_presets(presets: Mapping[str, Thresholds]) -> dict[str, Any]:
    """Returns presets as plain values for model.json; the inverse of `read_presets`."""
    return {name: {"thresholds": list(thresholds)} for name, thresholds in presets.items()}


def describe_score(score: ScoreModel) -> dict[str, Any]:
    """Returns a model of the score as plain values for model.json; the inverse of `read_score`."""
    described: dict[str, Any] = {"weights": list(score.weights), "bias": score.bias}
    for name in ("onet_alone", "context"):
        if getattr(score, name) is not None:
            described[name] = list(getattr(score, name))
    return described


def _optional_numbers(name: str, values: Any, count: int) -> tuple[float, ...] | None:
    return None if values is None else tuple(_numbers(name, values, count))


def _numbers(name: str, values: Any, count: int) -> list[float]:
    """Returns finite numbers; raises ValueError for other values, or another count of them."""
    if isinstance(values, str) or not isinstance(values, Sequence) or len(values) != count:
        raise ValueError(f"{name}: expected {count} numbers, not {values!r}")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, Real) or not _is_finite(value):
            raise ValueError(f"{name}: expected a finite number, not {value!r:.50}")
    return [float(value) for value in values]


def _is_finite(value: Real) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name}: expected an object, not {value!r}")
    return value


def _with_keys(
    name: str, value: Any, needed: AbstractSet[str], possible: AbstractSet[str] = frozenset()
) -> Mapping[str, Any]:
    """Returns an object; raises ValueError where it lacks a key or has an unknown one."""
    entry = _mapping(name, value)
    for key in sorted(needed - entry.keys()):
        raise ValueError(f"{name}: {key!r} is missing")
    for key in sorted(entry.keys() - needed - possible):
        raise ValueError(f"{name}: expected {', '.join(sorted(needed | possible))}, not {key!r}")
    return entry

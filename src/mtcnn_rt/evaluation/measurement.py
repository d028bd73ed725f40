"""What an evaluation gives: numbers and curves of several detectors, next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """x, y: (N,), x never falls. y may be NaN where there is nothing to tell."""

    x: Values
    y: Values


@dataclass(frozen=True)
class Plot:
    """Axes that the curves of all detectors share. x_limit: the largest x shown; None is all."""

    title: str
    x: str
    y: str
    x_limit: float | None = None


@dataclass(frozen=True)
class Measurement:
    """What one detector reached. numbers: by name; shares are 0 to 1, counts are int.
    curves: by the title of their plot."""

    numbers: Mapping[str, float]
    curves: Mapping[str, Curve]


@dataclass(frozen=True)
class Evaluation:
    """about: what was evaluated and how, for the reader. results: by the name of the detector."""

    title: str
    about: Mapping[str, str]
    plots: tuple[Plot, ...]
    results: Mapping[str, Measurement]

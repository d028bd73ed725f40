"""The One-Euro filter: Casiez, Roussel and Vogel, "1 Euro Filter: A Simple Speed-based Low-pass
Filter for Noisy Input in Interactive Systems", CHI 2012."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

MIN_CUTOFF = 1.0
BETA = 6.0
DERIVATIVE_CUTOFF = 1.0


def one_euro(
    values: Values,
    smoothed: Values,
    speed: Values,
    step: Values | float,
    unit: Values | float,
    min_cutoff: float = MIN_CUTOFF,
    beta: float = BETA,
    derivative_cutoff: float = DERIVATIVE_CUTOFF,
) -> tuple[Values, Values]:
    """Smooths coordinates: strongly while they rest, hardly while they move.

    values             the coordinates, any shape, in pixels; each has a cutoff of its own.
    smoothed, speed    what this returned for the values before; at first, those and 0.
    step               seconds since then, of any length.
    unit               the pixels of one unit. That is the size of the thing, so that the parameters
                       hold at any resolution.
    min_cutoff         Hz; the cutoff of the low-pass filter at rest. Lower: less jitter.
    beta               1 / unit; how many Hz the cutoff grows for each unit a second. Higher: less
                       lag. What moves steadily lags by less than 1 / (2 pi beta) units.
    derivative_cutoff  Hz; the cutoff for the speed itself. The paper has 1.

    The smoothed values, and their speed in units a second."""
    change = (values - smoothed) / (unit * step)
    speed = speed + _weight(derivative_cutoff, step) * (change - speed)
    cutoff = min_cutoff + beta * np.abs(speed)
    return smoothed + _weight(cutoff, step) * (values - smoothed), speed


def _weight(cutoff: Values | float, step: Values | float) -> Values | float:
    """What a new value counts in a low-pass filter, "alpha" in the paper: of a cutoff in Hz, at
    steps in seconds."""
    turned = 2 * math.pi * cutoff * step
    return turned / (1 + turned)

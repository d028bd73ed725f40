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


class OneEuro:
    """Smooths the coordinates of one thing: strongly while it rests, hardly while it moves.

    min_cutoff         Hz; the cutoff of the low-pass filter at rest. Lower: less jitter.
    beta               1 / unit; how many Hz the cutoff grows for each unit a second. Higher: less
                       lag. What moves steadily lags by less than 1 / (2 pi beta) units.
    derivative_cutoff  Hz; the cutoff for the speed itself. The paper has 1.

    The unit is the size of the thing, so that the parameters hold at any resolution.

    values: the first coordinates, any shape, in pixels. time: theirs, in seconds."""

    def __init__(
        self,
        values: Values,
        time: float,
        min_cutoff: float = MIN_CUTOFF,
        beta: float = BETA,
        derivative_cutoff: float = DERIVATIVE_CUTOFF,
    ) -> None:
        self._min_cutoff, self._beta = min_cutoff, beta
        self._derivative_cutoff = derivative_cutoff
        self._smoothed = np.array(values, np.float64)
        self._speed = np.zeros_like(self._smoothed)
        self._time = time

    def __call__(self, values: Values, time: float, unit: float) -> Values:
        """The smoothed coordinates; each has a cutoff of its own.

        values: of the first shape. time: later than before, in steps of any length. unit: the
        pixels of one unit, such as the size of the face now."""
        step, self._time = time - self._time, time
        speed = (values - self._smoothed) / (unit * step)
        self._speed += _weight(self._derivative_cutoff, step) * (speed - self._speed)
        cutoff = self._min_cutoff + self._beta * np.abs(self._speed)
        self._smoothed = self._smoothed + _weight(cutoff, step) * (values - self._smoothed)
        return self._smoothed


def _weight(cutoff: Values | float, step: float) -> Values | float:
    """What a new value counts in a low-pass filter, "alpha" in the paper: of a cutoff in Hz, at
    steps in seconds."""
    turned = 2 * math.pi * cutoff * step
    return turned / (1 + turned)

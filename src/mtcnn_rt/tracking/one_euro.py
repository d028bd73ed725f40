"""Smooths coordinates over time with the One-Euro filter.

Source: Casiez, Roussel and Vogel, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy
Input in Interactive Systems", CHI 2012.
"""

from __future__ import annotations

import math

import numpy as np

from mtcnn_rt._arrays import Float64

MIN_CUTOFF = 1.0
"""Cutoff at rest, in Hz."""
BETA = 6.0
"""Growth of the cutoff, in Hz for each unit per second."""
DERIVATIVE_CUTOFF = 1.0
"""Cutoff for the speed, in Hz, as in the paper."""


def one_euro(
    values: Float64,
    smoothed: Float64,
    speed: Float64,
    step: Float64 | float,
    unit: Float64 | float,
    min_cutoff: float = MIN_CUTOFF,
    beta: float = BETA,
    derivative_cutoff: float = DERIVATIVE_CUTOFF,
) -> tuple[Float64, Float64]:
    """Smooths coordinates: strongly while they rest, hardly while they move.

    Args:
        values: The coordinates, of any shape, in pixels. Each has a cutoff of its own.
        smoothed: The smoothed values that the call before returned; at first, the first values.
        speed: The speed that the call before returned; at first, 0.
        step: Time since the values before, in seconds, of any length.
        unit: Pixels in a unit. Use the size of the object, so that the parameters hold at any
            resolution.
        min_cutoff: Cutoff frequency of the low-pass filter at rest, in Hz. Lower: less jitter.
        beta: Growth of the cutoff, in Hz for each unit per second. Higher: less lag. A value that
            moves steadily lags by less than 1 / (2 pi beta) units.
        derivative_cutoff: Cutoff frequency for the speed itself, in Hz. The paper has 1.

    Returns:
        The smoothed values in pixels, and their speed in units per second.

    Example:
        >>> at_rest = np.array([10.0])
        >>> moved, speed = one_euro(np.array([12.0]), at_rest, np.zeros(1), step=0.04, unit=40)
        >>> bool(10 < moved[0] < 12)
        True
    """
    change = (values - smoothed) / (unit * step)
    speed = speed + _weight(derivative_cutoff, step) * (change - speed)
    cutoff = min_cutoff + beta * np.abs(speed)
    return smoothed + _weight(cutoff, step) * (values - smoothed), speed


def _weight(cutoff: Float64 | float, step: Float64 | float) -> Float64 | float:
    """Returns the weight of a new value in a low-pass filter, "alpha" in the paper.

    Args:
        cutoff: Cutoff frequency, in Hz.
        step: Time since the value before, in seconds.
    """
    ratio = 2 * math.pi * cutoff * step
    return ratio / (1 + ratio)

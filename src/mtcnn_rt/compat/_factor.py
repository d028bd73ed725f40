"""Validates the scale of a pyramid's level over that of the level before."""

from __future__ import annotations

from mtcnn_rt._arguments import number

LARGEST = 0.999
"""With a larger factor the pyramid has thousands of levels, with 1 or more no end."""


def check_factor(name: str, factor: float) -> None:
    """Raises TypeError or ValueError for a factor that no pyramid can have; it has the name."""
    if not 0 < number(name, factor) <= LARGEST:
        raise ValueError(f"{name}: {factor} is not above 0 and at most {LARGEST}")

"""Validates the arguments of MTCNN, and numbers that are given elsewhere."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from mtcnn_rt._arrays import Float64
from mtcnn_rt._defaults import ALL_ROTATIONS
from mtcnn_rt._errors import one_line
from mtcnn_rt._native import CELL

MOST_THREADS = 1024
"""Largest number of threads that a detector takes."""


def check_arguments(
    min_face_size: float,
    scale_factor: float,
    thresholds: Sequence[float] | None,
    max_face_size: float | None,
    threads: int | None,
) -> None:
    """Validates the arguments of `MTCNN`, which describes them.

    Raises:
        TypeError: An argument has another type; the message names it and what was given.
        ValueError: An argument is out of its range, which the message has too.
    """
    if number("min_face_size", min_face_size) < CELL:
        raise ValueError(
            f"min_face_size: {min_face_size} is less than {CELL} pixels, the side of the smallest "
            "face that P-Net finds"
        )
    if not 0.1 <= number("scale_factor", scale_factor) <= 0.99:
        raise ValueError(f"scale_factor: {scale_factor} is not between 0.1 and 0.99")
    if thresholds is not None:
        check_thresholds(thresholds)
    if max_face_size is not None and number("max_face_size", max_face_size) < min_face_size:
        raise ValueError(
            f"max_face_size: {max_face_size} is less than min_face_size {min_face_size}"
        )
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, Integral)):
        raise TypeError(f"threads: expected an integer or None, not {threads!r}")
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"threads: {threads} is not between 1 and {MOST_THREADS}")


def check_rotations(rotations: Sequence[int]) -> tuple[int, ...]:
    """Validates the rotations of `MTCNN`, and returns them as integers.

    Raises:
        TypeError: They are no sequence of integers.
        ValueError: They are none, others than 0, 90, 180 and 270, or one comes twice.
    """
    if isinstance(rotations, (str, bytes)) or not isinstance(rotations, (Sequence, np.ndarray)):
        raise TypeError(f"rotations: expected several of {ALL_ROTATIONS}, not {rotations!r}")
    for degrees in rotations:
        if isinstance(degrees, bool) or not isinstance(degrees, Integral):
            raise TypeError(f"rotations: expected integers, not {degrees!r}")
        if degrees not in ALL_ROTATIONS:
            raise ValueError(f"rotations: {degrees} is not one of 0, 90, 180 and 270")
    if not 0 < len(set(map(int, rotations))) == len(rotations):
        raise ValueError(f"rotations: expected at least one, and each once, not {rotations!r}")
    return tuple(map(int, rotations))


def check_thresholds(thresholds: Sequence[float]) -> None:
    """Validates three face probabilities.

    Raises:
        TypeError: They are no numbers.
        ValueError: They are not three, or one is not between 0 and 1.
    """
    if isinstance(thresholds, str) or not isinstance(thresholds, (Sequence, np.ndarray)):
        raise TypeError(f"thresholds: expected three numbers, not {thresholds!r}")
    if len(thresholds) != 3:
        raise ValueError(f"thresholds: expected one for P-Net, R-Net and O-Net, not {thresholds!r}")
    for threshold in thresholds:
        if not 0 <= number("thresholds", threshold) <= 1:
            raise ValueError(f"thresholds: {threshold} is not between 0 and 1")


def number(name: str, value: object) -> float:
    """Returns a finite real number as a float; raises TypeError or ValueError for others."""
    given = real(name, value)
    if not math.isfinite(given):
        raise ValueError(f"{name}: {value} is not a finite number")
    return given


def real(name: str, value: object) -> float:
    """Returns a real number as a float, also NaN and infinity; raises TypeError for others."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: expected a number, not {value!r}")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def numbers(name: str, values: object, shape: str) -> Float64:
    """Returns an array of numbers.

    Args:
        name: Name of the argument, in messages.
        values: An array, or what can be made one.
        shape: The shape that is expected, in messages.

    Raises:
        TypeError: They are no array.
        ValueError: They are no numbers, or rows of several lengths.
    """
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        given = f"{type(values).__name__} ({one_line(error)})"
        raise kind(f"{name}: expected an array of numbers {shape}, not {given}") from error


def call_of(name: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Returns the call that makes an object, with the arguments that are not the defaults.

    Args:
        name: Name of the class.
        given: The arguments by their names.
        defaults: The default values by the names of the arguments that have one.
    """
    values = {
        key: os.fspath(value) if isinstance(value, os.PathLike) else value
        for key, value in given.items()
        if key not in defaults or value != defaults[key]
    }
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in values.items())})"

"""Writes an evaluation as text and as JSON."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

from mtcnn_rt._arrays import Float64
from mtcnn_rt.evaluation.measurement import Evaluation

Table: TypeAlias = list[list[str]]


def as_table(evaluation: Evaluation) -> Table:
    """Arranges the numbers in rows.

    Args:
        evaluation: The evaluation.

    Returns:
        A row with the names of the numbers, then a row for each detector with its name and numbers.
    """
    names = list(
        dict.fromkeys(name for m in evaluation.measurements.values() for name in m.numbers)
    )
    rows = [
        [detector, *(shown(measurement.numbers[name]) for name in names)]
        for detector, measurement in evaluation.measurements.items()
    ]
    return [["", *names], *rows]


def as_text(evaluation: Evaluation) -> str:
    """Writes the numbers as a table with aligned columns.

    Args:
        evaluation: The evaluation.

    Returns:
        The lines of the table.
    """
    table = as_table(evaluation)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
            ]
        ).rstrip()
        for row in table
    )


def as_json(evaluation: Evaluation) -> bytes:
    """Writes all numbers and curves as JSON.

    Args:
        evaluation: The evaluation.

    Returns:
        The JSON file. Values that are not finite are null.
    """
    results = {
        detector: {
            "numbers": {name: _plain(number) for name, number in measurement.numbers.items()},
            "curves": {
                title: {"x": _plains(curve.x), "y": _plains(curve.y)}
                for title, curve in measurement.curves.items()
            },
        }
        for detector, measurement in evaluation.measurements.items()
    }
    described = {"title": evaluation.title, "about": dict(evaluation.about), "results": results}
    return (json.dumps(described, allow_nan=False) + "\n").encode()


def shown(number: float) -> str:
    """Formats a number for a table.

    Args:
        number: A count (int) or a share.

    Returns:
        A count as it is, a share with four digits.
    """
    return str(number) if isinstance(number, int) else f"{number:.4f}"


def _plains(values: Float64) -> list[Any]:
    return [_plain(value) for value in values.tolist()]


def _plain(number: float) -> float | None:
    if isinstance(number, int):
        return number
    return round(number, 6) if math.isfinite(number) else None

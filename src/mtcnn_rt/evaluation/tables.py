"""Writes an evaluation as text and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from mtcnn_rt._arrays import Float64
from mtcnn_rt.evaluation.measurement import Evaluation, Summary

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


def parts_table(evaluation: Evaluation, intervals: Collection[str] | None = None) -> Table:
    """Arranges the numbers of the parts in rows, so that detectors are next to each other.

    Args:
        evaluation: The evaluation.
        intervals: The names of the numbers whose confidence interval is written behind them; None
            is all.

    Returns:
        A row with titles, then a row for each part and detector; nothing where there are no parts.
    """
    summaries = [
        (part, detector, measurement.parts[part])
        for part in dict.fromkeys(p for m in evaluation.measurements.values() for p in m.parts)
        for detector, measurement in evaluation.measurements.items()
        if part in measurement.parts
    ]
    if not summaries:
        return []
    names = list(dict.fromkeys(name for *_, one in summaries for name in one.numbers))
    rows = [
        [part, detector, *(_with_interval(one, name, intervals) for name in names)]
        for part, detector, one in summaries
    ]
    return [["faces that count", "detector", *names], *rows]


def as_text(evaluation: Evaluation) -> str:
    """Writes the numbers as tables with aligned columns.

    Args:
        evaluation: The evaluation.

    Returns:
        The lines of the table; then, if there are parts, an empty line and the table of the parts,
        with the confidence intervals of AP.
    """
    tables = [_aligned(as_table(evaluation), 1)]
    if parts := parts_table(evaluation, ["AP"]):
        tables.append(_aligned(parts, 2))
    return "\n\n".join(tables)


def _aligned(table: Table, left: int) -> str:
    """Returns the lines of a table whose first columns are aligned on the left."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(
            [
                *(c.ljust(w) for c, w in zip(row[:left], widths[:left], strict=True)),
                *(c.rjust(w) for c, w in zip(row[left:], widths[left:], strict=True)),
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
            **({"parts": _plain_parts(measurement.parts)} if measurement.parts else {}),
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


def _with_interval(summary: Summary, name: str, intervals: Collection[str] | None) -> str:
    if name not in summary.numbers:
        return ""
    number = shown(summary.numbers[name])
    if name not in summary.intervals or (intervals is not None and name not in intervals):
        return number
    low, high = summary.intervals[name]
    return f"{number} ({low:.3f} to {high:.3f})"


def _plain_parts(parts: Mapping[str, Summary]) -> dict[str, Any]:
    return {
        title: {
            "numbers": {name: _plain(number) for name, number in summary.numbers.items()},
            "intervals": {
                name: [_plain(low), _plain(high)] for name, (low, high) in summary.intervals.items()
            },
        }
        for title, summary in parts.items()
    }


def _plains(values: Float64) -> list[Any]:
    return [_plain(value) for value in values.tolist()]


def _plain(number: float) -> float | None:
    if isinstance(number, int):
        return number
    return round(number, 6) if math.isfinite(number) else None

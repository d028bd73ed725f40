"""The results of an evaluation as text and as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from mtcnn_rt.evaluation.measurement import Evaluation, Values

Table = list[list[str]]


def as_table(evaluation: Evaluation) -> Table:
    """A head and a row a detector: its name and its numbers."""
    names = list(dict.fromkeys(name for r in evaluation.results.values() for name in r.numbers))
    rows = [
        [detector, *(shown(result.numbers[name]) for name in names)]
        for detector, result in evaluation.results.items()
    ]
    return [["", *names], *rows]


def as_text(evaluation: Evaluation) -> str:
    """The table in columns."""
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
    """All that there is; what is no number is null."""
    results = {
        detector: {
            "numbers": {name: _plain(number) for name, number in result.numbers.items()},
            "curves": {
                title: {"x": _plains(curve.x), "y": _plains(curve.y)}
                for title, curve in result.curves.items()
            },
        }
        for detector, result in evaluation.results.items()
    }
    described = {"title": evaluation.title, "about": dict(evaluation.about), "results": results}
    return (json.dumps(described, allow_nan=False) + "\n").encode()


def shown(number: float) -> str:
    """A count as it is, a share with four digits."""
    return str(number) if isinstance(number, int) else f"{number:.4f}"


def _plains(values: Values) -> list[Any]:
    return [_plain(value) for value in values.tolist()]


def _plain(number: float) -> float | None:
    if isinstance(number, int):
        return number
    return round(number, 6) if math.isfinite(number) else None

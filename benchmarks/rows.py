"""Figures of contestants in one discipline, and their table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from mtcnn_rt.comparison.markdown import table
from mtcnn_rt.comparison.race import Timing


@dataclass(frozen=True)
class Row:
    """One contestant.

    ratio: the median over the rounds of its time by the reference's. agrees: what it gave, against
    what the reference gave, in words. gflop: of one run, by the definition of the networks."""

    discipline: str
    contestant: str
    seconds: list[float]
    ratio: float | None
    agrees: str
    error: str | None
    gflop: float | None = None

    @property
    def gflops(self) -> float | None:
        """Gigaflops a second, where the work is known."""
        return self.gflop / median(self.seconds) if self.gflop and not self.error else None


def rows_of(
    discipline: str,
    timings: Mapping[str, Timing],
    reference: str,
    agrees: Callable[[Any, Any], str],
    gflop: float | None = None,
) -> list[Row]:
    """A row for each timing. agrees: from what a contestant gave and what the reference gave."""
    expected = timings[reference]
    rows = []
    for name, timing in timings.items():
        known = timing.output is not None and expected.output is not None
        words = agrees(timing.output, expected.output) if known else "not known"
        words = "" if name == reference else words
        ratio = timing.relative_to(expected)
        rows.append(Row(discipline, name, timing.seconds, ratio, words, timing.error, gflop))
    return rows


def rows_table(rows: Sequence[Row], reference: str, peak_gflops: float | None = None) -> str:
    """Markdown, with gigaflops and percent of the peak where there are any."""
    worked = any(row.gflop for row in rows)
    header = ["what", "by", "median ms", "min - max", f"time by {reference}'s", "agrees"]
    if worked:
        header += ["GFLOP/s", "% of peak"]
    return table(header, [_cells(row, worked, peak_gflops) for row in rows])


def _cells(row: Row, worked: bool, peak_gflops: float | None) -> list[str]:
    start = [row.discipline, row.contestant]
    if row.error is not None:
        return [*start, "fails", "", "", row.error, *["", ""] * worked]
    low, high = min(row.seconds) * 1e3, max(row.seconds) * 1e3
    cells = [
        *start,
        f"{median(row.seconds) * 1e3:.2f}",
        f"{low:.2f} - {high:.2f}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        row.agrees,
    ]
    return cells + _work_cells(row.gflops, peak_gflops) * worked


def _work_cells(gflops: float | None, peak: float | None) -> list[str]:
    if gflops is None:
        return ["", ""]
    return [f"{gflops:.1f}", "" if peak is None else f"{100 * gflops / peak:.0f}"]

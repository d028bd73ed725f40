"""Holds the times of several configurations for the same workload, and writes their table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.markdown import table
from mtcnn_rt._comparison.timing import Timing


@dataclass(frozen=True)
class Row:
    """Holds what is measured of one configuration.

    Attributes:
        workload: The title of what is run.
        configuration: The engine, or the threads or instruction set, that ran it.
        seconds: The time of each timed run.
        ratio: The median over the rounds of its time divided by the reference's; None where one of
            the two failed.
        agrees: Words that compare its output with the reference's.
        error: Why it failed; None where it did not.
        gflop: Billions of operations of one run, by the definition of the networks; None where
            they are not known.
    """

    workload: str
    configuration: str
    seconds: list[float]
    ratio: float | None
    agrees: str
    error: str | None
    gflop: float | None = None

    @property
    def gflops(self) -> float | None:
        """Billions of operations a second; None where their number is not known."""
        return self.gflop / median(self.seconds) if self.gflop and not self.error else None


def rows_of(
    workload: str,
    timings: Mapping[str, Timing],
    reference: str,
    agrees: Callable[[Any, Any], str],
    gflop: float | None = None,
) -> list[Row]:
    """Makes a row for each configuration.

    Args:
        workload: The title of what is run.
        timings: The times of each configuration, by name.
        reference: The name of the configuration that the others are compared with.
        agrees: Compares the outputs of a configuration and of the reference in words.
        gflop: Billions of operations of one run; None where they are not known.

    Returns:
        The rows, in the order of `timings`.
    """
    expected = timings[reference]
    rows = []
    for name, timing in timings.items():
        known = timing.output is not None and expected.output is not None
        words = agrees(timing.output, expected.output) if known else "not known"
        words = "" if name == reference else words
        ratio = timing.relative_to(expected)
        rows.append(Row(workload, name, timing.seconds, ratio, words, timing.error, gflop))
    return rows


def rows_table(rows: Sequence[Row], reference: str, peak_gflops: float | None = None) -> str:
    """Writes a table in Markdown.

    Args:
        rows: The rows.
        reference: The name of the reference in the title of a column.
        peak_gflops: The peak of the processor; None where it is not known.

    Returns:
        The table, with operations per second and percent of the peak where they are known.
    """
    has_work = any(row.gflop for row in rows)
    header = ["what", "by", "median ms", "min - max", f"time by {reference}'s", "agrees"]
    if has_work:
        header += ["GFLOP/s", "% of peak"]
    return table(header, [_cells(row, has_work, peak_gflops) for row in rows])


def _cells(row: Row, has_work: bool, peak_gflops: float | None) -> list[str]:
    start = [row.workload, row.configuration]
    if row.error is not None:
        return [*start, "fails", "", "", row.error, *["", ""] * has_work]
    low, high = min(row.seconds) * 1e3, max(row.seconds) * 1e3
    cells = [
        *start,
        f"{median(row.seconds) * 1e3:.2f}",
        f"{low:.2f} - {high:.2f}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        row.agrees,
    ]
    return cells + _work_cells(row.gflops, peak_gflops) * has_work


def _work_cells(gflops: float | None, peak: float | None) -> list[str]:
    if gflops is None:
        return ["", ""]
    return [f"{gflops:.1f}", "" if peak is None else f"{100 * gflops / peak:.0f}"]

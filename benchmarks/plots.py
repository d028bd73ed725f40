"""Plots the curves of `growth` as SVG files. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.compiled import UnavailableError
from benchmarks.growth import Curve


def write_plots(curves: Sequence[Curve], folder: Path) -> list[Path]:
    """Writes a plot for each sweep: medians, bars from the fastest to the slowest run, and lines.

    Args:
        curves: The curves of all sweeps.
        folder: The folder of the plots.

    Returns:
        The paths of the plots.

    Raises:
        UnavailableError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UnavailableError("matplotlib is not installed")
    sweeps = dict.fromkeys(curve.sweep for curve in curves)
    return [
        _write_plot([c for c in curves if c.sweep == sweep], folder / f"growth-{sweep}.svg")
        for sweep in sweeps
    ]


def _write_plot(curves: Sequence[Curve], path: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for curve in curves:
        if curve.fit is None:
            continue
        x = np.asarray(curve.x)
        medians = np.array([1e3 * median(seconds) for seconds in curve.seconds])
        low = medians - [1e3 * min(seconds) for seconds in curve.seconds]
        high = [1e3 * max(seconds) for seconds in curve.seconds] - medians
        points = axes.errorbar(x, medians, (low, high), fmt="o", capsize=3, label=curve.detector)
        line = 1e3 * (curve.fit.intercept + curve.fit.slope * x)
        axes.plot(x, line, color=points[0].get_color(), linewidth=1)
        for label, place in zip(curve.labels, zip(x, medians, strict=True), strict=True):
            axes.annotate(label, place, xytext=(4, 5), textcoords="offset points", fontsize=7)
    axes.set(xlabel=curves[0].axis, ylabel="ms, median of one detection", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path)
    return path

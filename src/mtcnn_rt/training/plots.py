"""Plots the course of a training. Needs matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from mtcnn_rt._arrays import Float64
from mtcnn_rt._files.finished import write_finished
from mtcnn_rt.training.log import Log

SMOOTHED = 0.05
"""Share of the entries on each side that a point of a curve is the mean of."""

TITLES = {
    "loss": "Loss",
    "accuracy": "Face or not: share of samples on the right side",
    "learning_rate": "Learning rate",
}
"""Titles of the plots, by the entries' keys."""


def plot(log: Log, folder: Path) -> list[Path]:
    """Writes loss.png, accuracy.png and learning_rate.png, in place of earlier ones.

    Args:
        log: The log; every network in it gets a curve over its steps, in the plots of values that
            it has: one that learns landmarks alone has no accuracy.
        folder: The folder to write to.

    Returns:
        The paths of the plots.
    """
    return [_plot(log, value, title, folder / f"{value}.png") for value, title in TITLES.items()]


def _plot(log: Log, value: str, title: str, path: Path) -> Path:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    for network in sorted({entry["network"] for entry in log.entries()}):
        entries = [entry for entry in log.entries(network) if entry[value] is not None]
        if entries:
            steps = [entry["step"] for entry in entries]
            axes.plot(steps, _smooth([entry[value] for entry in entries]), label=network)
    axes.set(title=title, xlabel="step")
    axes.grid(alpha=0.3)
    if axes.get_lines():  # a legend of nothing is a warning
        axes.legend()
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=120)
    write_finished(path, content.getvalue(), overwrite=True)
    return path


def _smooth(values: Sequence[float]) -> Float64:
    """Returns means of values, at least one, over the neighbors, fewer of them at the ends."""
    reach = int(SMOOTHED * len(values))
    window = np.ones(2 * reach + 1)
    given: Float64 = np.asarray(values, np.float64)
    counts = np.convolve(np.ones(len(given)), window, "same")
    means: Float64 = np.convolve(given, window, "same") / counts
    return means

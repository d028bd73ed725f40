"""Pictures of how a training went. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mtcnn_rt._files import finished_file
from mtcnn_rt.training.log import Log

SMOOTHED = 0.05  # of the lines on each side go into a point of a curve
TITLES = {
    "loss": "Loss",
    "accuracy": "Face or not: share of samples on the right side",
    "learning_rate": "Learning rate",
}


def plot(log: Log, folder: Path) -> list[Path]:
    """Writes loss.png, accuracy.png and learning_rate.png, in place of those of before: a curve a
    network, over its steps. Returns their paths."""
    return [_plot(log, value, title, folder / f"{value}.png") for value, title in TITLES.items()]


def _plot(log: Log, value: str, title: str, path: Path) -> Path:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    for network in sorted({entry["network"] for entry in log.entries()}):
        entries = [entry for entry in log.entries(network) if entry[value] is not None]
        steps = [entry["step"] for entry in entries]
        axes.plot(steps, _smooth([entry[value] for entry in entries]), label=network)
    axes.set(title=title, xlabel="step")
    axes.grid(alpha=0.3)
    axes.legend()
    with finished_file(path, overwrite=True) as temporary:
        figure.savefig(temporary, dpi=120)
    return path


def _smooth(values: Sequence[float]) -> NDArray[np.float64]:
    """Means over the neighbors, fewer of them at the ends."""
    reach = int(SMOOTHED * len(values))
    window = np.ones(2 * reach + 1)
    given: NDArray[Any] = np.asarray(values, np.float64)
    counts = np.convolve(np.ones(len(given)), window, "same")
    means: NDArray[np.float64] = np.convolve(given, window, "same") / counts
    return means

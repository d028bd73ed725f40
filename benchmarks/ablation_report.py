"""Describes the variants of the ablations, and writes what they reach as a table and a plot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Variant:
    """Describes a training.

    Attributes:
        name: The name in the table.
        ohem_ratio: The share of the samples with the largest losses that are learned from.
        loss_weights: The weights of face, box and landmarks.
    """

    name: str
    ohem_ratio: float
    loss_weights: tuple[float, float, float]

    @property
    def detects(self) -> bool:
        """True where the network learns to detect."""
        return self.loss_weights[0] > 0

    @property
    def aligns(self) -> bool:
        """True where the network learns landmarks."""
        return self.loss_weights[2] > 0


VARIANTS = (
    Variant("joint, hard samples", 0.7, (1.0, 0.5, 1.0)),
    Variant("joint, all samples", 1.0, (1.0, 0.5, 1.0)),
    Variant("detection alone", 0.7, (1.0, 0.5, 0.0)),
    Variant("landmarks alone", 0.7, (0.0, 0.0, 1.0)),
)


@dataclass(frozen=True)
class Outcome:
    """Holds what one run reaches; None where the variant does not learn it."""

    variant: str
    seed: int
    average_precision: float | None
    median_error: float | None


def table(name: str, outcomes: list[Outcome]) -> str:
    """Writes a table with mean and standard deviation over the seeds."""
    lines = [f"| {name} | average precision | median landmark error |", "|---|---|---|"]
    for variant in VARIANTS:
        precision, error = values(outcomes, variant)
        lines.append(f"| {variant.name} | {text(precision, 1, 3)} | {text(error, 100, 2, ' %')} |")
    return "\n".join(lines)


def values(outcomes: list[Outcome], variant: Variant) -> tuple[list[float], list[float]]:
    """Returns the average precisions and the errors of a variant, one a seed."""
    chosen = [one for one in outcomes if one.variant == variant.name]
    return (
        [one.average_precision for one in chosen if one.average_precision is not None],
        [one.median_error for one in chosen if one.median_error is not None],
    )


def text(numbers: list[float], factor: float, digits: int, unit: str = "") -> str:
    """Returns mean and standard deviation, multiplied by `factor`, as text."""
    if not numbers:
        return ""
    scaled = factor * np.array(numbers)
    spread = scaled.std(ddof=1) if len(scaled) > 1 else 0.0
    return f"{scaled.mean():.{digits}f} ± {spread:.{digits}f}{unit}"


def plot(outcomes: list[Outcome], path: Path) -> None:
    """Plots a point for each run and a bar at the mean."""
    figure = Figure(figsize=(9, 3), layout="constrained")
    titles = ("Average precision (more is better)", "Median landmark error (less is better)")
    for which, (axes, title) in enumerate(zip(figure.subplots(1, 2), titles, strict=True)):
        shown = [one for one in VARIANTS if values(outcomes, one)[which]]
        for row, variant in enumerate(shown):
            numbers = values(outcomes, variant)[which]
            axes.scatter(numbers, [row] * len(numbers))
            axes.plot([np.mean(numbers)] * 2, [row - 0.3, row + 0.3], color="black")
        axes.set_yticks(range(len(shown)), [variant.name for variant in shown])
        axes.invert_yaxis()
        axes.set_title(title, fontsize=10)
        axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, dpi=110)

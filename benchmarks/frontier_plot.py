"""Draws the plot of `frontier`. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.compiled import UnavailableError

if TYPE_CHECKING:
    from benchmarks.frontier import Point

WIDTH, HEIGHT = 6, 4.5  # inches of each data set


def write_plot(panels: Mapping[str, Sequence[tuple[Point, float]]], path: Path) -> None:
    """Writes accuracy against time, a panel for each data set.

    Args:
        panels: Points with their average precision, by the title of the data set.
        path: The file, SVG or PNG.

    Raises:
        UnavailableError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UnavailableError("matplotlib is not installed")
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # The same points give the same file.
    with rc_context({"svg.hashsalt": "mtcnn-rt", "svg.fonttype": "none"}):
        figure = Figure(figsize=(WIDTH * len(panels), HEIGHT), layout="constrained")
        for axes, (title, points) in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
        ):
            _draw(axes, title, points)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, metadata=metadata)


def _draw(axes: Any, title: str, points: Sequence[tuple[Point, float]]) -> None:
    curves: dict[str, list[tuple[Point, float]]] = {}
    for point, accuracy in points:
        curves.setdefault(point.name, []).append((point, accuracy))
    for name, of_curve in curves.items():
        # matplotlib takes $...$ for a formula and leaves names with a first _ out of the legend.
        label = f" {name}".replace("$", r"\$")
        x = [point.milliseconds for point, _ in of_curve]
        axes.plot(x, [accuracy for _, accuracy in of_curve], "o-", label=label, linewidth=1.5)
        for (point, accuracy), milliseconds in zip(of_curve, x, strict=True):
            axes.annotate(
                point.setting or name,
                (milliseconds, accuracy),
                xytext=(5, -9),
                textcoords="offset points",
                fontsize=7,
            )
    axes.set(title=title, xlabel="ms for an image, one thread (median)", ylabel="AP at IoU 0.5")
    axes.set_xscale("log")
    axes.margins(0.12)
    _mark_round_times(axes)
    axes.grid(alpha=0.3, which="both")
    axes.legend(loc="best", fontsize="small")


def _mark_round_times(axes: Any) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())

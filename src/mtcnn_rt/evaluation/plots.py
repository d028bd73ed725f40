"""Plots the curves of an evaluation. Needs matplotlib, which only this module imports."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from mtcnn_rt._packages import needs
from mtcnn_rt.evaluation.measurement import Evaluation, Measurement, Plot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

SIDE = 4.2  # inches of the axes' side
DPI = 120


def require_matplotlib() -> None:
    """Checks that Matplotlib is installed.

    Raises:
        MissingPackageError: It is not. The message has the command that installs it.
    """
    with needs("plotting"):
        import matplotlib  # noqa: F401


def as_png(evaluation: Evaluation) -> bytes:
    """Draws the plots next to each other, with one color for each detector.

    Args:
        evaluation: The evaluation.

    Returns:
        A PNG file.

    Raises:
        MissingPackageError: Matplotlib is not installed.
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    count = len(evaluation.plots)
    figure = Figure(figsize=(SIDE * count, SIDE), dpi=DPI, layout="constrained")
    for axes, plot in zip(
        figure.subplots(1, count, squeeze=False)[0], evaluation.plots, strict=True
    ):
        _draw(axes, plot, evaluation.measurements)
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _draw(axes: Axes, plot: Plot, measurements: Mapping[str, Measurement]) -> None:
    for name, measurement in measurements.items():
        curve = measurement.curves[plot.title]
        # matplotlib takes $...$ for a formula and leaves names with a first _ out of the legend.
        axes.plot(curve.x, curve.y, label=f" {name}".replace("$", r"\$"), linewidth=1.5)
    axes.set(title=plot.title, xlabel=plot.x, ylabel=plot.y, ylim=(0, 1.02))
    axes.set_xlim(0, plot.x_limit)
    axes.grid(alpha=0.3)
    if measurements:
        axes.legend(loc="best", fontsize="small")

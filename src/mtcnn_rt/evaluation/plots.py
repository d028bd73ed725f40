"""The curves of an evaluation as a picture. Needs matplotlib, which is imported only here."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from mtcnn_rt.evaluation.measurement import Evaluation, Measurement, Plot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

SIDE = 4.2  # inches of the axes' side
DPI = 120


def require_matplotlib() -> None:
    """Raises ModuleNotFoundError that says how to install it."""
    if find_spec("matplotlib") is None:
        raise ModuleNotFoundError("plots need matplotlib: pip install 'mtcnn-rt[train]'")


def as_png(evaluation: Evaluation) -> bytes:
    """The plots next to each other, with one color a detector. Raises ModuleNotFoundError."""
    require_matplotlib()
    from matplotlib.figure import Figure

    count = len(evaluation.plots)
    figure = Figure(figsize=(SIDE * count, SIDE), dpi=DPI, layout="constrained")
    for axes, plot in zip(
        figure.subplots(1, count, squeeze=False)[0], evaluation.plots, strict=True
    ):
        _draw(axes, plot, evaluation.results)
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _draw(axes: Axes, plot: Plot, results: Mapping[str, Measurement]) -> None:
    for name, result in results.items():
        curve = result.curves[plot.title]
        # matplotlib takes $...$ for a formula and leaves names with a first _ out of the legend.
        axes.plot(curve.x, curve.y, label=f" {name}".replace("$", r"\$"), linewidth=1.5)
    axes.set(title=plot.title, xlabel=plot.x, ylabel=plot.y, ylim=(0, 1.02))
    axes.set_xlim(0, plot.x_limit)
    axes.grid(alpha=0.3)
    if results:
        axes.legend(loc="best", fontsize="small")

"""Holds the numbers and curves of several detectors that an evaluation measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mtcnn_rt._arrays import Float64


@dataclass(frozen=True, eq=False)
class Curve:
    """Holds the points of a curve.

    Attributes:
        x: The first coordinates, (N,), never falling.
        y: The second coordinates, (N,); NaN where there is no value.
    """

    x: Float64
    y: Float64


@dataclass(frozen=True)
class Plot:
    """Describes the axes that the curves of all detectors share.

    Attributes:
        title: The title, which is also the key of `Measurement.curves`.
        x: The label of the x axis.
        y: The label of the y axis.
        x_limit: The largest x in the plot; None shows all.
    """

    title: str
    x: str
    y: str
    x_limit: float | None = None


@dataclass(frozen=True)
class Summary:
    """Holds the numbers of one detector for a part of the faces, such as those of one size.

    Attributes:
        numbers: Numbers by name. Shares are 0 to 1, counts are int.
        intervals: The lower and upper ends of confidence intervals, by the name of the number;
            empty where they are not computed.
    """

    numbers: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Measurement:
    """Holds the numbers and curves of one detector.

    Attributes:
        numbers: Numbers by name. Shares are 0 to 1, counts are int.
        curves: Curves by the title of their plot.
        parts: The numbers for parts of the faces, by the title of the part, such as a size.
    """

    numbers: Mapping[str, float]
    curves: Mapping[str, Curve]
    parts: Mapping[str, Summary] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """Holds the measurements of several detectors on the same data.

    Attributes:
        title: The title.
        about: Descriptions of the data and the settings for the reader, by name.
        plots: The plots.
        measurements: The measurement of each detector, by the detector's name.
    """

    title: str
    about: Mapping[str, str]
    plots: tuple[Plot, ...]
    measurements: Mapping[str, Measurement]

"""Settings beyond the paper: versions of photographs, and each data set's part in a training.

All of them are off by default, see `docs/explanation/recipe.md`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VersionSettings:
    """Settings of the versions of a photograph, see `distillation.versions`.

    Attributes:
        sizes: Range of the median face, in pixels, in the even versions; empty: the own size.
        small_sizes: The same in the odd versions; empty: as `sizes`.
        occluded: Share of the versions in which something covers half of the faces.
        turned: Share of the versions that are turned.
        rotation: The largest rotation of these, in degrees.
        mirrored: Share of the versions that are mirrored.
        degraded: Share of the versions that are blurred, noisy, dark, gray or compressed.
        shortest_side: A version is not shrunk any further than to this shorter side, in pixels.
        longest_side: A version has at most this longer side, in pixels.
    """

    sizes: tuple[float, ...] = ()
    small_sizes: tuple[float, ...] = ()
    occluded: float = 0.0
    turned: float = 0.0
    rotation: float = 28.0
    mirrored: float = 0.0
    degraded: float = 0.0
    shortest_side: int = 64
    longest_side: int = 1100


@dataclass(frozen=True)
class DataSetSettings:
    """A data set's part in a training.

    Attributes:
        versions: Versions of each photograph.
        empty_versions: Versions of each photograph without any box; 0: as many as of the others.
        weight: How often its samples are drawn, in relation to another data set's of equal number.
        most_enlarged: The largest factor by which a version is enlarged.
        teacher_boxes: Factor of the networks' `teacher_boxes`, for a set whose boxes follow another
            convention on purpose.
    """

    versions: int = 1
    empty_versions: int = 0
    weight: float = 1.0
    most_enlarged: float = 1.5
    teacher_boxes: float = 1.0

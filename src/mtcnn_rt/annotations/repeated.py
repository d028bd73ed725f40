"""Joins the entries of images that a file of annotations has several times."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mtcnn_rt.annotations.annotated import Entry


def joined(entries: Iterable[Entry]) -> list[Entry]:
    """Returns entries in which each image of a split is once, with the faces of all its entries.

    Files with a line for each face have several for an image: in each of them alone, the faces of
    the others would count as background. A face that is there twice is kept once.

    Args:
        entries: The entries, in whose order the first ones of the images stay.
    """
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((posixpath.normpath(entry.name), entry.split), []).append(entry)
    return [group[0] if len(group) == 1 else _join(group) for group in groups.values()]


def _join(group: list[Entry]) -> Entry:
    """Returns the faces of several entries of one image as an entry."""
    every = replace(
        group[0],
        boxes=np.concatenate([entry.boxes for entry in group]),
        landmarks=np.concatenate([entry.landmarks for entry in group]),
        ignored=np.concatenate([entry.ignored for entry in group]),
        labels=tuple(label for entry in group for label in entry.labels),
        probabilities=np.concatenate([entry.probabilities_or_nan() for entry in group]),
        size=next((entry.size for entry in group if entry.size is not None), None),
    )
    kept = np.flatnonzero(~every.is_repeated())
    probabilities = every.probabilities_or_nan()
    return replace(
        every,
        boxes=every.boxes[kept],
        landmarks=every.landmarks[kept],
        ignored=every.ignored[kept],
        labels=tuple(every.labels[index] for index in kept),
        probabilities=None if np.isnan(probabilities).all() else probabilities[kept],
    )

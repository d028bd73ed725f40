"""Joins the entries of images that a file of annotations has several times."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mtcnn_rt._arrays import Float32
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
    labels = tuple(label for entry in group for label in entry.labels)
    ignored = np.concatenate([entry.ignored for entry in group])
    boxes = np.concatenate([entry.boxes for entry in group])
    landmarks = np.concatenate([entry.landmarks for entry in group])
    probabilities = np.concatenate([_probabilities(entry) for entry in group])
    faces: dict[tuple[object, ...], int] = {}
    for index, label in enumerate(labels):
        values = (boxes[index].tobytes(), landmarks[index].tobytes(), bool(ignored[index]), label)
        faces.setdefault(values, index)
    kept = list(faces.values())
    return replace(
        group[0],
        boxes=boxes[kept],
        landmarks=landmarks[kept],
        ignored=ignored[kept],
        labels=tuple(labels[index] for index in kept),
        probabilities=None if np.isnan(probabilities).all() else probabilities[kept],
        size=next((entry.size for entry in group if entry.size is not None), None),
    )


def _probabilities(entry: Entry) -> Float32:
    if entry.probabilities is not None:
        return entry.probabilities
    return np.full(len(entry.boxes), np.nan, np.float32)

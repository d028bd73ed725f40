"""Finds the classes of faces among the classes of objects that a data set names."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

_WORDS = re.compile("[a-z]+")


def face_classes(names: Mapping[Key, str]) -> dict[Key, str]:
    """Returns the classes of faces with the label of each.

    A class is one of faces if "face" or "faces" is a word of its name, such as "Human face" and
    "face_mask". The label is the name if there are several such classes, else "".

    Args:
        names: The names of all classes.

    Raises:
        ValueError: None of them is a class of faces.
    """
    chosen = {
        key: name
        for key, name in names.items()
        if {"face", "faces"} & set(_WORDS.findall(name.lower()))
    }
    if not chosen:
        listed = ", ".join(sorted(set(names.values()))[:10]) or "no class"
        raise ValueError(f"has no class of faces, named face or such: there is {listed}")
    several = len(set(chosen.values())) > 1
    return {key: name if several else "" for key, name in chosen.items()}

"""Writes JSON lists element by element, so that long ones need no memory."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO


def write_list(file: TextIO, values: Iterable[Any]) -> None:
    """Writes a JSON list with one value a line."""
    between = "[\n"
    for value in values:
        file.write(between + json.dumps(value))
        between = ",\n"
    file.write("[]" if between == "[\n" else "\n]")

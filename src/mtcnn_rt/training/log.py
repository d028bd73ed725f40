"""Records the course of a training as JSON lines, for plots and to resume it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mtcnn_rt._files.finished import naming, write_finished
from mtcnn_rt._files.paths import is_there


class Log:
    """A file of JSON lines, each about one step of one network.

    An entry has `network`, `step`, `face`, `box` and `landmarks` (losses), `loss` (their weighted
    sum), `accuracy` and `learning_rate`. Numbers that are NaN or infinite are null: JSON has none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, entry: Mapping[str, Any]) -> None:
        """Adds an entry."""
        with naming(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(_line(entry))

    def entries(self, network: str | None = None) -> list[dict[str, Any]]:
        """Returns all entries, or those of one network; an unfinished last line is left out."""
        if not is_there(self._path):
            return []
        text = self._path.read_text(encoding="utf-8")
        try:
            lines = [line for line in text.splitlines(keepends=True) if line[-1] == "\n"]
            entries = [json.loads(line) for line in lines]
            return [entry for entry in entries if network in (None, entry["network"])]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"{self._path}: not the log of a training: {error}") from error

    def drop_from(self, network: str, step: int) -> None:
        """Drops a network's entries from a step on: these steps will be repeated."""
        kept = [
            entry for entry in self.entries() if entry["network"] != network or entry["step"] < step
        ]
        lines = "".join(map(_line, kept))
        write_finished(self._path, lines.encode(), overwrite=True)


def _line(entry: Mapping[str, Any]) -> str:
    """Returns an entry as a line of JSON."""
    valid = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in entry.items()
    }
    return json.dumps(valid) + "\n"

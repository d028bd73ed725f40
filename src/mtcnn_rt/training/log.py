"""How a training went: JSON lines, and what a run that goes on needs of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mtcnn_rt._files import write_finished


class Log:
    """A file of JSON lines, each about one step of one network: `network`, `step`, `face`, `box`,
    `landmarks` (losses), `loss` (their weighted sum), `accuracy`, `learning_rate`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, entry: Mapping[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def entries(self, network: str | None = None) -> list[dict[str, Any]]:
        """The lines, or those of one network; a last line without an end is none."""
        if not self._path.exists():
            return []
        text = self._path.read_text(encoding="utf-8")
        entries = [json.loads(line) for line in text.splitlines(keepends=True) if line[-1] == "\n"]
        return [entry for entry in entries if network in (None, entry["network"])]

    def forget(self, network: str, step: int) -> None:
        """Drops what a network did from a step on: it will be done again."""
        kept = [
            entry for entry in self.entries() if entry["network"] != network or entry["step"] < step
        ]
        lines = "".join(json.dumps(entry) + "\n" for entry in kept)
        write_finished(self._path, lines.encode(), overwrite=True)

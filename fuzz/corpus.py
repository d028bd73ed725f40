"""Writes the seeds of all fuzz targets, and the inputs that failed once, for other fuzzers.

python -m fuzz.corpus FOLDER
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from fuzz.targets import NEEDS, found, is_installed


def write(folder: Path) -> dict[str, int]:
    """Writes a folder for each target; returns their numbers of files.

    Args:
        folder: The folder above them, which is made.
    """
    counts = {}
    for name, needs in NEEDS.items():
        if not all(map(is_installed, needs)):
            continue
        inputs = [*importlib.import_module(f"fuzz.{name}").seeds(), *found(name)]
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index, content in enumerate(inputs):
            (folder / name / f"seed-{index:03}").write_bytes(content)
        counts[name] = len(inputs)
    return counts


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for target, count in write(Path(sys.argv[1])).items():
        print(f"{target}: {count}")

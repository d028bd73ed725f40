"""Programs in which packages are missing, or do not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_BLOCK = """
import sys
from importlib.abc import MetaPathFinder
class Blocker(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        if name in {broken!r}:
            raise ImportError({broken!r}[name], name=name)
sys.meta_path.insert(0, Blocker())
from mtcnn_rt import _packages
has = _packages._has
blocked = {{d for p in _packages.PACKAGES if p.module.partition(".")[0] in {missing!r}
           for d in p.distributions}}
_packages._has = lambda name: name not in blocked and has(name)
"""

LIBXCB = "libxcb.so.1: cannot open shared object file: No such file or directory"


def run_without(
    missing: tuple[str, ...],
    script: str,
    *arguments: str | Path,
    broken: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs a script in a process where modules are missing.

    Args:
        missing: Modules that are not installed.
        script: Python code.
        arguments: The script's `sys.argv[1:]`.
        broken: Modules that raise ImportError with a message.
        cwd: The working folder.
    """
    block = _BLOCK.format(missing=set(missing), broken=broken or {})
    return subprocess.run(
        [sys.executable, "-c", block + script, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
    )


COMMAND = "from mtcnn_rt.cli import main; main(sys.argv[1:])"
"""A script that is `mtcnn-rt` with its arguments."""

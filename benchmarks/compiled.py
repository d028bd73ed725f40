"""The small C++ programs of the benchmarks, compiled when they are needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

NATIVE = Path(__file__).parent / "native"


class UnavailableError(Exception):
    """A figure that cannot be measured here; the message says why."""


def compile_source(name: str, folder: Path, *options: str) -> Path:
    """Compiles NAME.cpp for this processor into `folder`.

    Raises UnavailableError where there is no compiler, or it fails."""
    compiler = os.environ.get("CXX") or shutil.which("c++")
    if not compiler:
        raise UnavailableError("no C++ compiler: neither CXX nor c++")
    output = folder / name
    source = NATIVE / f"{name}.cpp"
    words = [compiler, "-std=c++20", "-O3", "-march=native", *options]
    done = subprocess.run([*words, "-o", output, source], capture_output=True, text=True)
    if done.returncode:
        raise UnavailableError(f"{source.name} does not compile: {done.stderr.strip()[:200]}")
    return output


def peaks(folder: Path) -> dict[str, Any]:
    """The peaks of this processor, one thread: float32_gflops, int8_gops (None: not known)."""
    program = compile_source("peaks", folder)
    found: dict[str, Any] = json.loads(subprocess.check_output([program]))
    return found

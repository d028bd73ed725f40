"""Compiles the small C++ programs of the benchmarks when they are needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

NATIVE = Path(__file__).parent / "native"


class UnavailableError(Exception):
    """Reports that a figure cannot be measured here, and the reason."""


def compile_source(name: str, folder: Path, *options: str) -> Path:
    """Compiles a program for this processor.

    Args:
        name: The name of the source file in `native`, without its extension.
        folder: The folder of the program.
        options: Further options of the compiler.

    Returns:
        The path of the program.

    Raises:
        UnavailableError: There is no compiler, or it fails.
    """
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
    """Measures the peak speed of this processor with one thread.

    Args:
        folder: A folder for the compiled program.

    Returns:
        `float32_gflops`, and `int8_gops`, which is None where it is not known.

    Raises:
        UnavailableError: The program cannot be compiled.
    """
    program = compile_source("peaks", folder)
    found: dict[str, Any] = json.loads(subprocess.check_output([program]))
    return found

"""Describes the machine and the packages that a measurement was made with."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

import cv2
import numpy as np

_SHOWN_FLAGS = ("avx2", "avx512f", "avx512_vnni", "asimd")


def describe(modules: Iterable[str]) -> dict[str, Any]:
    """Describes the machine and the versions of packages.

    Args:
        modules: Modules of the packages whose versions are listed.

    Returns:
        The description, for JSON and for `heading`.
    """
    return {
        "cpu": _cpuinfo("model name") or platform.processor() or "unknown",
        "simd": [flag for flag in _SHOWN_FLAGS if flag in _cpuinfo("flags", "Features").split()],
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": {
            "Python": platform.python_version(),
            **_versions(modules),
            "OpenCV": cv2.__version__,
            "NumPy": np.__version__,
        },
    }


def heading(machine: dict[str, Any]) -> str:
    """Writes a description in two lines of Markdown.

    Args:
        machine: The description, as `describe` returns it.

    Returns:
        A line for the machine and one for the versions.
    """
    simd = f" ({', '.join(machine['simd'])})" if machine["simd"] else ""
    load = machine["load_before"]
    busy = "" if load is None else f", load {load:.2f} before the run"
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"Machine: {machine['cpu']}{simd}, {machine['cores']} cores, {machine['system']}{busy}.\n"
        f"Versions: {versions}."
    )


def peaks_line(found: dict[str, Any]) -> str:
    """Returns the machine's peaks in a sentence."""
    if "skipped" in found:
        return f"Peaks of the machine: not measured, {found['skipped']}."
    int8 = found["int8_gops"]
    bytes_too = f", int8 {int8:.0f} GOP/s" if int8 is not None else ""
    return f"Peaks, one thread: float32 {found['float32_gflops']:.0f} GFLOP/s{bytes_too}."


def _versions(modules: Iterable[str]) -> dict[str, str]:
    """Returns versions by distribution; a module of the standard library has none."""
    owners = packages_distributions()
    found = {}
    for module in modules:
        for name in owners.get(module, [module.replace("_", "-")]):
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
    return found


def _cpuinfo(*keys: str) -> str:
    """Returns the first value of one of these keys in Linux's description of the processor."""
    path = Path("/proc/cpuinfo")
    for line in path.read_text().splitlines() if path.exists() else ():
        key, _, value = line.partition(":")
        if key.strip() in keys:
            return value.strip()
    return ""

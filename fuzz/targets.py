"""Lists the fuzz targets that take bytes, and the inputs that failed once."""

from __future__ import annotations

import importlib.util
from pathlib import Path

NEEDS: dict[str, tuple[str, ...]] = {
    "images": (),
    "videos": (),
    "model_folders": (),
    "annotations": (),
    "http_requests": (),
    "checkpoints": ("torch",),
    "converters": ("torch", "google.protobuf"),
}
"""The targets that take bytes, with the packages that they need besides the dependencies."""

FOUND = Path(__file__).with_name("found")
"""Inputs that failed once, in a folder for each target."""


def found(name: str) -> list[bytes]:
    """Returns the inputs that failed once."""
    return [file.read_bytes() for file in sorted((FOUND / name).glob("*"))]


def is_installed(module: str) -> bool:
    """Returns whether a module can be imported, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package above it
        return False

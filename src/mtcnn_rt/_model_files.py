"""Finds model folders, and reads their files, which may come from anywhere.

A model folder has model.json, which describes it, and the files that it names.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from mtcnn_rt._defaults import DEFAULT_MODEL
from mtcnn_rt._errors import one_line
from mtcnn_rt._files.addresses import ADDRESS, is_address
from mtcnn_rt._files.guarded import path_within, read_regular_file
from mtcnn_rt.faces import LANDMARKS

FORMAT = 1
"""Version of the format of model.json."""

MODELS = Path(__file__).parent / "model"
"""Folder in the package that holds a model folder for each name that `MTCNN(model=...)` takes."""

PUBLISHED = MODELS / "published"
"""The weights published by the paper's authors."""

LARGEST_DESCRIPTION, LARGEST_FILE = 4 << 20, 1 << 30
"""Most bytes of model.json, and of every other file."""


class ModelError(ValueError):
    """A model folder cannot be used; the message names the file and the fault."""

    __module__ = "mtcnn_rt.model"  # its public place, which stacks name


def packaged_models() -> list[str]:
    """Returns the names of the models in the package."""
    return sorted(path.parent.name for path in MODELS.glob("*/model.json"))


def folder_of(folder: str | os.PathLike[str] | None) -> Path:
    """Returns the path of a model folder that is given by its name or its path.

    Raises:
        ModelError: There is no model of the name.
    """
    if folder is None:
        return MODELS / DEFAULT_MODEL
    if not isinstance(folder, str):
        return Path(folder)
    names = packaged_models()
    if folder in names:
        return MODELS / folder
    if is_address(folder):  # which may have a password
        raise ModelError(f"model: {ADDRESS}")
    path = Path(folder)
    if not folder or (os.path.basename(folder) == folder and not path.is_dir()):
        there_is = ", ".join(names)
        place = path / "model.json" if folder else "''"
        raise ModelError(f"{place}: no such file, and the package has: {there_is}")
    return path


def read_description(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """Returns the content of model.json in a folder, and its entries.

    Raises:
        ModelError: It is missing, too large, or describes no model of this format.
    """
    path = folder / "model.json"
    content = _read(path, LARGEST_DESCRIPTION)
    try:
        described = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not JSON: {reason_of(error)}") from error
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        raise ModelError(f"{path}: not a model description of format {FORMAT}")
    if described.get("landmarks") != list(LANDMARKS):
        raise ModelError(f"{path}: landmarks are not {', '.join(LANDMARKS)}")
    return content, described


def read_checked(path: Path, sha256: str) -> bytes:
    """Returns the content of a file; raises ModelError if it is missing or has another digest."""
    content = _read(path, LARGEST_FILE)
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ModelError(f"{path}: its SHA-256 is {digest}, not {sha256} as in model.json")
    return content


def path_in(folder: Path, name: object) -> Path:
    """Returns the path of a file that model.json names; raises ModelError if it is elsewhere."""
    try:
        return path_within(folder, name)
    except ValueError as error:
        raise ModelError(f"{folder / 'model.json'}: file: {error}") from error


def _read(path: Path, most: int) -> bytes:
    try:
        return read_regular_file(path, most)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ModelError(f"{path}: {error}") from error


def reason_of(error: Exception) -> str:
    """Returns the reason of an error in one line of at most 200 characters."""
    return one_line(error)[:200]

"""Makes paths of what callers give."""

from __future__ import annotations

import os
from errno import EACCES, ENAMETOOLONG, ENOENT
from pathlib import Path

NO_SUCH = "no such file or folder"
"""The reason of an error for users."""


def path_of(given: str | os.PathLike[str]) -> Path:
    """Returns the path of a name.

    Raises:
        FileNotFoundError: The name is empty, as of a variable that is not set. `Path` would take it
            for the current folder.
        TypeError: It is no path.
    """
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"path: expected text or a Path, not {type(given).__name__}")
    if given == "":
        raise FileNotFoundError(ENOENT, NO_SUCH, given)
    return Path(os.fsdecode(given))


def why_missing(path: str) -> str:
    """Returns why there is nothing at a path: maybe a folder above it may not be opened."""
    try:
        os.stat(path)
    except OSError as error:
        if error.errno in (EACCES, ENAMETOOLONG):
            return os.strerror(error.errno)
    except ValueError:  # such as a zero in the name
        pass
    return NO_SUCH

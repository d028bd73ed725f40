"""Makes paths of what callers give."""

from __future__ import annotations

import os
from errno import EACCES, ENAMETOOLONG, ENOENT
from pathlib import Path

from mtcnn_rt._addresses import ADDRESS, ADDRESS_OUT, is_address

NO_SUCH = "no such file or folder"
"""The reason of an error for users."""


def path_of(given: str | os.PathLike[str], written: bool = False) -> Path:
    """Returns the path of a name.

    Args:
        given: The name.
        written: True for a file or folder that is to be written.

    Raises:
        FileNotFoundError: The name is empty, as of a variable that is not set. `Path` would take it
            for the current folder. Or it is a URL, which it would take for a folder `https:`, or
            has a zero byte, about which the system's error does not say where.
        TypeError: It is no path.
    """
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"path: expected text or a Path, not {type(given).__name__}")
    if given == "":
        raise FileNotFoundError(ENOENT, NO_SUCH, given)
    name = os.fsdecode(given)
    if is_address(name):
        raise FileNotFoundError(ENOENT, ADDRESS_OUT if written else ADDRESS, name)
    if "\0" in name:
        raise FileNotFoundError(ENOENT, "no file has a name with a zero byte", name)
    return Path(name)


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

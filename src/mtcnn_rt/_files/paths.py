"""Makes paths of what callers give."""

from __future__ import annotations

import os
import stat
from errno import EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR
from pathlib import Path

from mtcnn_rt._files.addresses import ADDRESS, ADDRESS_OUT, is_address

NO_SUCH = "no such file or folder"
"""The reason of an error for users."""

_NOTHING = (ENOENT, ENOTDIR, ELOOP, EINVAL)
"""Errors of a path that leads to nothing; others, as of a slow network, do not say so."""


def check_path(argument: str, given: object) -> None:
    """Raises TypeError, which names the argument, for what is neither text nor a path."""
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"{argument}: expected text or a Path, not {type(given).__name__}")


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
    check_path("path", given)
    if given == "":
        raise FileNotFoundError(ENOENT, NO_SUCH, given)
    name = os.fsdecode(given)
    if is_address(name):
        raise FileNotFoundError(ENOENT, ADDRESS_OUT if written else ADDRESS, name)
    if "\0" in name:
        raise FileNotFoundError(ENOENT, "no file has a name with a zero byte", name)
    return Path(name)


def why_missing(path: str | os.PathLike[str]) -> str:
    """Returns why there is nothing at a path: maybe a folder above it may not be opened."""
    try:
        os.stat(path)
    except OSError as error:
        if error.errno not in _NOTHING:
            return os.strerror(error.errno or 0)
    except ValueError:  # such as a zero in the name
        pass
    return NO_SUCH


def status_of(path: str | os.PathLike[str]) -> os.stat_result | None:
    """Returns the status of what a path leads to; None if it leads to nothing.

    `Path.exists` and its relatives return false for every error from Python 3.14 on: what must not
    be replaced would seem not to be there.

    Raises:
        OSError: The system cannot tell, such as on a broken disk or below a private folder.
    """
    try:
        return os.stat(path)
    except OSError as error:
        if error.errno not in (*_NOTHING, ENAMETOOLONG):
            raise
    except ValueError:  # such as a zero in the name
        pass
    return None


def is_there(path: str | os.PathLike[str]) -> bool:
    """Returns true if a path leads to something. Raises OSError where the system cannot tell."""
    return status_of(path) is not None


def is_missing(path: str | os.PathLike[str]) -> bool:
    """Returns true if a path leads to nothing; not where the system cannot tell."""
    try:
        return not is_there(path)
    except OSError:
        return False


def may_be_file(path: str | os.PathLike[str]) -> bool:
    """Returns false for a folder, a device or a pipe.

    What leads to nothing, or cannot be told, may be one: reading it gives the reason.
    """
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return True

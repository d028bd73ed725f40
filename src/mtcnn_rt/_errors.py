"""Shortens the errors of libraries for messages."""

from __future__ import annotations

import errno
import os


def one_line(error: Exception) -> str:
    """Returns the first line of an error's message, or the name of its class without a message."""
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def joined_lines(error: Exception) -> str:
    """Returns the lines of an error's message as one, of at most 200 characters."""
    return " ".join(str(error).split())[:200]


EMPTY = "empty (0 bytes)"
"""The reason of an error about an input file without content."""

REPLACES = "--overwrite replaces it, in Python overwrite=True"
"""The end of an error about an output that exists: the cure."""

STDOUT = "standard output"
"""Its name in errors."""

NO_THREADS = (
    "the system starts no more threads or processes: raise its limit (`ulimit -u`, a container's "
    "limit of processes), or ask for fewer with --threads"
)

NO_FILES = "too many open files: raise the limit (`ulimit -n`), or ask for fewer --workers"

NO_MEMORY = (
    "not enough memory: free some, raise the limit (`ulimit -v`, a container's), or ask for fewer "
    "--workers, or for larger faces alone with --min-face-size"
)

_NO_MEMORY_SAYS = ("std::bad_alloc", "(-4:Insufficient memory)")
"""Words of OpenCV's errors where C++ or OpenCV itself gets no memory."""

_CURES = {errno.EMFILE: NO_FILES, errno.ENOMEM: NO_MEMORY}
"""Texts of the system's errors that are of no file."""

NO_FOLDER = (
    "the current folder was removed, and nothing can be found or started there; cd to a folder "
    "that exists"
)


def text_of(error: Exception) -> str:
    """Returns what an error says, with the name of its file, or its class without a message."""
    if isinstance(error, BlockingIOError) or str(error) == "can't start new thread":
        return NO_THREADS
    if isinstance(error, MemoryError) or any(said in str(error) for said in _NO_MEMORY_SAYS):
        return NO_MEMORY
    if isinstance(error, OSError) and not error.filename and error.errno in _CURES:
        return _CURES[error.errno]
    if isinstance(error, FileNotFoundError) and not error.filename and _is_nowhere():
        return NO_FOLDER
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__


def _is_nowhere() -> bool:
    """Returns true if the current folder was removed."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False

"""Reads files from outside: regular files of a limited size, within their folder."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath


def read_regular_file(path: Path, most: int) -> bytes:
    """Reads a regular file. A pipe does not block, and a device is not read.

    Args:
        path: Path of the file.
        most: Most bytes that it may have.

    Raises:
        OSError: The file cannot be opened.
        ValueError: It is no regular file, or larger; the message does not have its name.
    """
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(opened)
        if stat.S_ISDIR(status.st_mode):  # `open` refuses it, too, and leaves it open
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if status.st_size > most:
            raise ValueError(f"{status.st_size} bytes are more than the {most} that it may have")
        with open(opened, "rb", closefd=False) as file:
            content = file.read(most + 1 if status.st_size == 0 else status.st_size + 1)
    finally:
        os.close(opened)
    if len(content) > most:
        raise ValueError(f"it has more than the {most} bytes that it may have")
    return content


def path_within(folder: Path, name: object) -> Path:
    """Returns the path of a file that a description in the folder names.

    Raises:
        ValueError: The name is no relative path, or leads out of the folder, maybe through a link.
    """
    if not isinstance(name, str) or not name or "\0" in name:
        raise ValueError(f"expected the name of a file, not {name!r}")
    parts = {*PurePosixPath(name).parts, *PureWindowsPath(name).parts}
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor or ".." in parts:
        raise ValueError(f"{name!r} is not within the folder")
    path = folder / name
    try:
        within = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself, before Python 3.13
        raise ValueError(f"{name!r} cannot be followed: {error}") from error
    if not within:
        raise ValueError(f"{name!r} is a link that leads out of the folder")
    return path

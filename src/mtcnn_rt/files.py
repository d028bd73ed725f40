"""Files that are either finished or absent."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def finished_file(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Gives the block an empty temporary file beside `path`, which takes its place when the block
    ends and goes away when an exception leaves the block.

    Raises FileExistsError, before the block and after it, where `path` exists and `overwrite` is
    false; OSError where its folder cannot be written."""
    _refuse_existing(path, overwrite)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(8)}.tmp{path.suffix}")
    try:
        _create(temporary, path)
        yield temporary
        _refuse_existing(path, overwrite)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):  # it is gone already, or an error worth more than this one is told
            temporary.unlink()


def write_finished(path: Path, content: bytes, overwrite: bool = False) -> None:
    """Writes a whole file. Raises as `finished_file`."""
    with finished_file(path, overwrite) as temporary:
        temporary.write_bytes(content)


def same_file(one: Path, other: Path) -> bool:
    """Whether both exist and are one file, whatever links lead to it."""
    return one.exists() and other.exists() and one.samefile(other)


def _create(temporary: Path, path: Path) -> None:
    # Not `tempfile`: its files are private to the user, and the result is to have the usual mode.
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists")

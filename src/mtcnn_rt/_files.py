"""Writes files and folders that are either finished or absent."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def finished_file(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Gives the block a temporary file, which becomes `path` when the block ends.

    An exception in the block removes the file.

    Args:
        path: Path of the finished file.
        overwrite: Replace a file that exists.

    Yields:
        The path of the temporary file, which is empty and beside `path`.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false, before the block or after it.
        OSError: The file cannot be written in this folder.
    """
    _refuse_existing(path, overwrite)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(8)}.tmp{path.suffix}")
    try:
        _create(temporary, path)
        yield temporary
        _refuse_existing(path, overwrite)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):  # it is gone already, or a more important error is raised
            temporary.unlink()


def write_finished(path: Path, content: bytes, overwrite: bool = False) -> None:
    """Writes a whole file, which is then finished or absent.

    Args:
        path: Path of the file.
        content: All its bytes.
        overwrite: Replace a file that exists.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false.
        OSError: The file cannot be written.
    """
    with finished_file(path, overwrite) as temporary:
        temporary.write_bytes(content)


@contextmanager
def finished_folder(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Gives the block a temporary folder, which becomes `path` when the block ends.

    An exception in the block removes the folder.

    Args:
        path: Path of the finished folder; folders above it are made.
        overwrite: Replace a folder that exists.

    Yields:
        The path of the temporary folder, which is empty and beside `path`.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false, before the block or after it; or
            it has a file that the new folder has not.
        OSError: The folder cannot be made.
    """
    _refuse_existing(path, overwrite)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    temporary.mkdir()
    try:
        yield temporary
        _refuse_existing(path, overwrite)
        _refuse_others(path, temporary)
        _replace_folder(path, temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def same_file(one: Path, other: Path) -> bool:
    """Returns true if both paths exist and are the same file, through any links."""
    return one.exists() and other.exists() and one.samefile(other)


def _create(temporary: Path, path: Path) -> None:
    # Not `tempfile`: its files are private to the user, but the result needs the usual mode.
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists")


def _replace_folder(path: Path, new: Path) -> None:
    """Renames the new folder to `path`, after moving the old one away.

    This is not one step, as it is for files: a folder that exists has to go first.
    """
    old = new.with_suffix(".old")
    if path.exists():
        path.rename(old)
    try:
        new.rename(path)
    except BaseException:
        if old.exists():
            old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _refuse_others(path: Path, new: Path) -> None:
    """Raises FileExistsError if `path` has a file that the new folder has not."""
    if not path.exists():
        return
    if not path.is_dir():
        raise FileExistsError(f"{path} exists and is not a folder")
    others = sorted({file.name for file in path.iterdir()} - {file.name for file in new.iterdir()})
    if others:
        raise FileExistsError(f"{path} is not replaced: it also holds {others[0]}")

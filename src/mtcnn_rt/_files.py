"""Files and folders that are either finished or absent."""

from __future__ import annotations

import os
import secrets
import shutil
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


@contextmanager
def finished_folder(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Gives the block an empty temporary folder beside `path`, which takes its place when the block
    ends and goes away when an exception leaves the block. Folders above it are made.

    Raises FileExistsError, before the block and after it, where `path` exists and `overwrite` is
    false, and where it holds a file that the new one has not; OSError where it cannot be made."""
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


def _replace_folder(path: Path, new: Path) -> None:
    """Not one step, as it is for files: a folder that is there has to go first."""
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
    if not path.exists():
        return
    if not path.is_dir():
        raise FileExistsError(f"{path} exists and is no folder")
    others = sorted({file.name for file in path.iterdir()} - {file.name for file in new.iterdir()})
    if others:
        raise FileExistsError(f"{path} is not replaced: it also holds {others[0]}")

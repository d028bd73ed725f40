"""Writes files and folders that are either finished or absent, whatever happens meanwhile.

They are written under a temporary name beside their place, brought to the disk, and renamed. What a
killed process has left is removed by the next one that writes into the same folder, see
`remove_leftovers`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mtcnn_rt._errors import REPLACES
from mtcnn_rt._files.paths import is_missing, is_there, status_of
from mtcnn_rt._files.temporary import PREFIX, remove, remove_leftovers, temporary_beside
from mtcnn_rt._signals import delayed_signals


@contextmanager
def finished_file(path: Path, overwrite: bool = False, folder_too: bool = True) -> Iterator[Path]:
    """Gives the block a temporary file, which becomes `path` when the block ends.

    An exception in the block removes the file. A symbolic link is followed, also one that leads to
    no file: the file that it leads to is written, and the link stays.

    Args:
        path: Path of the finished file.
        overwrite: Replace a file that exists.
        folder_too: Bring the name to the disk, too, at once. Otherwise a power failure within the
            next seconds leaves the file whole or absent; this takes half the time.

    Yields:
        The path of the temporary file, which is empty and beside the finished one.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false, before the block or after it; or it
            is no regular file, such as a device.
        OSError: The file cannot be written in this folder.
    """
    place = _place(path)
    refuse_no_file(path)
    _refuse_existing(path, overwrite)
    remove_leftovers(place.parent)
    temporary = temporary_beside(place)
    try:
        _create(temporary, path)
        yield temporary
        _refuse_existing(path, overwrite)
        with naming(path):
            _bring_to_disk(temporary)
            os.replace(temporary, place)
            if folder_too:
                _bring_to_disk(place.parent)
    finally:
        _remove_surely(temporary)  # it is gone already, unless an error is raised


def write_finished(
    path: Path, content: bytes, overwrite: bool = False, folder_too: bool = True
) -> None:
    """Writes a whole file, which is then finished or absent.

    Args:
        path: Path of the file.
        content: All its bytes.
        overwrite: Replace a file that exists.
        folder_too: As for `finished_file`.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false.
        OSError: The file cannot be written; the error names it.
    """
    with finished_file(path, overwrite, folder_too) as temporary, naming(path):
        temporary.write_bytes(content)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Lets the OSErrors of the block name a file instead of its temporary file or of none."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def naming_folder(path: Path) -> Iterator[None]:
    """Lets an error of the block, which makes a file or folder, name the folder that is missing.

    Raises:
        NotADirectoryError: A file has the place of a folder that `path` needs.
        OSError: The folder is missing, or what the block raises.
    """
    try:
        yield
    except (FileNotFoundError, FileExistsError, NotADirectoryError) as error:
        above = next((one for one in path.parents if not is_missing(one)), path.parent)
        if above.is_file():
            taken = f"{above} is a file, not a folder"
            raise NotADirectoryError(errno.ENOTDIR, taken, str(path)) from error
        if not isinstance(error, FileNotFoundError):
            raise
        reason = f"there is no folder {path.parent}" if is_missing(path.parent) else error.strerror
        raise FileNotFoundError(error.errno, reason, str(path)) from error


@contextmanager
def finished_folder(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Gives the block a temporary folder, which becomes `path` when the block ends.

    An exception in the block removes the folder. A symbolic link is followed.

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
    place = _place(path)
    _refuse_existing(path, overwrite)
    with naming_folder(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(place.parent)
    temporary = temporary_beside(place, suffix="")
    try:
        with naming(path):
            temporary.mkdir()
        yield temporary
        _refuse_existing(path, overwrite)
        _refuse_others(path, temporary)
        with naming(path):
            for file in (*temporary.rglob("*"), temporary):
                _bring_to_disk(file)
            _replace_folder(place, temporary)
            _bring_to_disk(place.parent)
    finally:
        _remove_surely(temporary)


def refuse_no_file(path: Path) -> None:
    """Raises FileExistsError if a path is that of a folder, a device or a pipe."""
    status = status_of(_place(path))
    if status is not None and not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a device or pipe"
        raise FileExistsError(f"{path} is {kind}, not a file")


def same_file(one: Path, other: Path) -> bool:
    """Returns true if both paths exist and are the same file, through any links."""
    return is_there(one) and is_there(other) and one.samefile(other)


def _remove_surely(temporary: Path) -> None:
    """Removes a temporary file or folder, also where a signal comes before that begins."""
    try:
        remove(temporary)
    except KeyboardInterrupt:
        remove(temporary)
        raise


def _create(temporary: Path, path: Path) -> None:
    # Not `tempfile`: its files are private to the user, but the result needs the usual mode.
    with naming(path), naming_folder(path):
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))


def _place(path: Path) -> Path:
    """Returns where a file is to be written: where the path leads, through any links."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _bring_to_disk(path: Path) -> None:
    """Writes a file or the names of a folder to the disk, so that a power failure loses nothing."""
    if sys.platform == "win32" and path.is_dir():
        return
    opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # it cannot, here
            raise
    finally:
        os.close(opened)


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if is_there(path) and not overwrite:
        raise FileExistsError(f"{path} exists ({REPLACES})")


def _replace_folder(path: Path, new: Path) -> None:
    """Renames the new folder to `path`.

    Where the system can, an old folder is swapped with the new one in one step. Otherwise it is
    moved away first; a process that is killed in between leaves it as `.mtcnn-rt-NAME.old`, which
    nothing removes.
    """
    if not is_there(path):
        new.rename(path)
        return
    if _swapped(path, new):
        return
    old = path.with_name(f"{PREFIX}{path.name[:100]}.old")
    with delayed_signals():
        path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            old.rename(path)
            raise
    remove(old)


def _swapped(one: Path, other: Path) -> bool:
    """Swaps two folders in one step. Returns false where the system cannot."""
    if sys.platform != "linux":
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # an old C library
        return False
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _refuse_others(path: Path, new: Path) -> None:
    """Raises FileExistsError if `path` has a file that the new folder has not."""
    if not is_there(path):
        return
    if not path.is_dir():
        raise FileExistsError(f"{path} exists and is not a folder")
    others = sorted({file.name for file in path.iterdir()} - {file.name for file in new.iterdir()})
    if others:
        raise FileExistsError(f"{path} is not replaced: it also holds {others[0]}")

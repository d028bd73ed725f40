"""Names temporary files and folders, and removes those that killed processes left.

Their names are `.mtcnn-rt-HOST-PID-TOKEN.tmp`, so that another process knows whose they are.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

from mtcnn_rt._signals import delayed_signals

PREFIX = ".mtcnn-rt-"
_TEMPORARY = re.compile(
    r"\.mtcnn-rt-(?P<host>[0-9a-f]{8})-(?P<pid>\d{1,10})-[0-9a-f]{8}\.tmp(\..*)?"
)
ABANDONED = 7 * 24 * 3600.0
"""Seconds after the last change, from which a file is left over even if its process runs."""
LONGEST_SUFFIX = 8  # bytes; FFmpeg chooses the file type by it

_searched: set[Path] = set()  # folders in which leftovers were searched by this process


def remove(path: Path) -> None:
    """Removes a file, or a folder with its files, as far as the system lets it.

    Ctrl-C, SIGTERM and SIGHUP act afterwards: `shutil.rmtree` would stop halfway, and turn some
    into an OSError about a closed file.
    """
    with delayed_signals():
        try:
            path.unlink()
        except OSError:  # it is a folder, or nothing
            with suppress(OSError):  # of closing a folder
                shutil.rmtree(path, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Removes temporary files and folders of processes that have ended, once for each folder.

    A process of this computer has ended if its number is free. What had no change for a week
    counts as left over, too, whosever it is: the number may be another process's by now, and those
    of other computers, which share the folder, cannot be asked. A process that runs on and writes
    nothing for a week loses its file, and ends with an error. Of a folder, only a new, removed or
    renamed entry is a change.
    """
    if folder in _searched:
        return
    _searched.add(folder)
    with suppress(OSError):
        for entry in os.scandir(folder):
            match = _TEMPORARY.fullmatch(entry.name)
            if match and _is_left(match["host"], int(match["pid"]), entry):
                remove(Path(entry.path))


def temporary_beside(place: Path, suffix: str | None = None) -> Path:
    """Returns a new path beside the place, with a name of at most 50 bytes."""
    suffix = place.suffix if suffix is None else suffix
    kept = suffix if len(os.fsencode(suffix)) <= LONGEST_SUFFIX else ""
    token = secrets.token_hex(4)
    return place.with_name(f"{PREFIX}{_host()}-{os.getpid()}-{token}.tmp{kept}")


def _host() -> str:
    """Returns eight digits for this computer, or this container, whose processes have numbers."""
    namespace = ""
    with suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    return hashlib.sha256(f"{platform.node()} {namespace}".encode()).hexdigest()[:8]


def _is_left(host: str, pid: int, entry: os.DirEntry[str]) -> bool:
    """Returns true if the process has ended, or nothing was written for `ABANDONED` seconds."""
    if host == _host() and sys.platform != "win32":  # there, `os.kill` ends a process
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return True
        except PermissionError:
            pass
    with suppress(OSError):
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > ABANDONED
    return False

"""Decides whether a job may go on from the results that are there."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EINVAL)
"""Errors of file systems without locks, such as Lustre's usual one and some of NFS."""


class ResumeError(ValueError):
    """The results that are there are of another job; the message has the reason."""


def read_run(file: Path) -> dict[str, Any]:
    """Reads the description of a job. Raises ResumeError if it is broken."""
    try:
        run = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError):
        run = None
    if not isinstance(run, dict):
        raise ResumeError(f"{file}: is broken; --overwrite begins again")
    return run


def refuse_another_run(there: dict[str, Any], here: dict[str, Any]) -> None:
    """Raises ResumeError if the results that are there depend on something else than those here."""
    for name in sorted({*there, *here}):
        if name not in there:
            raise ResumeError(
                f"--resume: the results that are there have no {name}: an earlier version of "
                "mtcnn-rt made them; finish with that one, or --overwrite begins again"
            )
        if there.get(name) != here.get(name):
            raise ResumeError(
                f"--resume: the results that are there were made with {name} "
                f"{there.get(name)!r}, not {here.get(name)!r}; --overwrite begins again"
            )


def lock(file: int, folder: Path) -> None:
    """Lets no other process write into the folder, until this one ends, where files have locks.

    Args:
        file: The descriptor of a file in the folder.
        folder: The folder.

    Raises:
        ResumeError: Another process is writing into it.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ResumeError(f"{folder}: another process is writing into it") from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise

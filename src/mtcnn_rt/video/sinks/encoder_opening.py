"""Opens encoders, and keeps them from real-time priority and from lines of their own.

SVT-AV1 gives its threads, and the one that opens it, the highest real-time priority where the
process is root's, as in a container. Every other process of the machine would wait for them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from av.codec.context import CodecContext

from mtcnn_rt.video.codec_threads import open_codec

_SILENT = ("SVT_LOG", "0")
"""The variable by which SVT-AV1 knows what to print, and the value for nothing but fatal errors."""

_THREADS = Path("/proc/self/task")  # Linux alone


def open_encoder(context: CodecContext) -> None:
    """Opens an encoder as `open_codec` does.

    SVT-AV1 prints about 20 lines to standard error, where progress and errors of commands go,
    unless the environment has `SVT_LOG`. It has it meanwhile, where it is not set.

    Raises:
        av.FFmpegError: It cannot be opened.
    """
    with _silent(), usual_priority():
        open_codec(context)


@contextmanager
def _silent() -> Iterator[None]:
    name, value = _SILENT
    if name in os.environ:
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)


@contextmanager
def usual_priority() -> Iterator[None]:
    """Takes real-time priority from the threads that get it in the block."""
    before = _real_time_threads()
    try:
        yield
    finally:
        for thread in _real_time_threads() - before:
            with suppress(OSError):  # it has ended
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


def _real_time_threads() -> set[int]:
    """Returns the ids of the process's threads that have real-time priority."""
    if not _THREADS.exists():
        return set()
    found = set()
    for thread in map(int, os.listdir(_THREADS)):
        with suppress(OSError):
            if os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR):
                found.add(thread)
    return found

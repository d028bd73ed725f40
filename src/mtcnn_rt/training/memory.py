"""Keeps the memory of a training step for the next one."""

from __future__ import annotations

import ctypes

# From glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tells the C library to keep what is freed, for the whole process and as long as it runs.

    Each step allocates and frees the same large blocks. By default glibc gives them back to the
    system, which clears them again, page by page: a third of the time of a step on a CPU. The
    results are the same in every bit.

    Returns:
        Whether the C library has these options; other libraries than glibc keep their defaults.
    """
    try:
        options = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return False
    return bool(options(M_MMAP_MAX, 0) and options(M_TRIM_THRESHOLD, NEVER))

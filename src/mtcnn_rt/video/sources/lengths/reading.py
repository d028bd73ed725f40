"""Reads numbers from files, and states how much of a file is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, TypeAlias

Check: TypeAlias = Callable[[BinaryIO, int], "str | None"]
"""Checks a file from its content and its size in bytes.

Returns a reason such as "it has 900 of at least 1000 bytes" if the file is cut off, "" if it is
whole, and None if it states no length.
"""

END_MISSING = "its end is missing"
MOST_PARTS = 1_000_000
"""Parts that are walked through, for files that are made to take long."""


def short_of(size: int, stated: int) -> str:
    """Returns the reason for a file of `size` bytes that should have `stated` ones; "" if none."""
    return f"it has {size} of at least {stated} bytes" if size < stated else ""


def read(file: BinaryIO, at: int, count: int) -> bytes:
    """Returns the bytes from a place on; fewer at the end of the file."""
    file.seek(at)
    return file.read(count)


def big(data: bytes) -> int:
    """Returns a whole number, its most significant byte first."""
    return int.from_bytes(data, "big")


def little(data: bytes) -> int:
    """Returns a whole number, its least significant byte first."""
    return int.from_bytes(data, "little")

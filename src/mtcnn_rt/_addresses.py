"""Tells addresses from paths."""

from __future__ import annotations

import re
from errno import ENOENT

ADDRESS = "an address, not a file; download it first"
"""The reason of an error for users."""


def is_address(text: str) -> bool:
    """Returns True for a URL, such as https://host/photo.jpg."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


def refuse_address(text: str) -> None:
    """Validates a path.

    Raises:
        FileNotFoundError: It is a URL.
    """
    if is_address(text):
        raise FileNotFoundError(ENOENT, ADDRESS, text)

"""Tells addresses from paths."""

from __future__ import annotations

import re

ADDRESS = "an address, not a file; download it first"
"""The reason of an error for users."""

ADDRESS_OUT = "an address, not a file; write a file, and copy it there"
"""The same where something is to be written."""


def is_address(text: str) -> bool:
    """Returns True for a URL or URI, such as https://host/photo.jpg, False for a path.

    Example:
        >>> is_address("s3://bucket/photos"), is_address("C:/photos"), is_address("photos/*.jpg")
        (True, False, False)
    """
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None

"""Holds what libraries in C write to standard error, and finds in it that an image is damaged."""

from __future__ import annotations

import os
import re

MOST = 1 << 16
"""Bytes that are read of the lines about one image."""

PADDING = 16
"""Bytes between the data of a JPEG image and its end that some cameras leave."""

_LIBJPEG = re.compile(r"Corrupt JPEG data: (?P<what>[^\n]+)|(?P<end>Premature end of JPEG file)")
_EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker")


class LibraryLines:
    """Holds the lines that libraries wrote since they were taken last.

    Args:
        file: Number of the file that libraries write to; None if there is none.
    """

    def __init__(self, file: int | None) -> None:
        self._file = file

    def take(self) -> str:
        """Returns the lines, and forgets them."""
        if self._file is None:
            return ""
        os.lseek(self._file, 0, os.SEEK_SET)
        lines = os.read(self._file, MOST).decode(errors="replace")
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)  # the libraries' end of the file is the same
        return lines


UNHEARD = LibraryLines(None)
"""Stands for lines where standard error is left as it is."""


def jpeg_damage(lines: str) -> str:
    """Returns the words of libjpeg for the damage of an image.

    libjpeg decodes what it can of a damaged image and only writes a line about it.

    Args:
        lines: The lines that it wrote while it decoded the image.

    Returns:
        The words, such as "bad Huffman code"; "" if the image is not damaged.
    """
    for found in _LIBJPEG.finditer(lines):
        words = found["what"] or "its end is missing"
        extra = _EXTRANEOUS.match(words)
        if extra is None or int(extra[1]) > PADDING:
            return words.strip()
    return ""

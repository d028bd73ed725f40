"""Reads the bytes of image files: those of a too large image, or of a bomb, are not kept in memory.

The limit of pixels is compared with the header once the first megabyte is read, so that a member of
an archive that decompresses to gigabytes costs a worker neither its memory nor its time.
"""

from __future__ import annotations

import inspect
import io
import os
import stat
import sys
from pathlib import Path
from typing import Protocol

from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._images.codecs import refuse_too_large
from mtcnn_rt._images.headers import HeaderError, read_header
from mtcnn_rt._log import LOG

BYTES_A_PIXEL, HEAD = 16, 64 << 20
"""A file has at most this many bytes for each pixel that is allowed, and these besides."""
RATIO = 100
"""Most bytes that an image has for each byte in an archive, if they are not those of its pixels."""
CHUNK = 1 << 20  # bytes that are read at a time


class Readable(Protocol):
    """A file that is open for reading bytes."""

    def read(self, size: int, /) -> bytes:
        """Returns at most so many bytes, none at the end."""


def read_content(path: Path, max_pixels: int = MAX_PIXELS, check_header: bool = True) -> bytes:
    """Reads a file that is not larger than an image of so many pixels can be.

    Args:
        path: The file.
        max_pixels: Most pixels of the image.
        check_header: Refuse an image whose header has more pixels.

    Raises:
        OSError: The file cannot be opened.
        ValueError: It is larger, or a device.
    """
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise ValueError(f"cannot read {path}: a device, not a file")
        content = read_opened(file, str(path), max_pixels, check_header=check_header)
    LOG.debug("%s: read, %d bytes", path, len(content))
    return content


def read_opened(
    file: Readable,
    name: str,
    max_pixels: int = MAX_PIXELS,
    stored: int | None = None,
    check_header: bool = True,
) -> bytes:
    """Reads the rest of an open file that is not larger than an image of so many pixels can be.

    Args:
        file: The file.
        name: Its name in messages.
        max_pixels: Most pixels of the image.
        stored: Bytes that the file takes in an archive, if it is compressed there: it may have
            `RATIO` times as many, or as many as an image of its header's size.
        check_header: Refuse an image whose header has more pixels.

    Raises:
        ValueError: It is larger.
        TypeError: It does not give bytes.
    """
    if isinstance(file, io.TextIOBase):  # reading it would be an error about its encoding
        raise TypeError(_why_no_bytes(name, ""))
    limit = _Limit(max_pixels, stored, check_header)
    parts, size = [], 0
    while part := file.read(CHUNK):  # `read(limit)` would reserve all of it
        if not isinstance(part, bytes):
            raise TypeError(_why_no_bytes(name, part))
        parts.append(part)
        size += len(part)
        try:
            if size >= limit.next_check:
                parts = [b"".join(parts)]
                limit.read_header(parts[0])
            if size > limit.bytes:
                raise ValueError(f"larger than {limit.bytes} bytes")
        except ValueError as error:
            raise ValueError(f"cannot read {name}: {error}") from error
    return b"".join(parts)


def _why_no_bytes(name: str, part: object) -> str:
    """Returns the message for a file that gave something else."""
    if isinstance(part, str):
        return f"image: {name} is open for reading text; open it with mode 'rb'"
    if inspect.iscoroutine(part):
        part.close()  # or Python warns that nothing waited for it
        return f"image: {name} is read with await; give its bytes, await file.read()"
    return f"image: expected bytes of {name}, not {type(part).__name__}"


class Part:
    """The next bytes of an open file, as a file.

    Args:
        file: The file.
        size: Number of bytes.
    """

    def __init__(self, file: Readable, size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int, /) -> bytes:
        """Returns at most so many bytes, none at the end."""
        part = self._file.read(min(size, self._left))
        self._left -= len(part)
        return part


class _Limit:
    """The most bytes of a file, which depend on its header once that is read.

    Attributes:
        bytes: Most bytes.
        next_check: Number of bytes from which on `read_header` is to be called.
    """

    def __init__(self, max_pixels: int, stored: int | None, check_header: bool) -> None:
        self._max_pixels = max_pixels
        self._most = BYTES_A_PIXEL * max_pixels + HEAD
        self.bytes = self._most if stored is None else min(self._most, RATIO * stored + HEAD)
        self.next_check = CHUNK if check_header else sys.maxsize

    def read_header(self, start: bytes) -> None:
        """Takes the size from the header. Raises ValueError for more pixels than are allowed."""
        try:
            header = read_header(start)
        except HeaderError:  # maybe more of the file completes it
            self.next_check *= 2
            return
        self.next_check = sys.maxsize
        if header is not None:
            refuse_too_large(header.size, self._max_pixels)
            width, height = header.size
            likely = BYTES_A_PIXEL * width * height + HEAD
            self.bytes = max(self.bytes, min(likely, self._most))

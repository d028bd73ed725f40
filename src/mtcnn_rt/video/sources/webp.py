"""Decodes animated WebP, which FFmpeg before 9 does not read: image by image, onto a canvas.

The format is that of RFC 9649, "WebP Image Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._packages import opencv_if_usable, require_opencv

cv2 = opencv_if_usable()

_FILE_TYPES = ("webp_pipe", "webp_anim")  # the second one for animations, from FFmpeg 9 on
_ANIMATED = 0x02  # flags of the header
_ALPHA = 0x10
_CLEARS, _REPLACES = 0x01, 0x02  # flags of an image
_PART_HEADER = 16  # bytes of an image's description
_UNIT = Fraction(1, 1000)  # second
_SHOWN_AS = 100  # units that browsers show an image of less than 11 units


@dataclass(frozen=True)
class _Part:
    """An image of the animation; `at` and `size` are of its data in the file."""

    at: int
    size: int
    x: int
    y: int
    duration: int
    clears: bool
    replaces: bool


class WebPAnimation:
    """Gives the frames of an animated WebP before black, as `Decoding` does those of a video.

    Args:
        path: The file.
        start: Time in seconds that counts as 0; the frames before have negative times.

    Attributes:
        size: (width, height) in pixels.
        time_base: Seconds per unit of the times.
        frames: Number of frames.
        duration: In seconds.
        errors: Number of images so far that could not be decoded.
        broken: "": the frames end with the file.
        end: End of the last frame so far, in seconds.
        position: 0: the lengths in the file tell if it is whole.
        transparent: True if a frame so far had transparent parts.

    Raises:
        ValueError: The file is not an animated WebP.
        MissingPackageError: OpenCV, which decodes its images, is missing.
    """

    time_base = _UNIT
    broken = ""
    position = 0

    def __init__(self, path: Path, start: Fraction = Fraction(0)) -> None:
        self._start = round(start / _UNIT)
        self.errors = 0
        self.end = Fraction(0)
        self.transparent = False
        self._path = path
        with path.open("rb") as file:
            self.size, self._parts = _parts(file)
        if cv2 is None:
            require_opencv("reading an animated WebP")
        self.frames = len(self._parts)
        self.duration = float(sum(part.duration for part in self._parts) * _UNIT)

    @property
    def rate(self) -> Fraction:
        """Average number of frames per second."""
        return Fraction(self.frames) / max(_UNIT, sum(p.duration for p in self._parts) * _UNIT)

    def __iter__(self) -> Iterator[tuple[VideoFrame, None]]:
        """Gives the frames, once."""
        width, height = self.size
        canvas = np.zeros((height, width, 4), np.uint8)  # multiplied by its transparency
        time = 0
        with self._path.open("rb") as file:
            for part in self._parts:
                image = self._decode(file, part)
                begin, time = time, time + part.duration
                if image is None:
                    self.errors += 1
                    continue
                area = _draw(canvas, image, part)
                self.transparent |= bool(canvas[..., 3].min() < 255)
                frame = VideoFrame.from_ndarray(
                    np.ascontiguousarray(canvas[..., :3]), format="bgr24"
                )
                frame.pts, frame.time_base = begin - self._start, _UNIT
                frame.duration = part.duration
                self.end = (time - self._start) * _UNIT
                yield frame, None
                if part.clears:
                    area[...] = 0

    def read_on(self, time: Fraction) -> None:
        """Does nothing: an animation has no streams beside its images."""

    def _decode(self, file: BinaryIO, part: _Part) -> Pixels | None:
        """Returns an image, (H, W, 4), multiplied by its transparency; None if it is damaged."""
        file.seek(part.at)
        data = file.read(part.size)
        width, height = self.size
        if not _fits(data, width - part.x, height - part.y):
            return None
        try:
            image = cv2.imdecode(np.frombuffer(_still(data), np.uint8), cv2.IMREAD_UNCHANGED)
        except cv2.error:
            return None
        if image is None or image.ndim != 3:
            return None
        if image.shape[2] == 3:
            return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2BGRA), np.uint8)
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGBA2mRGBA), np.uint8)


def animation_in(
    container: InputContainer, path: Path | None, start: Fraction
) -> WebPAnimation | None:
    """Returns what decodes an input that is an animated WebP; None for anything else.

    Args:
        container: The input.
        path: Its file; None for a URL and standard input.
        start: As for `WebPAnimation`.
    """
    if path is None or container.format.name not in _FILE_TYPES:
        return None
    try:
        return WebPAnimation(path, start)
    except ValueError:  # a still one
        return None


def _draw(canvas: Pixels, image: Pixels, part: _Part) -> Pixels:
    """Draws an image onto the canvas; returns the area."""
    area = canvas[part.y : part.y + image.shape[0], part.x : part.x + image.shape[1]]
    image = image[: area.shape[0], : area.shape[1]]
    if not part.replaces:
        rest = 255 - image[..., 3:].astype(np.uint16)
        image = image + ((area * rest + 127) // 255).astype(np.uint8)
    area[...] = image
    return area


def _parts(file: BinaryIO) -> tuple[tuple[int, int], list[_Part]]:
    """Returns (width, height) and the images of an animation, without reading their data."""
    head = file.read(30)
    if head[:4] != b"RIFF" or head[8:16] != b"WEBPVP8X" or len(head) < 30:
        raise ValueError("not an animated WebP")
    if not head[20] & _ANIMATED:
        raise ValueError("not an animated WebP")
    size = (1 + _number(head[24:27]), 1 + _number(head[27:30]))
    parts: list[_Part] = []
    at = 20 + _number(head[16:20])
    while True:
        file.seek(at)
        chunk = file.read(8 + _PART_HEADER)
        if len(chunk) < 8:
            return size, parts
        length = _number(chunk[4:8])
        if chunk[:4] == b"ANMF" and len(chunk) == 8 + _PART_HEADER and length >= _PART_HEADER:
            x, y, duration = (_number(chunk[i : i + 3]) for i in (8, 11, 20))
            parts.append(
                _Part(
                    at + 8 + _PART_HEADER,
                    length - _PART_HEADER,
                    2 * x,
                    2 * y,
                    duration if duration > 10 else _SHOWN_AS,
                    bool(chunk[23] & _CLEARS),
                    bool(chunk[23] & _REPLACES),
                )
            )
        at += 8 + length + length % 2


def _still(data: bytes) -> bytes:
    """Returns the data of an image as a file of its own."""
    header = b""
    if data[:4] == b"ALPH":
        width, height = _size(data)
        header = b"VP8X" + (10).to_bytes(4, "little") + bytes([_ALPHA, 0, 0, 0])
        header += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + header + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _fits(data: bytes, width: int, height: int) -> bool:
    """Returns True if the data are those of an image of at most this size."""
    given = _size(data)
    return 0 < given[0] <= width and 0 < given[1] <= height


def _size(data: bytes) -> tuple[int, int]:
    """Returns (width, height) of an image from its data; (0, 0) if they are damaged."""
    if data[:4] == b"ALPH":
        length = _number(data[4:8])
        data = data[8 + length + length % 2 :]
    if data[:4] == b"VP8 " and len(data) >= 18:
        return _number(data[14:16]) & 0x3FFF, _number(data[16:18]) & 0x3FFF
    if data[:4] == b"VP8L" and len(data) >= 13:
        bits = _number(data[9:13])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return 0, 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")

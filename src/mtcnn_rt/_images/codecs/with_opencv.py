"""Decodes and encodes images with OpenCV."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images.codecs import NO_ALPHA, CodecImage, Wanted
from mtcnn_rt._images.codecs.depth import eight_bits

_SURE = ("TIFF", "JPEG 2000", "PAM", "BMP")  # formats whose header promises a channel of alpha


class OpenCV:
    """See `Codec`."""

    name = "OpenCV"

    def decode(self, content: bytes, wanted: Wanted) -> CodecImage | None:
        """Decodes the content of an image file, see `Codec.decode`."""
        header, upright, alpha, _ = wanted
        encoded = np.frombuffer(content, np.uint8)
        unscaled = header is not None and header.unscaled
        flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH if unscaled else cv2.IMREAD_COLOR
        if not upright:
            flags |= cv2.IMREAD_IGNORE_ORIENTATION
        try:
            decoded = cv2.imdecode(encoded, flags)
            if decoded is None:
                return None
            colors = _scaled(decoded) if unscaled else np.asarray(decoded, np.uint8)
            if header is None or not alpha:
                return CodecImage(colors)
            if header.format == "PAM":  # OpenCV 5 mixes up its channels
                raise ValueError(NO_ALPHA.format(self.name))
            channel = _alpha(encoded, colors.shape[:2], header.clear_gray)
        except cv2.error as error:  # such as a size beyond OpenCV's limit
            raise ValueError(" ".join(error.err.split())) from error
        if channel is None and header.format in _SURE:
            raise ValueError(NO_ALPHA.format(self.name))
        return CodecImage(colors, channel, header.alpha == "premultiplied")

    def encode(self, extension: str, image: Pixels) -> bytes | None:
        """Encodes an image, see `Codec.encode`."""
        if not cv2.haveImageWriter(f"x{extension}"):
            return None
        try:
            encoded, content = cv2.imencode(extension, image)
        except cv2.error as error:
            raise ValueError(error.err) from error
        if not encoded:
            raise ValueError("this format cannot store an image of this size")
        return content.tobytes()


codec = OpenCV
"""Makes the codec of this module."""


def _scaled(decoded: NDArray[Any]) -> NDArray[np.uint8]:
    """Returns the colors (H, W, 3) of values without a fixed range; raises RangeError."""
    if decoded.ndim == 3 and decoded.shape[2] >= 3:
        return eight_bits(decoded[..., :3])
    gray = decoded if decoded.ndim == 2 else decoded[..., 0]
    return np.repeat(eight_bits(gray)[..., np.newaxis], 3, axis=2)


def _alpha(
    encoded: NDArray[np.uint8], size: tuple[int, ...], clear_gray: int | None
) -> NDArray[np.uint8] | None:
    """Returns the transparency (H, W) in 8 bits; None if there is none."""
    pixels: NDArray[Any] | None = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape[:2] != size:
        raise ValueError(NO_ALPHA.format(OpenCV.name))
    if pixels.ndim == 2 and clear_gray is not None:
        return np.where(pixels == clear_gray, 0, 255).astype(np.uint8)
    if pixels.ndim != 3 or pixels.shape[2] not in (2, 4):
        return None
    alpha = pixels[..., -1]
    if alpha.dtype == np.uint16:
        return np.asarray(alpha >> 8, np.uint8)
    if alpha.dtype != np.uint8:
        return np.asarray(np.clip(np.nan_to_num(alpha), 0, 1) * 255).astype(np.uint8)
    return np.asarray(alpha, np.uint8)

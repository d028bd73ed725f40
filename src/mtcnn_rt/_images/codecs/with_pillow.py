"""Decodes images with Pillow that OpenCV does not know, and all of them where it is missing."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images import extra_formats
from mtcnn_rt._images.codecs import CodecImage, TooManyPixelsError, Wanted, refuse_too_large
from mtcnn_rt._images.codecs.depth import RangeError, eight_bits
from mtcnn_rt._images.headers import ORIENTATIONS, ImageHeader
from mtcnn_rt._images.pil import UNSCALED, pil_pixels

_FORMATS = {
    "PNG": ("PNG",),
    "JPEG": ("JPEG", "MPO"),
    "GIF": ("GIF",),
    "BMP": ("BMP",),
    "WebP": ("WEBP",),
    "TIFF": ("TIFF",),
    "AVIF": ("AVIF",),
    "JPEG 2000": ("JPEG2000",),
    "PNM": ("PPM",),
    "PAM": ("PPM",),
    "Sun raster": ("SUN",),
}
"""Pillow's names of the formats whose headers are known."""
_QUALITY = {"JPEG": 95, "WEBP": 100}  # as OpenCV's
_SHRUNK = ("ICO", "ICNS")  # formats that would have small copies of the image, not the image


class Pillow:
    """See `Codec`."""

    name = "Pillow"

    def decode(self, content: bytes, wanted: Wanted) -> CodecImage | None:
        """Decodes the content of an image file, see `Codec.decode`."""
        header, upright, alpha, max_pixels = wanted
        if header is None:
            for size in extra_formats.inner_sizes(content):
                refuse_too_large(size, max_pixels)
        try:
            with PIL.Image.open(BytesIO(content), formats=_formats(header)) as image:
                refuse_too_large(image.size, max_pixels)
                pixels = _pixels(image, header)
        except (TooManyPixelsError, RangeError):
            raise
        except PIL.Image.DecompressionBombError as error:
            raise ValueError(f"Pillow refuses it: {error}") from error
        except MemoryError as error:
            raise ValueError("there is too little memory to decode it") from error
        except Exception:  # what Pillow raises for broken files shares no narrower base
            return None
        if pixels.ndim == 2:
            pixels = np.repeat(pixels[..., np.newaxis], 3, axis=2)
        # Pillow turns TIFF by itself.
        if upright and header is not None and header.format != "TIFF":
            pixels = ORIENTATIONS[header.orientation](pixels)
        colors = np.ascontiguousarray(pixels[..., 2::-1])
        has_alpha = (alpha or header is None) and pixels.shape[2] == 4
        channel = pixels[..., 3] if has_alpha else None
        return CodecImage(colors, channel)

    def encode(self, extension: str, image: Pixels) -> bytes | None:
        """Encodes an image, see `Codec.encode`."""
        form = PIL.Image.registered_extensions().get(extension.lower())
        if form is None or form in _SHRUNK:
            return None
        content = BytesIO()
        options = {"quality": _QUALITY[form]} if form in _QUALITY else {}
        try:
            rgb = PIL.Image.fromarray(np.ascontiguousarray(image[..., ::-1]))
            rgb.save(content, form, **options)
        except KeyError:  # Pillow reads this format, but does not write it
            return None
        except (OSError, ValueError) as error:
            raise ValueError(f"Pillow cannot encode it: {error}") from error
        return content.getvalue()


codec = Pillow
"""Makes the codec of this module."""


def _formats(header: ImageHeader | None) -> list[str]:
    """Returns Pillow's names of the formats that a file may have."""
    names = extra_formats.NAMES if header is None else _FORMATS.get(header.format, ())
    PIL.Image.init()
    return [name for name in names if name in PIL.Image.OPEN]


def _pixels(image: PIL.Image.Image, header: ImageHeader | None) -> NDArray[Any]:
    """Returns the pixels as `pil_pixels` does; 32 bits are scaled, too. May raise RangeError."""
    if image.mode not in UNSCALED:
        return pil_pixels(image)
    values = np.asarray(image)
    if header is not None and not header.unscaled:  # 16 bits, for which older versions take 32
        return np.asarray(values >> 8, np.uint8)
    return eight_bits(values)

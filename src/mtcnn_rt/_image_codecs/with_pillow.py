"""Decodes and encodes images with Pillow, where OpenCV is missing."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import PIL.Image

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._image_codecs import Decoded, TooManyPixelsError, Wanted, refuse_too_large
from mtcnn_rt._image_headers import ORIENTATIONS
from mtcnn_rt._pil_images import pil_pixels

_QUALITY = {"JPEG": 95, "WEBP": 100}  # as OpenCV's


class Pillow:
    """See `Codec`."""

    name = "Pillow"

    def decode(self, content: bytes, wanted: Wanted) -> Decoded | None:
        """Decodes the content of an image file, see `Codec.decode`."""
        header, upright, alpha, max_pixels = wanted
        try:
            with PIL.Image.open(BytesIO(content)) as image:
                refuse_too_large(image.size, max_pixels)
                pixels = pil_pixels(image)
        except TooManyPixelsError:
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
        return Decoded(colors, channel)

    def encode(self, extension: str, image: Pixels) -> bytes | None:
        """Encodes an image, see `Codec.encode`."""
        form = PIL.Image.registered_extensions().get(extension.lower())
        if form is None:
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


def codec() -> Pillow:
    """Returns the codec."""
    return Pillow()

"""Turns PIL images into pixels. Pillow itself need not be installed to import this."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ORIENTATION = 274
"""EXIF's tag of the orientation."""

UNSCALED = ("I", "F")
"""Modes whose values have no range that is known."""

_ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")


def is_pil_image(image: Any) -> bool:
    """Returns true for a PIL image."""
    return hasattr(image, "convert") and hasattr(image, "getbands")


def pil_pixels(image: Any) -> NDArray[Any]:
    """Returns the pixels of a PIL image as it is, not turned.

    Returns:
        Gray (H, W), RGB (H, W, 3) or RGBA (H, W, 4), uint8. 16 bits are scaled to 8.

    Raises:
        TypeError: The mode has no range of values that is known.
        ValueError: Pillow cannot turn the mode into RGB.
    """
    if image.mode.startswith("I;16"):
        return _scaled(np.asarray(image).astype(np.uint16), image.info.get("transparency"))
    if image.mode in UNSCALED:
        raise TypeError(
            f"image: expected 8 or 16 bits a channel, not PIL's mode {image.mode!r}, whose range "
            "is unknown: scale the values to 0 to 255, then image.convert('L')"
        )
    try:
        return np.asarray(image.convert("RGBA" if _may_be_transparent(image) else "RGB"))
    except ValueError as error:  # such as LAB
        raise ValueError(f"image: PIL's mode {image.mode!r}: {error}") from error


def _may_be_transparent(image: Any) -> bool:
    """Returns true for an image with transparency of its pixels or of the colors of its palette."""
    if image.mode in _ALPHA or "transparency" in image.info:
        return True
    palette = getattr(image, "palette", None)
    return bool(palette and palette.mode.endswith("A"))


def upright_pil_pixels(image: Any) -> NDArray[Any]:
    """Returns the pixels of a PIL image, turned by its EXIF orientation, as those of a file are.

    Raises:
        TypeError: As `pil_pixels`.
        ValueError: As `pil_pixels`.
    """
    pixels = pil_pixels(image)  # loads the image: Pillow turns TIFF by itself, and forgets the tag
    from mtcnn_rt._images.headers import ORIENTATIONS  # not needed for arrays

    return ORIENTATIONS.get(_orientation(image), ORIENTATIONS[1])(pixels)


def _scaled(values: NDArray[np.uint16], transparent: Any) -> NDArray[np.uint8]:
    """Returns gray of 8 bits, or RGBA where one of the values is transparent."""
    gray = (values >> 8).astype(np.uint8)
    if not isinstance(transparent, int):
        return gray
    alpha = np.where(values == transparent, 0, 255).astype(np.uint8)
    return np.dstack([gray, gray, gray, alpha])


def _orientation(image: Any) -> int:
    if not hasattr(image, "getexif"):
        return 1
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # broken EXIF, for which Pillow raises errors of many kinds
        return 1

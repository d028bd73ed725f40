"""Validates the images that are changed in place."""

from __future__ import annotations

from mtcnn_rt._arrays import GivenPixels
from mtcnn_rt.images import check_pixels


def check_canvas(image: GivenPixels) -> None:
    """Validates pixels to draw on or to cover faces in.

    Raises:
        TypeError: `image` is not an array.
        ValueError: It is not uint8 (H, W, 3), has no pixels, or is read-only.
    """
    check_pixels(image)
    if image.size == 0:
        raise ValueError(f"image: has no pixels, its shape is {image.shape}")
    if not image.flags.writeable:
        raise ValueError("image: read-only, but it is changed in place; give image.copy()")

"""Holds images out of the training, to measure and to choose on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from mtcnn_rt.annotations import Annotated


def is_held_out(name: str, share: float) -> bool:
    """Returns whether an image is held out: its name alone decides, through a hash.

    So an image stays on its side when others come or go, in every data set and on every machine.

    Args:
        name: Name of the image as in the annotations.
        share: Share of all images that are held out, 0 to 1.
    """
    return name_seed(name) < share * 2**64


def name_seed(name: str) -> int:
    """Returns 64 bits of a hash of a name, which need not be valid Unicode."""
    content = name.encode(errors="surrogatepass")
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big")


def split_images(
    images: Sequence[Annotated], share: float
) -> tuple[list[Annotated], list[Annotated]]:
    """Splits images into those to train on and those held out.

    Args:
        images: The annotated images.
        share: Share of the images that are held out.

    Returns:
        The images to train on, and those held out.
    """
    held_out = [is_held_out(image.name, share) for image in images]
    return (
        [image for image, held in zip(images, held_out, strict=True) if not held],
        [image for image, held in zip(images, held_out, strict=True) if held],
    )

"""Makes the pixels that hide a face: blurred, in blocks, black, or those of another image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arguments import real
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import METHODS
from mtcnn_rt._packages import opencv_if_usable
from mtcnn_rt.drawing import plain_cover
from mtcnn_rt.images import as_image

cv2 = opencv_if_usable()  # without it, NumPy covers faces in nearly the same colors, slower

BLOCKS = 6
"""Most blocks that "pixelate" leaves along the longer side of a face's box; "blur" leaves less.

With 8, the detector of this package still finds some of the faces.
"""

SHORTEST_BLOCK = 3.0
"""Least side of a block in pixels."""

_SAMPLES = 24  # rows and columns of a block that are enough for its mean

Area = tuple[int, int, int, int]
"""Top, bottom, left and right of an area, in pixels; it may extend beyond the image."""


@dataclass(frozen=True, eq=False)
class Cover:
    """Makes the pixels that hide a face.

    Attributes:
        method: "blur", "pixelate" or "solid".
        strength: How strong "blur" is, 1 to 6: how many times as far colors spread as with 1.
        block_size: Least side of a block of "pixelate", in pixels; blocks are larger where a face
            would have more than `BLOCKS` of them along its longer side.
        image: What "solid" shows, (h, w, 3), (h, w, 4) or (h, w) uint8; None is black.

    Raises:
        ValueError: An attribute is out of its range, or has no effect with the method; the message
            names it.
        TypeError: An attribute has another type.
    """

    method: str
    strength: float = 1.0
    block_size: float = 1.0
    image: Pixels | None = None

    def __post_init__(self) -> None:
        """Checks the attributes, and lays transparent parts of the image on white."""
        if self.method not in METHODS:
            raise ValueError(f"method: expected one of {', '.join(METHODS)}, not {self.method!r}")
        check_strength(self.strength)
        check_block_size(self.block_size)
        for name, default, method in (("strength", 1, "blur"), ("block_size", 1, "pixelate")):
            if getattr(self, name) != default and self.method != method:
                raise ValueError(f"{name}: has no effect with {self.method!r}, only {method!r}")
        if self.image is not None:
            object.__setattr__(self, "image", self._opaque(self.image))

    def pixels(self, part: Pixels, side: float, whole: Area, visible: Area) -> NDArray[Any]:
        """Returns the pixels that hide a part of an image, as large as that.

        Args:
            part: The part, (H, W, 3) uint8.
            side: Longer side of the face's box, in pixels.
            whole: The area to cover.
            visible: Its part within the image, which is `part`.
        """
        if self.image is not None:
            return _resized(self.image, whole, visible)
        if self.method == "solid":
            return np.zeros_like(part)
        factor = self.strength if self.method == "blur" else 1.0
        block = max(SHORTEST_BLOCK, factor * side / BLOCKS, self.block_size)
        return _few_colors(part, block, self.method)

    def _opaque(self, image: Pixels) -> Pixels:
        if self.method != "solid":
            raise ValueError(f"cover: has no effect with {self.method!r}, only with 'solid'")
        if not isinstance(image, np.ndarray):
            raise TypeError(f"cover: expected an array, not {type(image).__name__}")
        if image.size == 0:
            raise ValueError(f"cover: expected an image with pixels, not {image.shape}")
        return as_image(image, "rgb").pixels  # the order stays as it is


def check_strength(strength: float) -> None:
    """Raises ValueError for a strength of the blur with which faces might be recognizable.

    Raises:
        TypeError: It is no number.
    """
    if not 1 <= real("strength", strength) <= BLOCKS:
        raise ValueError(
            f"strength: expected 1 to {BLOCKS}, not {strength}: with less than 1 faces may be "
            f"recognizable, and {BLOCKS} leaves a single color"
        )


def check_block_size(size: float) -> None:
    """Raises ValueError for a size that no block has.

    Raises:
        TypeError: It is no number.
    """
    if not 1 <= real("block_size", size) < np.inf:
        raise ValueError(f"block_size: expected a number of pixels from 1 on, not {size}")


def _few_colors(part: Pixels, block: float, method: str) -> NDArray[Any]:
    """Returns the part blurred or in blocks of `block` pixels."""
    size = part.shape[1::-1]
    blocks = [max(1, int(length / block)) for length in size]  # none is smaller than asked for
    every = max(1, int(block / _SAMPLES))
    samples = np.ascontiguousarray(part[::every, ::every])
    if cv2 is None:
        resize = plain_cover.pixelated if method == "pixelate" else plain_cover.blurred
        return resize(samples, (blocks[0], blocks[1]), (size[0], size[1]))
    few = cv2.resize(samples, blocks, interpolation=cv2.INTER_AREA)
    if method == "pixelate":
        return np.asarray(cv2.resize(few, size, interpolation=cv2.INTER_NEAREST))
    few = cv2.blur(few, (3, 3), borderType=cv2.BORDER_REPLICATE)
    # Linear interpolation is fast but shows the blocks, which a few steps of a better one hide.
    finer = [min(8 * count, length) for count, length in zip(blocks, size, strict=True)]
    smooth = cv2.resize(few, finer, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR))


def _resized(image: Pixels, whole: Area, visible: Area) -> NDArray[Any]:
    """Returns the part of an image that is visible where it fills the whole area."""
    rows = _shown(len(image), whole[:2], visible[:2])
    columns = _shown(image.shape[1], whole[2:], visible[2:])
    size = (visible[3] - visible[2], visible[1] - visible[0])
    shown = np.ascontiguousarray(image[rows, columns])
    if cv2 is None:
        return plain_cover.resized(shown, size)
    shrinks = shown.shape[0] > size[1] or shown.shape[1] > size[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(shown, size, interpolation=how))


def _shown(length: int, whole: tuple[int, int], visible: tuple[int, int]) -> slice:
    """Returns the pixels of a line that lie in the visible part of the area that they fill."""
    scale = length / max(1, whole[1] - whole[0])
    first = min(length - 1, int((visible[0] - whole[0]) * scale))
    last = round((visible[1] - whole[0]) * scale)
    return slice(first, min(length, max(first + 1, last)))

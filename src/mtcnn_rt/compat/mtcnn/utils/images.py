"""Reads image files as `mtcnn.utils.images` of mtcnn 1.0.0 does, without TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images.tensors import is_tensor
from mtcnn_rt.images import decode_image

__all__ = ["load_image", "load_images_batch"]


def load_image(image: Any, dtype: Any = np.float32, device: str = "CPU:0") -> Any:
    """Reads an image file.

    Args:
        image: A path, the bytes of an image file, or an array or a tensor.
        dtype: The type of the result, of NumPy or TensorFlow.
        device: No effect.

    Returns:
        (H, W, 3), RGB, 0 to 255, as it is stored, not turned; an array or a tensor unchanged.

    Raises:
        OSError: The file cannot be opened.
        ValueError: It cannot be decoded.
    """
    if isinstance(image, np.ndarray) or is_tensor(image):
        return image
    numpy_type = getattr(dtype, "as_numpy_dtype", dtype)  # of one of TensorFlow
    pixels: NDArray[Any] = stored_pixels(image).astype(numpy_type)
    return pixels


def load_images_batch(
    images: Sequence[Any], dtype: Any = np.float32, device: str = "CPU:0"
) -> list[Any]:
    """Reads several image files, each as by `load_image`."""
    return [load_image(image, dtype, device) for image in images]


def stored_pixels(image: str | os.PathLike[str] | bytes | bytearray) -> Pixels:
    """Returns the image of a path, or of a file's bytes, as (H, W, 3) RGB, not turned."""
    if isinstance(image, (bytes, bytearray)):
        content, name = bytes(image), "the bytes"
    else:
        content, name = Path(image).read_bytes(), os.fspath(image)
    return decode_image(content, name, upright=False)[..., ::-1]

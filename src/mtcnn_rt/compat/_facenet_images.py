"""Takes images as facenet-pytorch does, and cuts faces out of them."""

from __future__ import annotations

from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arguments import number
from mtcnn_rt._arrays import Float32
from mtcnn_rt._images.tensors import is_tensor
from mtcnn_rt._packages import require_opencv
from mtcnn_rt.compat._area import AreaSums
from mtcnn_rt.compat._torch import torch


def is_batch(images: Any) -> bool:
    """Returns true for a list or tuple of images, and for an array or tensor of 4 dimensions."""
    if isinstance(images, (list, tuple)):
        return True
    return (isinstance(images, np.ndarray) or is_tensor(images)) and images.ndim == 4


def pixels(image: Any) -> NDArray[Any]:
    """Returns an image as an array (H, W, 3), RGB, 0 to 255.

    Args:
        image: A PIL image, whose EXIF orientation is ignored as in the package, or an array or a
            tensor (H, W, 3).

    Raises:
        ValueError: It has another shape, or is something else.
    """
    if is_tensor(image):
        image = _array(image)
    elif hasattr(image, "convert"):
        image = image.convert("RGB")
    array = np.asarray(image)
    if array.ndim == 0:
        given = type(image).__name__
        raise ValueError(f"img: expected a PIL image, or an array or a tensor, not {given}")
    if array.ndim != 3 or array.shape[2] != 3:
        raise ValueError(f"img: expected shape (H, W, 3), not {array.shape}")
    return array


def size(image: Any) -> tuple[int, int]:
    """Returns the width and the height of an image in pixels."""
    if isinstance(image, np.ndarray) or is_tensor(image):
        return int(image.shape[1]), int(image.shape[0])
    width, height = image.size
    return width, height


def extract_face(
    img: Any, box: Any, image_size: int = 160, margin: float = 0, save_path: str | None = None
) -> Any:
    """Cuts a face out, and stretches it to a square.

    Args:
        img: A PIL image of any mode, or an array or a tensor (H, W, 3), RGB.
        box: x1 y1 x2 y2 in pixels.
        image_size: Side of the result in pixels.
        margin: Pixels of the result to show beyond the box, both sides together, less than
            `image_size`.
        save_path: File to write the face to; one that exists is replaced.

    Returns:
        A tensor (3, image_size, image_size), float32, 0 to 255; as many channels as the image has.

    Raises:
        MissingPackageError: PyTorch, or OpenCV for an array, is not installed; an ImportError.
        OSError: The file cannot be written.
        ValueError: `image_size` or `margin` is out of its range.
        TypeError: One of them is no number.
    """
    check_crop(image_size, margin)
    width, height = size(img)
    x1, y1, x2, y2 = map(float, box)
    spare = [margin * side / (image_size - margin) / 2 for side in (x2 - x1, y2 - y1)]
    first = (int(max(x1 - spare[0], 0)), int(max(y1 - spare[1], 0)))
    last = (int(min(x2 + spare[0], width)), int(min(y2 + spare[1], height)))
    face = _resized(img, (*first, *last), image_size)
    if save_path is not None:
        _save(face, Path(save_path))
    values: Float32 = np.atleast_3d(np.asarray(face, np.float32)).transpose(2, 0, 1)
    return torch().from_numpy(np.ascontiguousarray(values))


def check_crop(image_size: int, margin: float) -> None:
    """Raises TypeError or ValueError for a size or a margin that no crop can have."""
    if not isinstance(image_size, Integral):
        raise TypeError(f"image_size: expected an integer, not {image_size!r}")
    if image_size < 1:
        raise ValueError(f"image_size: {image_size} is less than 1 pixel")
    if number("margin", margin) >= image_size:
        raise ValueError(f"margin: {margin} is not less than image_size, {image_size}")


def fixed_image_standardization(image_tensor: Any) -> Any:
    """Returns (pixel - 127.5) / 128, with which the package's networks were trained."""
    return (image_tensor - 127.5) / 128.0


def prewhiten(x: Any) -> Any:
    """Returns a tensor minus its mean, over its standard deviation."""
    return (x - x.mean()) / x.std().clamp(min=1.0 / float(x.numel()) ** 0.5)


def _resized(image: Any, box: tuple[int, int, int, int], side: int) -> Any:
    """Returns a part of an image as a square: a PIL image, or an array of uint8."""
    x1, y1, x2, y2 = box
    if is_tensor(image):
        part = image[y1:y2, x1:x2]
        return AreaSums(_array(part)).resized(side, side).transpose(1, 2, 0).astype(np.uint8)
    if isinstance(image, np.ndarray):
        cv2 = require_opencv("cutting faces out of arrays")
        return cv2.resize(image[y1:y2, x1:x2], (side, side), interpolation=cv2.INTER_AREA)
    bilinear = 2  # PIL.Image.Resampling.BILINEAR
    return image.crop(box).resize((side, side), bilinear)


def _array(tensor: Any) -> NDArray[Any]:
    """Returns a tensor's values; those of all floating-point types as float32, as in the package.

    NumPy has no bfloat16.
    """
    values = tensor.detach().cpu()
    array: NDArray[Any] = (values.float() if values.is_floating_point() else values).numpy()
    return array


def _save(face: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(face, np.ndarray):
        from mtcnn_rt.images import write_image

        bgr = np.dstack([face] * 3) if face.ndim == 2 else face[..., 2::-1]
        write_image(path, np.array(bgr, np.uint8), overwrite=True)
    else:
        face.save(path)

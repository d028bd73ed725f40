"""Turns PyTorch's tensors into arrays. PyTorch itself need not be installed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CHANNELS = (1, 3, 4)


def is_tensor(value: Any) -> bool:
    """Returns true for a tensor of PyTorch, or of a class derived from it."""
    return any(
        kind.__module__.partition(".")[0] == "torch" and kind.__name__ == "Tensor"
        for kind in type(value).__mro__
    )


def tensor_pixels(tensor: Any) -> NDArray[Any]:
    """Returns the pixels of a tensor of one image: (H, W), or (H, W, C) in its channel order.

    Args:
        tensor: uint8 (C, H, W), (H, W, C) or (H, W), on any device; C is 1, 3 or 4.

    Raises:
        TypeError: It has another dtype; the message has how to convert it.
        ValueError: It has another shape, or one that may be both (C, H, W) and (H, W, C).
    """
    _check_dtype(tensor)
    array: NDArray[Any] = np.asarray(tensor.detach().cpu().numpy())
    if array.ndim == 4:
        raise ValueError(
            f"image: expected one image, not a batch of shape {array.shape}, which `detect_batch` "
            "takes"
        )
    if array.ndim == 2:
        return array
    first = array.ndim == 3 and array.shape[0] in CHANNELS
    last = array.ndim == 3 and array.shape[2] in CHANNELS
    if first and last:
        raise ValueError(
            f"image: a tensor of shape {array.shape} may be (C, H, W) or (H, W, C): give an array "
            "(H, W, C), such as tensor.permute(1, 2, 0).numpy()"
        )
    if not first and not last:
        raise ValueError(
            f"image: expected a tensor of shape (C, H, W), (H, W, C) or (H, W), not {array.shape}"
        )
    return np.ascontiguousarray(array.transpose(1, 2, 0)) if first else array


def _check_dtype(tensor: Any) -> None:
    name = str(tensor.dtype)
    if name == "torch.uint8":
        return
    cure = ""
    if tensor.is_floating_point():
        cure = (
            "; with values from 0 to 1 give (tensor * 255).round().to(torch.uint8), with values "
            "from 0 to 255 tensor.round().to(torch.uint8)"
        )
    raise TypeError(f"image: expected a tensor of torch.uint8, not {name}{cure}")

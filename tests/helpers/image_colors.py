"""Gives images and colors for tests of images."""

import numpy as np
import PIL.Image

RGB = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
RGB.setflags(write=False)


def rgb_of(image) -> np.ndarray:
    """Returns the pixels of an `Image` in RGB order."""
    return image.pixels[..., ::-1] if image.bgr else image.pixels


def on_white(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Returns the colors that a viewer shows, by PIL."""
    laid = PIL.Image.new("RGBA", rgb.shape[1::-1], "white")
    laid.alpha_composite(PIL.Image.fromarray(np.dstack([rgb, alpha])))
    return np.asarray(laid.convert("RGB"))

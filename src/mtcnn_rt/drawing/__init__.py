"""Draws faces on images, or covers them.

Example:
    >>> import numpy as np
    >>> from mtcnn_rt.drawing import anonymize
    >>> image = np.full((100, 100, 3), 200, np.uint8)
    >>> anonymize(image, [(20, 20, 60, 70)], method="solid")
    >>> image[45, 40].tolist()
    [0, 0, 0]
"""

from mtcnn_rt.drawing.covering import anonymize
from mtcnn_rt.drawing.overlay import draw

__all__ = ["anonymize", "draw"]

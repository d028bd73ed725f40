"""Draws faces on images, or covers them."""

from mtcnn_rt.drawing.covering import anonymize
from mtcnn_rt.drawing.overlay import draw

__all__ = ["anonymize", "draw"]

"""The detector's choices and default values, each in one place. Loads nothing, for `--help`."""

from __future__ import annotations

from typing import Literal, get_args

MIN_FACE_SIZE = 20
"""The smallest face to find, in pixels."""

SCALE_FACTOR = 0.709
"""From one level of the image pyramid to the next: about half the pixels."""

THRESHOLDS = (0.6, 0.7, 0.7)
"""Face probabilities that P-Net, R-Net and O-Net must exceed."""

Color = Literal["bgr", "rgb"]
COLORS: tuple[Color, ...] = get_args(Color)
"""Channel orders of an array."""

EngineName = Literal["auto", "native", "onnxruntime"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
"""What can run the networks."""

Precision = Literal["float32", "int16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
"""Number types of the native engine's P-Net."""

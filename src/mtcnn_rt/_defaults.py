"""Choices and default values that the library and `--help` share, each in one place.

This module loads nothing, so that `--help` comes at once.
"""

from __future__ import annotations

from typing import Literal, get_args

MIN_FACE_SIZE = 20
"""Side of the smallest face to find, in pixels."""

SCALE_FACTOR = 0.709
"""Scale of a level of the image pyramid over that of the level before; it halves the pixels."""

THRESHOLDS = (0.6, 0.7, 0.7)
"""Face probabilities that P-Net, R-Net and O-Net must exceed.

They are those of the published weights, and of models that are written without others.
"""

ROTATIONS = (0,)
"""Degrees by which an image is turned before it is searched: it is searched as it is."""

ALL_ROTATIONS = (0, 90, 180, 270)
"""Degrees by which an image can be turned before it is searched, counterclockwise."""

DEFAULT_MODEL = "distilled"
"""Name of the model in the package that is used unless another one is asked for."""

Preset = Literal["fast", "balanced", "thorough"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
"""Names of the thresholds that a model may have, the fastest first."""

PRESET: Preset = "balanced"
"""Preset unless another one is asked for. Every model has it."""

ChannelOrder = Literal["bgr", "rgb"]
CHANNEL_ORDERS: tuple[ChannelOrder, ...] = get_args(ChannelOrder)
"""Channel orders of an array."""

EngineName = Literal["auto", "native", "onnxruntime"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
"""Engines that run the networks; "auto" chooses one."""

Precision = Literal["float32", "int16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
"""Number types of the native engine's P-Net."""

Style = Literal["box", "corners", "rounded"]
STYLES: tuple[Style, ...] = get_args(Style)
"""Styles of the frames that `draw` draws around faces."""

STYLE: Style = "box"
"""Style of a frame unless another one is asked for."""

Method = Literal["blur", "pixelate", "solid"]
METHODS: tuple[Method, ...] = get_args(Method)
"""Methods by which `anonymize` covers a face."""

METHOD: Method = "blur"
"""Method of covering unless another one is asked for."""

Shape = Literal["ellipse", "box"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
"""Shapes of the area that `anonymize` covers."""

SHAPE: Shape = "ellipse"
"""Shape of the covered area unless another one is asked for."""

MARGIN = 0.2
"""Share of a box's sides by which the covered area extends beyond the box, on every side.

A box ends at the brow or the hairline; with a fifth more on every side the face is covered, and of
some heads the top is not.
"""

MAX_PIXELS = 200_000_000
"""Most pixels of an image file that is decoded, unless another number is given.

Decoding takes 3 bytes of memory a pixel, and up to 12 in some formats.
"""

WEB_HOST, WEB_PORT = "127.0.0.1", 8000
"""Address of the live view's web page: only this computer reaches it."""

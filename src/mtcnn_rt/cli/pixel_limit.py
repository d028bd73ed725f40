"""Adds --max-pixels to a command that reads image files."""

from __future__ import annotations

from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt.cli.option_kinds import count_option

max_pixels_option = count_option(
    "--max-pixels",
    default=MAX_PIXELS,
    help="Refuse images of more pixels, by their headers. Decoding needs up to 12 bytes a pixel.",
)

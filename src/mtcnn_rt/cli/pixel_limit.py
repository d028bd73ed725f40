"""Adds --max-pixels to a command that reads image files."""

from __future__ import annotations

import click

from mtcnn_rt._defaults import MAX_PIXELS

max_pixels_option = click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    default=MAX_PIXELS,
    show_default=True,
    metavar="N",
    help="Refuse images of more pixels, by their headers. Decoding needs up to 12 bytes a pixel.",
)

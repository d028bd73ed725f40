"""Measures how good detectors are: `mtcnn-rt evaluate`. Every evaluation is a module here."""

from __future__ import annotations

import click

from mtcnn_rt.cli.evaluate.boxes import command as boxes
from mtcnn_rt.cli.evaluate.fddb import command as fddb
from mtcnn_rt.cli.evaluate.landmarks import command as landmarks
from mtcnn_rt.cli.evaluate.wider import command as wider


@click.group(commands=[boxes, landmarks, wider, fddb])
def command() -> None:
    """Measure how good detectors are, one or several side by side.

    Each evaluation prints a table. --json writes the numbers and the curves, --plot an image of the
    curves, --report all of it with example images in one HTML file.

    Files that cannot be read are named and left out, and the exit status is 1.
    """

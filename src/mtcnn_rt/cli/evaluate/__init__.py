"""`mtcnn-rt evaluate`: how good detectors are. Every kind of evaluation is a module here."""

from __future__ import annotations

import click

from mtcnn_rt.cli.evaluate.boxes import command as boxes
from mtcnn_rt.cli.evaluate.fddb import command as fddb
from mtcnn_rt.cli.evaluate.landmarks import command as landmarks
from mtcnn_rt.cli.evaluate.wider import command as wider


@click.group(commands=[boxes, landmarks, wider, fddb])
def command() -> None:
    """Measure how good detectors are, one or several side by side.

    Each prints a table. --json writes the numbers and the curves, --plot a picture of the curves,
    --report all of it with pictures in one HTML file.

    What cannot be read is named and left out, and the exit status is 1.
    """

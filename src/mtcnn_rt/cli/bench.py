"""`mtcnn-rt bench`: where the time goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt.cli.options import detector_options

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN


@click.command
@click.argument("path", metavar="IMAGE|VIDEO", type=click.Path(path_type=Path))
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="Detections to time; of a video, its first frames.",
)
@detector_options
def command(path: Path, runs: int, new_detector: Callable[[], MTCNN]) -> None:
    """Time the stages of the detection.

    Median and 95th percentile of each stage, after a warm-up that does not count. Reading the file
    is not part of it.
    """
    import numpy as np

    from mtcnn_rt.stages import StageClock

    clock = StageClock(new_detector())
    images = _images(path)
    first = next(images)
    for _ in range(3):
        clock.detect(first)
    rows = [clock.detect(image) for image in islice(chain([first], images), runs)]
    times = np.array([[1e3 * row[stage] for stage in clock.stages] for row in rows])
    medians, p95 = np.percentile(times, [50, 95], axis=0)
    height, width = first.shape[:2]
    click.echo(f"{path}: {width} x {height}, {len(rows)} detections\n")
    click.echo(f"{'stage':16}{'median ms':>12}{'p95 ms':>12}")
    for stage, median, high in zip(clock.stages, medians, p95, strict=True):
        click.echo(f"{stage:16}{median:12.2f}{high:12.2f}")
    click.echo(f"\n{1e3 / medians[-1]:.1f} fps")


def _images(path: Path) -> Iterator[Any]:
    """A picture again and again, or the frames of a video."""
    from mtcnn_rt.images import read_image
    from mtcnn_rt.video.source import FileSource

    try:
        image = read_image(path)
    except ValueError:  # no picture
        with FileSource(path) as source:
            yield from (frame.image for frame in source)
    else:
        yield from repeat(image)

"""Times the stages of a detection, and other detectors: `mtcnn-rt bench`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.effects import refuse_without_effect
from mtcnn_rt.cli.file_kinds import is_video
from mtcnn_rt.cli.messages import echo
from mtcnn_rt.cli.option_kinds import PathType, count_option

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt._arrays import Pixels

RUNS, ROUNDS = 50, 7
COMPARED = {"compare", "runs", "min_face_size", "threads"}
"""Parameters that have an effect with --compare: those that every detector has."""


@click.command
@click.argument("path", metavar="[IMAGE|VIDEO]", type=PathType(), required=False)
@click.option(
    "--compare",
    is_flag=True,
    help="Time whole detections: of each engine, and of each other package that is installed.",
)
@count_option(
    "--runs",
    help="Number of detections to time; of a video, its first frames.  "
    f"[default: {RUNS}, with --compare {ROUNDS} of each]",
)
@detector_options
@click.pass_context
def command(
    ctx: click.Context,
    path: Path | None,
    compare: bool,
    runs: int | None,
    model: str | None,
    new_detector: Callable[[], MTCNN],
) -> None:
    """Time the stages of a detection.

    Prints the median and the 95th percentile of each stage, after a warm-up that does not count.
    Reading the file does not count either. Without a file, uses the clip in the package.
    """
    path = path or Path(str(files("mtcnn_rt") / "sample.mp4"))
    detector = new_detector()  # raises an error for wrong settings
    if compare:
        from mtcnn_rt.cli.comparison import compare_detectors

        refuse_without_effect("with --compare", but=COMPARED)
        image, threads = next(_images(path)), ctx.params["threads"]
        compare_detectors(str(path), image, runs or ROUNDS, detector.min_face_size, threads)
    else:
        _time_stages(path, runs or RUNS, detector)


def _time_stages(path: Path, runs: int, detector: MTCNN) -> None:
    import numpy as np

    from mtcnn_rt.cli.stage_clock import StageClock

    clock = StageClock(detector)
    images = _images(path)
    first = next(images)
    for _ in range(3):
        clock.detect(first)
    # `islice` takes no number beyond those of the machine.
    rows = [
        clock.detect(image) for _, image in zip(range(runs), chain([first], images), strict=False)
    ]
    times = np.array([[1e3 * row[stage] for stage in clock.stages] for row in rows])
    medians, p95 = np.percentile(times, [50, 95], axis=0)
    height, width = first.shape[:2]
    echo(f"{path}: {width} x {height}, {len(rows)} detections")
    click.echo()
    click.echo(f"{'stage':16}{'median ms':>12}{'p95 ms':>12}")
    for stage, median, high in zip(clock.stages, medians, p95, strict=True):
        click.echo(f"{stage:16}{median:12.2f}{high:12.2f}")
    click.echo(f"\n{1e3 / medians[-1]:.1f} fps")


def _images(path: Path) -> Iterator[Pixels]:
    """Yields an image again and again, or the frames of a video."""
    if is_video(path):
        from mtcnn_rt.video.sources.file import FileSource

        with FileSource(path) as source:
            yield from (frame.image for frame in source)
    else:
        from mtcnn_rt.images import read_image

        yield from repeat(read_image(path))

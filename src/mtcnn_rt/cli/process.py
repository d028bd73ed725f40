"""`mtcnn-rt process`: faces drawn into a video."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.options import detector_options, progress_bar, terminate_as_interrupt

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN


@click.command
@click.argument("video", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The annotated video: .mp4, .mov, .mkv or .webm.  [default: VIDEO-faces beside VIDEO]",
)
@click.option("--sample", is_flag=True, help="Process the clip that comes with the package.")
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
@click.option(
    "--codec",
    metavar="NAME",
    help="FFmpeg's name of an encoder, such as libx265.  [default: libx264; libvpx-vp9 for .webm]",
)
@click.option("--no-scores", is_flag=True, help="Draw no scores.")
@click.option("--no-landmarks", is_flag=True, help="Draw no landmarks.")
@detector_options
def command(
    video: Path | None,
    output: Path | None,
    sample: bool,
    overwrite: bool,
    codec: str | None,
    no_scores: bool,
    no_landmarks: bool,
    new_detector: Callable[[], MTCNN],
) -> int:
    """Draw the faces of a video into a copy.

    VIDEO is any file that FFmpeg reads. Every frame keeps its time, and the audio is copied. The
    output appears when it is finished: an error or Ctrl-C leaves no file. Of a damaged VIDEO it has
    the frames that can be read, and the exit status is 1.
    """
    from mtcnn_rt.draw import draw
    from mtcnn_rt.video.pipeline import annotate
    from mtcnn_rt.video.sink import FileSink
    from mtcnn_rt.video.source import FileSource

    if (video is None) is not sample:
        raise click.UsageError("give either a VIDEO or --sample")
    path = video or Path(str(files("mtcnn_rt") / "sample.mp4"))
    output = output or _default_output(video)
    paint = functools.partial(draw, scores=not no_scores, landmarks=not no_landmarks)
    with terminate_as_interrupt(), FileSource(path) as source:
        detector = new_detector()
        with (
            FileSink(
                output, source.format, audio_from=path, codec=codec, overwrite=overwrite
            ) as sink,
            _progress(source.frame_count) as progress,
        ):
            summary = annotate(source, detector, sink, paint, progress)
    for note in sink.notes:
        click.echo(f"mtcnn-rt: {note}", err=True)
    if source.errors:
        click.echo(f"mtcnn-rt: {path} is damaged: {source.errors} errors in decoding", err=True)
    rate = summary.frames / summary.seconds
    click.echo(f"{summary.frames} frames, {summary.faces} faces, {rate:.1f} fps: {output}")
    return 1 if source.errors else 0


def _default_output(video: Path | None) -> Path:
    from mtcnn_rt.video.sink import CODECS

    if video is None:
        return Path("sample-faces.mp4")
    extension = video.suffix if video.suffix.lower() in CODECS else ".mp4"
    return video.with_name(f"{video.stem}-faces{extension}")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; gives the function that moves it to a number of frames."""
    from rich.console import Console
    from rich.progress import TextColumn

    speed = TextColumn("{task.fields[fps]:.1f} fps")
    with progress_bar(Console(stderr=True), speed) as bar:
        task = bar.add_task("", total=total or None, fps=0.0)

        def move(frames: int) -> None:
            elapsed = bar.tasks[0].elapsed or math.inf
            bar.update(task, completed=frames, fps=frames / elapsed)

        yield move

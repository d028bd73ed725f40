"""`mtcnn-rt webcam`: faces in a live picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt._files import same_file
from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.painting import look_options
from mtcnn_rt.cli.tracking_options import tracking_options
from mtcnn_rt.cli.webcam_options import (
    ADDRESS,
    all_looks,
    as_address,
    as_size,
    is_camera,
    open_live,
    open_view,
    stopped_by_signal,
)

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.cli.painting import Paint
    from mtcnn_rt.live.session import Choices
    from mtcnn_rt.tracking import Tracker
    from mtcnn_rt.video.frame import Frame, VideoFormat
    from mtcnn_rt.video.sinks.file import FileSink


@click.command
@click.option(
    "--camera",
    default="0",
    show_default=True,
    metavar="N|FILE|URL",
    help="A camera's number or device; a video, played at its own rate; or a stream, such as "
    "rtsp://... or http://...",
)
@click.option(
    "--size", type=as_size, metavar="WxH", help="The size to ask a camera for, such as 1280x720."
)
@click.option(
    "--fps", type=click.FloatRange(1, 1000), metavar="N", help="The rate to ask a camera for."
)
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what is shown to a video: .mp4, .mov, .mkv or .webm.",
)
@click.option("--overwrite", is_flag=True, help="Replace a recording that exists.")
@click.option(
    "--web",
    type=as_address,
    metavar="[HOST:PORT]",
    is_flag=False,
    flag_value=ADDRESS,
    help=f"Show the picture in browsers instead of a window, at {ADDRESS} unless told otherwise. "
    "Whoever reaches the address can watch, and use the buttons.",
)
@click.option(
    "--mirror/--no-mirror",
    default=None,
    help="Swap left and right, also in the recording.  [default: --mirror for a camera, "
    "--no-mirror for a file or URL]",
)
@look_options
@tracking_options
@detector_options
@click.pass_context
def command(
    ctx: click.Context,
    camera: str,
    size: tuple[int, int] | None,
    fps: float | None,
    record: Path | None,
    overwrite: bool,
    web: tuple[str, int] | None,
    mirror: bool | None,
    paint: Paint,
    new_finder: Callable[..., Tracker | MTCNN],
    new_detector: Callable[[], MTCNN],
) -> None:
    """Show the faces that a camera sees, live.

    \b
    Keys in the window, buttons on the page:
      s      save a picture: snapshot-1.png, ... in the current folder
      space  stop the picture, and go on
      t      track faces, or search every frame by itself
      a      cover faces: off, blur, pixelate, solid
      q Esc  end; so do closing the window and Ctrl-C

    A camera or stream that goes away is tried again, after 1 s, 2 s, ... 30 s. A picture that is
    too old when its turn comes is left out. With --anonymize every picture is
    searched in full, and a face that is lost for a moment stays covered. Where there is no screen
    the picture is shown on a web page. However you end it, the recording is finished and the exit
    status is 0.
    """
    # First, since OpenCV's windows hang where PyAV is loaded before it (PyAV issue 1050).
    import cv2  # noqa: F401, I001
    from mtcnn_rt.live.status import News
    from mtcnn_rt.video.reader import Reader
    from mtcnn_rt.live.session import Choices, Session, live_results

    if record is not None and same_file(record, Path(camera)):
        raise click.UsageError(f"{record} is the input, which is never overwritten")
    looks, look = all_looks(paint, ctx.params)
    news = News(lambda line: click.echo(f"mtcnn-rt: {line}", err=True))
    choices = Choices(look)
    with ExitStack() as opened:
        source = open_live(camera, size, fps, news.tell)
        opened.callback(source.close)
        for note in source.notes:
            news.tell(note)
        finder = new_finder(new_detector(), ctx.params["anonymize"] is not None)
        alone, tracker = _finders(finder, choices)
        view = opened.enter_context(open_view(f"mtcnn-rt {source.name}", web))
        stopped = opened.enter_context(stopped_by_signal())
        sink = opened.enter_context(_recording(record, source.format, overwrite))
        frames = _mirrored(source) if mirror or (mirror is None and is_camera(camera)) else source
        found = live_results(frames, alone, tracker, choices.tracking)
        results = opened.enter_context(closing(found))
        feed = opened.enter_context(Reader(results, newest=True))
        opened.callback(source.stop)  # at the end before the feed, which waits for it
        session = Session(feed, view, looks, choices, sink, news, Path())
        failure = session.run(stopped.is_set)
        if sink is not None and session.recorded == 0:
            raise failure or click.Abort  # which leaves no file
    if record is not None:
        click.echo(f"{session.recorded} frames recorded: {record}")
    if failure is not None:
        raise failure


def _finders(finder: Tracker | MTCNN, choices: Choices) -> tuple[MTCNN, Tracker]:
    """The detector and a tracker; begins with what the options ask for."""
    from mtcnn_rt.tracking import Tracker

    if not isinstance(finder, Tracker):
        return finder, Tracker(finder)
    choices.tracking.set()
    return finder.detector, finder


def _mirrored(frames: Iterable[Frame]) -> Iterator[Frame]:
    import cv2
    import numpy as np

    for frame in frames:  # much faster than with NumPy
        yield replace(frame, image=np.asarray(cv2.flip(frame.image, 1), np.uint8))


def _recording(
    path: Path | None, video: VideoFormat, overwrite: bool
) -> AbstractContextManager[FileSink | None]:
    from mtcnn_rt.video.sinks.file import FileSink

    return nullcontext() if path is None else FileSink(path, video, overwrite=overwrite)

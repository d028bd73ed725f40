"""The command `mtcnn-rt webcam`: shows the faces of a live video."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.face_choice import drawing_largest, largest_option
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.live_output import output_option
from mtcnn_rt.cli.messages import echo, notify
from mtcnn_rt.cli.option_kinds import NumberRange, as_name, path_option, results_option
from mtcnn_rt.cli.painting import PaintOptions, paint_options
from mtcnn_rt.cli.playlists import input_files
from mtcnn_rt.cli.signals import stopped_by_signal
from mtcnn_rt.cli.tracking_options import tracking_options
from mtcnn_rt.cli.webcam_opening import (
    is_camera,
    mirrored,
    open_source,
    opened_recording,
    opened_records,
    opened_sender,
    opened_view,
)
from mtcnn_rt.cli.webcam_options import ADDRESS, as_address, as_host_name, as_size

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.live.session import Choices
    from mtcnn_rt.tracking import Tracker


@click.command
@click.option(
    "--camera",
    type=as_name,
    default="0",
    show_default=True,
    metavar="N|FILE|URL",
    help="A camera's number or device; a video, played at its own rate; or a stream, such as "
    "rtsp://... or http://...",
)
@click.option(
    "--size",
    type=as_size,
    metavar="WxH",
    help="The image size to request from a camera, such as 1280x720.",
)
@click.option(
    "--fps",
    type=NumberRange(1, 1000),
    metavar="N",
    help="The frame rate to request from a camera.",
)
@path_option(
    "--record",
    metavar="FILE",
    help="Write the images that are shown to a video: .mp4, .mov, .mkv or .webm.",
)
@results_option(
    "--jsonl",
    metavar="FILE",
    help="Write a JSON object for each image that is shown; - is standard output.",
)
@output_option(
    "Send the images that are shown to rtsp://..., rtmp://, udp://, tcp:// or srt://, or to a "
    "virtual camera, such as /dev/video9 or camera:, for other programs.",
    live_only=True,
)
@click.option("--overwrite", is_flag=True, help="Replace a recording or --jsonl that exists.")
@click.option(
    "--web",
    type=as_address,
    metavar="[HOST:PORT]",
    is_flag=False,
    flag_value=ADDRESS,
    help=f"Show the video in browsers instead of a window, by default at {ADDRESS}. The link to "
    "control it is printed; at an address that other computers reach, the link to watch as well.",
)
@click.option(
    "--web-public",
    is_flag=True,
    help="Let everyone who reaches the address of --web watch without a link. Controls need one.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    type=as_host_name,
    multiple=True,
    metavar="NAME",
    help="Another name under which browsers reach --web, such as that of a proxy; may be repeated. "
    "Watching then needs a link on every address.",
)
@click.option(
    "--mirror/--no-mirror",
    default=None,
    help="Swap left and right, also in the recording.  [default: --mirror for a camera, "
    "--no-mirror for a file or URL]",
)
@paint_options
@largest_option(covers=True)
@tracking_options
@detector_options
def command(
    camera: str,
    size: tuple[int, int] | None,
    fps: float | None,
    record: Path | None,
    jsonl: Path | None,
    output: str | None,
    overwrite: bool,
    web: tuple[str, int] | None,
    web_public: bool,
    allowed_hosts: tuple[str, ...],
    mirror: bool | None,
    painting: PaintOptions,
    largest: bool,
    new_finder: Callable[..., Tracker | MTCNN],
    model: str | None,
    new_detector: Callable[[], MTCNN],
) -> None:
    """Show the faces that a camera sees, live.

    \b
    Keys in the window, buttons on the page:
      s      save an image: snapshot-1.png, ... in the current folder
      space  pause, and go on
      t      track faces, or search every frame by itself
      a      cover faces: off, blur, pixelate, solid; with --anonymize never off
      h ?    show the keys, in the window
      q Esc  end; closing the window and Ctrl-C do the same

    A camera or stream that breaks off is opened again after 1 s, 2 s, ... 30 s. A frame that is too
    old when its turn comes is dropped. With --anonymize the whole image of every frame is searched,
    a face that is lost for a moment stays covered, and neither keys nor buttons uncover faces or
    change the tracking. At most one snapshot per second is saved, and 100 in one run. Where there
    is no screen the video is shown on a web page. However the command is ended, the recording is
    finished and the exit status is 0; before the first image there is none, and it is 130. Lines of
    --jsonl are written at once; their coordinates are those of the images that are shown, mirrored
    or not.
    """
    # First, since OpenCV's windows hang where PyAV is loaded before it (PyAV issue 1050).
    import cv2  # noqa: F401, I001
    from mtcnn_rt.live.status import News
    from mtcnn_rt.video.reader import Reader
    from mtcnn_rt.live.outputs import LiveOutputs
    from mtcnn_rt.live.session import Choices, Session, live_results
    from mtcnn_rt.live.snapshot import Snapshots

    if web is None and (web_public or allowed_hosts):
        raise click.UsageError("--web-public and --allow-host need --web")
    plan = FilePlan({"--record": record, "--jsonl": jsonl})
    plan.add_inputs([*input_files(camera), *painting.inputs, *model_files(model)])
    quiet = str(jsonl) == "-"  # standard output has nothing but the lines
    news = News(notify)
    choices = Choices(painting.name, always_covered=painting.anonymize is not None)
    with ExitStack() as opened:
        source = open_source(camera, size, fps, news.add)
        opened.callback(source.close)
        for note in source.notes:
            news.add(note)
        finder = new_finder(new_detector(), painting.anonymize is not None, spread=True)
        alone, tracker = _finders(finder, choices)
        title = f"mtcnn-rt {source.name}"
        view = opened.enter_context(opened_view(title, web, web_public, allowed_hosts, quiet))
        stopped = opened.enter_context(stopped_by_signal())
        # Before there are files, see `ended_by_signals`.
        sender = opened.enter_context(opened_sender(output, source.format))
        recording = opened.enter_context(opened_recording(record, source.format, overwrite))
        records = opened.enter_context(opened_records(jsonl, overwrite, news.add))
        sink = None
        if recording is not None or sender is not None:
            sink = LiveOutputs(recording, sender, news.add)
        frames = mirrored(source) if mirror or (mirror is None and is_camera(camera)) else source
        found = live_results(frames, alone, tracker, choices.tracking)
        results = opened.enter_context(closing(found))
        feed = opened.enter_context(Reader(results, newest=True))
        opened.callback(source.stop)  # at the end before the feed, which waits for it
        snapshots = Snapshots(Path())
        painters = drawing_largest(painting.painters()) if largest else painting.painters()
        session = Session(feed, view, painters, choices, sink, news, snapshots, records)
        failure = session.run(stopped.is_set)
        if recording is not None and session.recorded == 0:
            reason = f"ended before the first image: {record} is not written"
            raise failure or click.Abort(reason)  # which leaves no file
    if record is not None:
        echo(f"{session.recorded} frames recorded: {record}", err=quiet)
    failures = (failure, sink.failure if sink else None, records.failure if records else None)
    for one in failures:
        if one is not None:
            raise one


def _finders(finder: Tracker | MTCNN, choices: Choices) -> tuple[MTCNN, Tracker]:
    """Returns the detector and a tracker; sets the choice between them."""
    from mtcnn_rt.tracking import Tracker

    if not isinstance(finder, Tracker):
        return finder, Tracker(finder, spread=True)
    choices.tracking.set()
    return finder.detector, finder

"""`mtcnn-rt process`: draws, covers, records or cuts out the faces of videos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt._cores import usable_cores
from mtcnn_rt._defaults import MAX_PIXELS, ROTATIONS
from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.effects import is_given, refuse_without_effect, yields
from mtcnn_rt.cli.face_choice import largest_option
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.image_job import OutputFolder
from mtcnn_rt.cli.live_output import file_of, name_of_output, output_option
from mtcnn_rt.cli.option_kinds import WholeNumberRange, count_option, path_option, results_option
from mtcnn_rt.cli.painting import PAINTING, paint_options
from mtcnn_rt.cli.process_inputs import find_inputs, written_to
from mtcnn_rt.cli.process_job import Job, Settings
from mtcnn_rt.cli.process_records import Records
from mtcnn_rt.cli.signals import terminate_as_interrupt
from mtcnn_rt.cli.span_options import span_options
from mtcnn_rt.cli.sparing import SPARING, spare_options
from mtcnn_rt.cli.tracking_options import tracking_options
from mtcnn_rt.video.sinks.live_places import is_camera

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.cli.painting import PaintOptions
    from mtcnn_rt.tracking import Tracker


OF_COPIES = {
    *("out", "output", "keep_metadata", "codec", "quality", "encoder_preset"),
    *("no_audio", "no_subtitles"),
    *PAINTING,
    *SPARING,
}
"""Parameters that have an effect on copies alone."""


@click.command
@click.argument("paths", nargs=-1, metavar="VIDEO...")
@path_option(
    "--out",
    default="faces",
    metavar="FOLDER",
    help="Folder of the copies, with the faces drawn or covered.",
)
@output_option(
    "Copy of a single VIDEO, in place of --out: .mp4, .mov, .mkv, .webm or .gif; or where to send "
    "it at its own rate: rtsp://..., rtmp://, udp://, tcp:// or srt://, or a virtual camera, such "
    "as /dev/video9 or camera:."
)
@click.option("--sample", is_flag=True, help="Process the clip that comes with the package.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@click.option("--no-video", is_flag=True, help="Write no copies, only results or crops.")
@results_option(
    "--jsonl", metavar="FILE", help="Write a JSON object for each frame; - is standard output."
)
@results_option("--csv", metavar="FILE", help="Write a row for each face; - is standard output.")
@path_option(
    "--save-crops",
    metavar="FOLDER",
    help="Write aligned crops of all faces, each a file of its own: those that are finished stay "
    "after an error or Ctrl-C.",
)
@click.option(
    "--stream",
    "video_stream",
    type=WholeNumberRange(min=0),
    metavar="N",
    help="Number of the video stream to use, from 0.  [default: the one with the largest frames]",
)
@count_option(
    "--max-pixels", help=f"Refuse videos whose frames have more pixels.  [default: {MAX_PIXELS}]"
)
@click.option(
    "--keep-metadata/--strip-metadata",
    default=None,
    help="Copy tags (title, place, device, ...), chapters and attachments, or leave them out.  "
    "[default: keep, but strip with --anonymize]",
)
@click.option(
    "--codec",
    metavar="NAME",
    help="FFmpeg's name of the encoder to use.  [default: by the file type]",
)
@click.option(
    "--quality",
    type=WholeNumberRange(0, 51),
    metavar="N",
    help="Quality of the video, 0 to 51; lower is better.",
)
@click.option("--encoder-preset", metavar="NAME", help="Preset of the encoder, such as slow.")
@count_option(
    "--workers",
    most=256,
    help="Frames to search side by side, with --detect-every 1, --no-track or --anonymize.  "
    "[default: one a core]",
)
@click.option("--no-audio", is_flag=True, help="Leave out the sound.")
@click.option("--no-subtitles", is_flag=True, help="Leave out the subtitles.")
@span_options
@paint_options
@spare_options(ids=True)
@largest_option(covers=True)
@tracking_options
@detector_options
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    out: Path,
    output: Path | str | None,
    sample: bool,
    overwrite: bool,
    no_video: bool,
    jsonl: Path | None,
    csv: Path | None,
    save_crops: Path | None,
    video_stream: int | None,
    max_pixels: int | None,
    keep_metadata: bool | None,
    codec: str | None,
    quality: int | None,
    encoder_preset: str | None,
    workers: int | None,
    no_audio: bool,
    no_subtitles: bool,
    span: dict[str, Any],
    painting: PaintOptions,
    largest: bool,
    new_finder: Callable[..., MTCNN | Tracker],
    model: str | None,
    new_detector: Callable[..., MTCNN],
) -> int:
    """Find the faces of videos, and draw or cover them in copies.

    VIDEO is any file that FFmpeg reads, an animated GIF, PNG, WebP or AVIF, a URL, - for standard
    input, a glob pattern, or a folder with all videos and image files below it except hidden ones
    and --out. Copies keep the structure of a folder; copies with the same name are numbered. An
    image gets the copy that `mtcnn-rt image` makes.

    Every frame keeps its time; sound and subtitles are copied. Faces keep their ids. Outputs appear
    when they are finished: an error or Ctrl-C leaves no part of one. From a VIDEO that is damaged
    or cut off the frames that can be read are processed.

    One that cannot be read or written is named and left out, and the exit status is 1. It is 2 if
    none can be read or written. Records of several VIDEOs begin with the file. No input is ever
    overwritten.

    With --anonymize every frame is searched in full, a face that is not found for a moment stays
    covered, and tags, chapters and attachments are left out.
    """
    if no_video and not (jsonl or csv or save_crops):
        raise click.UsageError(
            "--no-video leaves nothing to do without --jsonl, --csv, --save-crops"
        )
    if no_video:
        refuse_without_effect("with --no-video", only=OF_COPIES)
    elif output is not None and not yields("output", to="out"):
        refuse_without_effect("with -o", only={"out"})
    output = None if no_video or yields("output", to="out") else output
    live, file = output if isinstance(output, str) else None, file_of(output)
    if live:
        _refuse_for_files(live, keep_metadata)
    folder = None if no_video or output else out
    inputs = find_inputs(paths, sample, folder)
    if not no_video:  # an image is sent as a video of one frame
        inputs = written_to(inputs, Path("live.mp4") if live else file)
    results = {"--jsonl": jsonl, "--csv": csv, "--save-crops": save_crops}
    plan = FilePlan({"-o": file, **results, "--out": folder})
    plan.add_inputs([*inputs.files(), *painting.inputs, *model_files(model)])
    if save_crops:
        plan.refuse_inputs_within("--save-crops", save_crops, "**/frame-*.png")
    every_frame = ctx.params["anonymize"] is not None
    settings = Settings(
        reading={"stream": video_stream, "max_pixels": max_pixels or MAX_PIXELS, **span},
        writing={
            "codec": codec,
            "quality": quality,
            "preset": encoder_preset,
            "audio": not no_audio,
            "subtitles": not no_subtitles,
            "metadata": not every_frame if keep_metadata is None else keep_metadata,
        },
        workers=_searched_side_by_side(workers, ctx.params),
        every_frame=every_frame,
        overwrite=overwrite,
        painting=painting,
        new_detector=new_detector,
        new_finder=new_finder,
        live=live,
        largest=largest,
    )
    folder = file.parent if file else folder
    copies = None if folder is None else OutputFolder(folder, overwrite, plan)
    without_copies = copies is None and live is None
    with (
        terminate_as_interrupt(),
        Records(inputs, jsonl, csv, save_crops, overwrite, without_copies) as records,
    ):
        job = Job(settings, inputs, records, copies, checked=output is None)
        job.run()
    return job.status()


def _refuse_for_files(live: str, keep_metadata: bool | None) -> None:
    """Raises UsageError for options that an address, or a virtual camera, does not take."""
    asked = {"keep_metadata"} if keep_metadata else set()
    asked |= {"codec", "quality", "encoder_preset"} if is_camera(live) else set()
    refuse_without_effect(f"with -o {name_of_output(live)}", only=asked)


def _searched_side_by_side(workers: int | None, params: dict[str, Any]) -> int:
    """Returns how many frames are searched side by side: 1 where each needs the one before."""
    covered, turned = params["anonymize"] is not None, params["rotations"] != ROTATIONS
    interval = params["detect_every"] or (1 if covered or turned else None)
    if params["no_track"] or interval == 1:
        return workers or usable_cores()
    if workers is not None and workers > 1 and is_given("workers"):
        raise click.UsageError("--workers needs --detect-every 1, --no-track or --anonymize")
    return 1

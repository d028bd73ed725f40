"""`mtcnn-rt process`: draws, covers, records or cuts out the faces of a video."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt._defaults import MAX_PIXELS, ROTATIONS
from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.face_choice import chosen_of, largest_option
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.live_output import file_of, name_of_output, opened_sink, output_option
from mtcnn_rt.cli.messages import echo
from mtcnn_rt.cli.option_kinds import count_option, path_option, results_option
from mtcnn_rt.cli.painting import paint_options
from mtcnn_rt.cli.playlists import input_files
from mtcnn_rt.cli.progress import progress_bar
from mtcnn_rt.cli.signals import terminate_as_interrupt
from mtcnn_rt.cli.span_options import span_options
from mtcnn_rt.cli.sparing import spare_options
from mtcnn_rt.cli.tracking_options import tracking_options

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.cli.painting import PaintOptions
    from mtcnn_rt.drawing.painter import Painter
    from mtcnn_rt.tracking import Tracker
    from mtcnn_rt.video.pipeline import FrameResult
    from mtcnn_rt.video.sinks.file import FileSink
    from mtcnn_rt.video.sinks.live import LiveSink
    from mtcnn_rt.video.sinks.records import RecordWriter
    from mtcnn_rt.video.sources.file import FileSource


@click.command
@click.argument("video", required=False)
@output_option(
    "Video to write: .mp4, .mov, .mkv, .webm or .gif; or where to send it at its own rate: "
    "rtsp://..., rtmp://, udp://, tcp:// or srt://, or a virtual camera, such as /dev/video9 or "
    "camera:.  [default: VIDEO-faces.EXT]"
)
@click.option("--sample", is_flag=True, help="Process the clip that comes with the package.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@click.option("--no-video", is_flag=True, help="Write no video, only results or crops.")
@results_option(
    "--jsonl", metavar="FILE", help="Write a JSON object for each frame; - is standard output."
)
@results_option("--csv", metavar="FILE", help="Write a row for each face; - is standard output.")
@path_option("--save-crops", metavar="FOLDER", help="Write aligned crops of all faces.")
@click.option(
    "--stream",
    "video_stream",
    type=click.IntRange(min=0),
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
    type=click.IntRange(0, 51),
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
@span_options
@paint_options
@spare_options(ids=True)
@largest_option
@tracking_options
@detector_options
@click.pass_context
def command(
    ctx: click.Context,
    video: str | None,
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
    span: dict[str, Any],
    painting: PaintOptions,
    largest: bool,
    new_finder: Callable[..., MTCNN | Tracker],
    model: str | None,
    new_detector: Callable[..., MTCNN],
) -> int:
    """Find the faces of a video, and draw or cover them in a copy.

    VIDEO is any file that FFmpeg reads, an animated GIF, PNG, WebP or AVIF, a URL, or - for
    standard input. Every frame keeps its time; sound and subtitles are copied. Faces keep their
    ids. Outputs appear when they are finished: an error or Ctrl-C leaves none. From a VIDEO that is
    damaged or cut off the frames that can be read are processed, and the exit status is 1.

    With --anonymize every frame is searched in full, a face that is not found for a moment stays
    covered, and tags, chapters and attachments are left out.
    """
    from mtcnn_rt.video.pipeline import stream
    from mtcnn_rt.video.sources.file import FileSource

    if (video is None) is not sample:
        raise click.UsageError("give either a VIDEO or --sample")
    if no_video and not (jsonl or csv or save_crops):
        raise click.UsageError(
            "--no-video leaves nothing to do without --jsonl, --csv, --save-crops"
        )
    output = None if no_video else output or _default_output(video)
    path = str(files("mtcnn_rt") / "sample.mp4") if video is None else video
    plan = FilePlan(
        {"-o": file_of(output), "--jsonl": jsonl, "--csv": csv, "--save-crops": save_crops}
    )
    plan.add_inputs([*input_files(path), *painting.inputs, *model_files(model)])
    if save_crops:
        plan.refuse_inputs_within("--save-crops", save_crops, "frame-*.png")
    every_frame = ctx.params["anonymize"] is not None
    turned = ctx.params["rotations"] != ROTATIONS
    interval = ctx.params["detect_every"] or (1 if every_frame or turned else None)
    alone = ctx.params["no_track"] or interval == 1  # every frame is searched by itself
    if workers is not None and workers > 1 and not alone:
        raise click.UsageError("--workers needs --detect-every 1, --no-track or --anonymize")
    with terminate_as_interrupt(), ExitStack() as opened:
        source = opened.enter_context(
            FileSource(path, stream=video_stream, max_pixels=max_pixels or MAX_PIXELS, **span)
        )
        workers = (workers or _cores()) if alone else 1
        detector = new_detector(1 if workers > 1 else None)
        take = [*_recorders(opened, source, jsonl, csv, save_crops, overwrite)]
        sink: FileSink | LiveSink | None = None
        if output is not None:
            how = {"codec": codec, "quality": quality, "preset": encoder_preset}
            how["audio"] = not no_audio
            how["metadata"] = not every_frame if keep_metadata is None else keep_metadata
            painter = painting.painter()
            sink = opened_sink(output, source, overwrite, how)
            opened.enter_context(sink)
            take.append(_writer(painter, sink))
        show = opened.enter_context(_progress(source.frame_count))
        frames = faces = 0
        start = perf_counter()
        for found in stream(source, new_finder(detector, every_frame), workers):
            result = chosen_of(found, largest)
            for taker in take:
                taker(result)
            frames, faces = frames + 1, faces + len(result.faces)
            show(frames)
    _report_faults(source, sink)
    rate = frames / (perf_counter() - start)
    done = f"{frames} frames, {faces} faces, {rate:.1f} fps"
    echo(f"{done}: {name_of_output(output)}" if output else done, err="-" in (str(jsonl), str(csv)))
    return 1 if source.errors or source.incomplete or (sink and sink.damaged) else 0


def _report_faults(source: FileSource, sink: FileSink | LiveSink | None) -> None:
    """Prints what the user may want to know of the video, and what is damaged or missing."""
    for note in (*source.notes, *(sink.notes if sink else ())):
        echo(f"mtcnn-rt: {note}", err=True)
    if source.errors:
        echo(f"mtcnn-rt: {source.name} is damaged: {source.errors} errors in decoding", err=True)
    if source.incomplete:
        echo(f"mtcnn-rt: {source.name} is cut off: {source.incomplete}", err=True)


def _recorders(
    opened: ExitStack,
    source: FileSource,
    jsonl: Path | None,
    csv: Path | None,
    crops: Path | None,
    overwrite: bool,
) -> Iterator[Callable[[FrameResult], Any]]:
    """Yields what takes each frame's result before anything is drawn on the frame."""
    from mtcnn_rt.video.sinks.records import CsvWriter, JsonLinesWriter

    for path, kind in ((jsonl, JsonLinesWriter), (csv, CsvWriter)):
        if path:
            yield _recorder(opened.enter_context(kind(path, overwrite, source.path)))
    if crops:
        from mtcnn_rt.video.sinks.crops import CropWriter

        writer = CropWriter(crops, overwrite=overwrite)
        yield lambda one: writer.write(one.image, one.faces, one.ids, one.frame.index)


def _recorder(writer: RecordWriter) -> Callable[[FrameResult], None]:
    def write(one: FrameResult) -> None:
        ids = None if one.ids is None else one.ids.tolist()
        writer.write(one.frame.index, one.time, one.faces, ids)

    return write


def _writer(painter: Painter, sink: FileSink | LiveSink) -> Callable[[FrameResult], None]:
    def paint_and_write(one: FrameResult) -> None:
        painter.paint(one.image, one.faces, one.ids, one.hidden)
        sink.write(one.frame)

    return paint_and_write


def _default_output(video: str | None) -> Path:
    from mtcnn_rt.video.sinks.file import CODECS

    if video is None:
        return Path("sample-faces.mp4")
    if video == "-" or "://" in video:
        raise click.UsageError("give -o: this VIDEO has no name to make another of")
    path = Path(video)
    extension = path.suffix if path.suffix.lower() in CODECS else ".mp4"
    return path.with_name(f"{path.stem}-faces{extension}")


def _cores() -> int:
    from mtcnn_rt._cores import usable_cores

    return usable_cores()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Shows a progress bar on standard error; gives the function that sets the number of frames."""
    from rich.console import Console
    from rich.progress import TextColumn

    speed = TextColumn("{task.fields[fps]:.1f} fps")
    with progress_bar(Console(stderr=True), speed) as bar:
        task = bar.add_task("", total=total or None, fps=0.0)

        def move(frames: int) -> None:
            elapsed = bar.tasks[0].elapsed or math.inf
            bar.update(task, completed=frames, fps=frames / elapsed)

        yield move

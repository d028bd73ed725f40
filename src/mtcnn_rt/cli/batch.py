"""`mtcnn-rt batch`: finds the faces of archives of any size."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from codecs import BOM_UTF8
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from pathlib import Path, PurePosixPath
from time import perf_counter
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from mtcnn_rt._cores import usable_cores
from mtcnn_rt._files.addresses import is_address
from mtcnn_rt._files.finished import naming, refuse_no_file
from mtcnn_rt._files.paths import is_there
from mtcnn_rt.batch.remote import exists, name_of, require_bucket, upload
from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.file_plan import STDIN, FilePlan, model_files
from mtcnn_rt.cli.messages import echo, notify, with_counts
from mtcnn_rt.cli.option_kinds import as_name, count_option, max_pixels_option
from mtcnn_rt.cli.signals import terminate_as_interrupt

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.batch.parts import Totals
    from mtcnn_rt.batch.sources import Sources

_NOT_SEARCHED = (
    "nothing was searched: these are the results of an earlier run, whatever its sources and "
    "options were; --overwrite begins again"
)
_EXTENSIONS = (".parquet", ".jsonl", ".csv")


@click.command
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--out",
    "destination",
    type=as_name,
    required=True,
    metavar="FILE|URI",
    help="Results: .parquet, .jsonl or .csv. Those for a URI, such as s3://bucket/faces.parquet, "
    "are written to a folder FILE.partial in the current one first.",
)
@click.option("--resume", is_flag=True, help="Go on from the results of a run that has ended.")
@click.option("--overwrite", is_flag=True, help="Replace results that exist, finished or not.")
@count_option(
    "--workers",
    most=1024,
    help="Processes, each with a detector and a decoder of its own.  [default: every core]",
)
@count_option(
    "--part",
    default=1000,
    help="Images in a part of the results, which is a row group in Parquet.",
)
@count_option("--every", default=1, help="Search every Nth frame of a video.")
@click.option(
    "--fast-jpeg",
    is_flag=True,
    help="Decode JPEG files at 1/2, 1/4 or 1/8 of their size where --min-face-size is at least 40, "
    "80 or 160. Boxes and scores change a little.",
)
@click.option(
    "--ray",
    metavar="ADDRESS",
    help="Search on a Ray cluster: HOST:PORT, ray://HOST:PORT, auto, or local, which starts one. "
    "--workers is then the number of its actors.",
)
@max_pixels_option
@detector_options
def command(
    sources: tuple[str, ...],
    destination: str,
    resume: bool,
    overwrite: bool,
    workers: int | None,
    part: int,
    every: int,
    fast_jpeg: bool,
    ray: str | None,
    max_pixels: int,
    model: str | None,
    new_detector: Callable[..., MTCNN],
) -> int:
    """Find the faces of any number of images; can be interrupted.

    SOURCE is an image file, a video, a tar or zip file with images, a folder with any of these, a
    glob pattern, or -, a list of such names at standard input, one a line. Of an animation or a
    file with several pages the first image is searched. URIs, such as s3://bucket/photos, name the
    same, but for videos, through PyArrow or fsspec.

    Results have a record for each image in the order of the sources, which depends neither on
    --workers nor on interruptions: names in a folder are sorted, and each folder is searched once,
    whatever links lead to it. An image that cannot be read has a record with the reason, and the
    exit status is 1.

    Records are written as they come, to the folder FILE.partial, and FILE appears at the end. After
    Ctrl-C, a crash or a power failure, the same command with --resume goes on from there. --threads
    is 1 unless given.

    With --ray every machine of the cluster has mtcnn-rt, and reads the sources under the same
    names; results are written here.
    """
    uri = destination if is_address(destination) else None
    out = Path(destination if uri is None else PurePosixPath(name_of(uri)).name)
    if out.suffix.lower() not in _EXTENSIONS:
        raise click.UsageError(f"--out: {out} does not end in {', '.join(_EXTENSIONS)}")
    if resume and overwrite:
        raise click.UsageError("--resume and --overwrite exclude each other")
    from mtcnn_rt.batch.formats import FORMATS
    from mtcnn_rt.batch.job import Job
    from mtcnn_rt.batch.parts import Parts, discard
    from mtcnn_rt.batch.resuming import ResumeError
    from mtcnn_rt.batch.sources import Sources
    from mtcnn_rt.cli.batch_description import described

    start = perf_counter()
    with ExitStack() as stack:
        stack.enter_context(terminate_as_interrupt())
        listed = stack.enter_context(_spooled()) if "-" in sources else None
        archive = Sources(sources, listed, max_pixels, every)
        if uri is None:
            refuse_no_file(out)  # at the end, where it is written, days may have passed
        there = is_there(out) if uri is None else _is_there(out, uri, resume)
        if _is_complete(out, there, resume, overwrite, name_of(destination)):
            echo(f"{name_of(destination)} is complete")
            notify(_NOT_SEARCHED)
            return 0
        if uri is None:
            _plan(out, archive, model)
        else:
            require_bucket(uri)
        os.getcwd()  # raises an error if it was removed: no worker process starts there
        output_format = FORMATS[out.suffix.lower()]()
        if next(archive.items(), None) is None:
            raise click.UsageError(f"no image or video in {', '.join(sources)}")
        detector = stack.enter_context(new_detector(1))
        open_workers = _workers(stack, ray, workers, (detector, max_pixels, fast_jpeg))
        run = described(
            *(detector, sources), part=part, every=every, fast_jpeg=fast_jpeg, max_pixels=max_pixels
        )
        try:
            if overwrite:
                discard(_unfinished(out))
            parts = stack.enter_context(Parts(out, output_format, part, run))
            job = Job(archive, parts, open_workers)
            totals = _run(job, parts.totals.images, archive)
        except ResumeError as error:
            raise click.UsageError(str(error)) from error
        parts.finish(overwrite, None if uri is None else partial(_uploaded, uri=uri))
    echo(f"{_summary(totals, perf_counter() - start)}: {name_of(destination)}")
    return _status(totals)


def _workers(
    stack: ExitStack, ray: str | None, count: int | None, settings: Any
) -> Callable[[], AbstractContextManager[Any]]:
    """Returns what opens processes here, or gives the actors on a cluster.

    The cluster answers, or is an error, before there are results.
    """
    if ray is None:
        from mtcnn_rt.batch.workers import Workers

        return partial(Workers, count or usable_cores(), settings)
    from mtcnn_rt.batch.on_ray import RayWorkers

    return partial(nullcontext, stack.enter_context(RayWorkers(ray, count, settings)))


def _run(job: Any, done: int, archive: Sources) -> Totals:
    from rich.console import Console

    from mtcnn_rt.cli.batch_progress import BatchProgress

    with BatchProgress(Console(stderr=True), done, archive.count) as progress:
        totals: Totals = job.run(progress.report)
    return totals


def _spooled() -> BinaryIO:
    """Returns the list at standard input as a file, which can be read several times."""
    if sys.stdin is None:  # as after `<&-`
        raise click.UsageError(
            "-: standard input is closed; it takes a list of files, one a line, such as that of "
            "`find photos -name '*.jpg' | mtcnn-rt batch -`"
        )
    with naming(Path(tempfile.gettempdir())):  # the file has no name; its folder may be full
        spool: Any = tempfile.TemporaryFile()  # noqa: SIM115
        start = sys.stdin.buffer.read(len(BOM_UTF8))  # which editors of Windows write
        spool.write(start.removeprefix(BOM_UTF8))
        shutil.copyfileobj(sys.stdin.buffer, spool)
        spool.flush()
    opened: BinaryIO = spool
    return opened


def _is_complete(out: Path, there: bool, resume: bool, overwrite: bool, name: str) -> bool:
    """Returns true if nothing is to be done; raises UsageError for results in the way."""
    from mtcnn_rt.batch.parts import clear

    if there and not overwrite:
        if not resume:
            raise click.UsageError(f"{name} exists (--overwrite replaces it)")
        clear(_unfinished(out))  # a kill right at the end leaves it
        return True
    unfinished = _unfinished(out)
    if is_there(unfinished) and not (resume or overwrite):
        raise click.UsageError(
            f"{unfinished} has results of a run that has ended: --resume goes on from them, "
            "--overwrite begins again"
        )
    return False


def _is_there(out: Path, uri: str, resume: bool) -> bool:
    """Returns true if a URI has results that are whole: no run ended while it copied them."""
    return exists(uri) and not (resume and is_there(_unfinished(out)))


def _uploaded(file: Path, uri: str) -> None:
    try:
        upload(file, uri)
    except OSError as error:
        reason = f"{name_of(uri)}: {error.strerror}" if error.strerror else error
        raise OSError(f"{reason}; {file} has the results, and --resume copies them") from error


def _unfinished(out: Path) -> Path:
    from mtcnn_rt.batch.parts import folder_of

    return folder_of(out)


def _plan(out: Path, archive: Sources, model: str | None) -> None:
    """Raises UsageError if the output is one of the inputs."""
    plan = FilePlan({"--out": out})
    plan.add_inputs([*model_files(model), *([STDIN] if archive.listed else [])])
    if is_there(out):  # otherwise it cannot be one of them
        plan.add_inputs(Path(path) for path in archive.files() if not is_address(path))


def _summary(totals: Totals, seconds: float) -> str:
    done = f"{totals.images} images, {totals.faces} faces, {seconds:.2f} s"
    return with_counts(done, failed=totals.failed, damaged=totals.damaged)


def _status(totals: Totals) -> int:
    if totals.failed == totals.images:
        return 2
    return 1 if totals.failed or totals.damaged else 0

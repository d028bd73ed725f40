"""`mtcnn-rt bench --compare`: a table of detectors on one picture."""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median

import click

from mtcnn_rt._cores import usable_cores
from mtcnn_rt.comparison import peers
from mtcnn_rt.comparison.race import Protocol
from mtcnn_rt.comparison.report import skipped
from mtcnn_rt.comparison.speed import SpeedResult, compare, installed
from mtcnn_rt.comparison.worker import Worker


def compare_detectors(
    title: str, image: peers.Pixels, rounds: int, min_face_size: float, threads: int | None
) -> None:
    """Those that can run here, in turn; the ratios are to the first. The others by name."""
    threads = threads or usable_cores()
    detectors, missing = installed(peers.NAMES)
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(threads)) for name in detectors}
        results = compare(workers, detectors[0], image, min_face_size, threads, Protocol(rounds))
    height, width = image.shape[:2]
    click.echo(f"{title}: {width} x {height}, min_face_size {min_face_size:g}, ", nl=False)
    click.echo(f"{threads} thread(s), {rounds} detections of each in turn\n")
    click.echo(f"{'detector':22}{'median ms':>11}{'min':>9}{'max':>9}{'ratio':>8}{'faces':>7}")
    for result in results:
        click.echo(_line(result, detectors[0]))
    if missing:
        click.echo(f"\n{skipped(missing)}")


def _line(result: SpeedResult, reference: str) -> str:
    if result.error is not None:
        return f"{result.detector:22}fails: {result.error}"
    middle, low, high = (1e3 * pick(result.seconds) for pick in (median, min, max))
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    agreement = result.agreement
    faces = "" if agreement is None else str(agreement.faces)
    line = f"{result.detector:22}{middle:11.1f}{low:9.1f}{high:9.1f}{ratio:>8}{faces:>7}"
    complete = agreement is None or agreement.complete
    return line if complete else f"{line}  not those of {reference}"

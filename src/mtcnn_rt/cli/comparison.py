"""Prints the table of `mtcnn-rt bench --compare`: several detectors on one image."""

from __future__ import annotations

from statistics import median

import click

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.registry import PEERS, skipped
from mtcnn_rt._comparison.speed import DetectorSpeed, compare
from mtcnn_rt._comparison.timing import TimingSettings
from mtcnn_rt._comparison.worker import open_workers
from mtcnn_rt._cores import usable_cores
from mtcnn_rt.cli.messages import echo


def compare_detectors(
    title: str, image: Pixels, rounds: int, min_face_size: float, threads: int | None
) -> None:
    """Times the detectors that can run here in turn, and names the others.

    Args:
        title: The name of the image in the heading.
        image: The image, (H, W, 3) uint8 BGR.
        rounds: The number of timed detections of each detector.
        min_face_size: The smallest face to find, in pixels.
        threads: The number of threads; None uses every core.
    """
    threads = threads or usable_cores()
    detectors, missing = PEERS.installed(PEERS.names)
    reference, timing = detectors[0], TimingSettings(rounds)
    with open_workers(detectors, threads) as workers:
        speeds = compare(PEERS, workers, reference, image, min_face_size, threads, timing)
    height, width = image.shape[:2]
    what = f"{title}: {width} x {height}, min_face_size {min_face_size:g}"
    echo(f"{what}, {threads} thread(s), {rounds} detections of each in turn")
    click.echo()
    click.echo(f"{'detector':22}{'median ms':>11}{'min':>9}{'max':>9}{'ratio':>8}{'faces':>7}")
    for speed in speeds:
        echo(_line(speed, reference))
    if missing:
        click.echo()
        echo(skipped(missing))


def _line(speed: DetectorSpeed, reference: str) -> str:
    if speed.error is not None:
        return f"{speed.detector:22}fails: {speed.error}"
    middle, low, high = (1e3 * pick(speed.seconds) for pick in (median, min, max))
    ratio = "" if speed.ratio is None else f"{speed.ratio:.2f}"
    agreement = speed.agreement
    faces = "" if agreement is None else str(agreement.faces)
    line = f"{speed.detector:22}{middle:11.1f}{low:9.1f}{high:9.1f}{ratio:>8}{faces:>7}"
    complete = agreement is None or agreement.complete
    return line if complete else f"{line}  not those of {reference}"

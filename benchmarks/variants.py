"""Compares an engine with two threads and one, and with different instruction sets."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from benchmarks.images import resize
from benchmarks.rows import Row, rows_of
from mtcnn_rt import _native
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.agreement import agreement
from mtcnn_rt._comparison.peer import Detections
from mtcnn_rt._comparison.registry import PEERS
from mtcnn_rt._comparison.speed import DetectionTask
from mtcnn_rt._comparison.timing import TimingSettings, time_in_turn
from mtcnn_rt._comparison.worker import Worker

SIZE, MIN_FACE_SIZE = (1280, 720), 20
FORCE = "MTCNN_RT_ISA"
"""The environment variable that forces an instruction set."""


@dataclass(frozen=True)
class Variant:
    """Sets how a worker is started.

    Attributes:
        threads: The number of threads.
        environment: Environment variables of the process.
    """

    threads: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)


def measure(detector: str, image: Pixels, timing: TimingSettings) -> list[Row]:
    """Times a detector with two threads and one, and with each instruction set of this machine.

    Args:
        detector: The name of the detector.
        image: The image, (H, W, 3) uint8 BGR.
        timing: How the detections are timed.

    Returns:
        A row for each variant. The first of each group is the reference.
    """
    sizes = f"{SIZE[0]}x{SIZE[1]}, min face {MIN_FACE_SIZE}"
    scaled = resize(image, *SIZE)
    threads = {"2 threads": Variant(threads=2), "1 thread": Variant()}
    sets = {name: Variant(environment={FORCE: name}) for name in instruction_sets()}
    return [
        *_compare(f"{detector}, {sizes}", threads, detector, scaled, timing),
        *_compare(f"{detector}, {sizes}, 1 thread", sets, detector, scaled, timing),
    ]


def instruction_sets() -> list[str]:
    """Returns the instruction sets of this machine, AVX2 first where the machine has it."""
    return sorted(_native.isas(), key=lambda name: name != "avx2")


def _compare(
    title: str,
    variants: Mapping[str, Variant],
    detector: str,
    image: Pixels,
    timing: TimingSettings,
) -> list[Row]:
    with ExitStack() as stack:
        tasks = {
            name: (
                stack.enter_context(Worker(variant.threads, variant.environment)),
                DetectionTask(PEERS, detector, image, MIN_FACE_SIZE),
            )
            for name, variant in variants.items()
        }
        timings = time_in_turn(tasks, timing)
    same = partial(same_faces, detector)
    return rows_of(title, timings, next(iter(variants)), same)


def same_faces(detector: str, own: Detections, other: Detections) -> str:
    """Compares the faces of two variants of a detector.

    Args:
        detector: The name of the detector.
        own: The faces of a variant.
        other: The faces of the reference.

    Returns:
        Words for the table.
    """
    agrees = agreement(PEERS.sure_boxes(detector, own), PEERS.sure_boxes(detector, other))
    return "yes" if agrees.complete else f"**no**: {agrees.matched} of {agrees.reference_faces}"

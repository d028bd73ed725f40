"""The same engine with two threads and with one, and with one instruction set and another."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from benchmarks.images import resize
from benchmarks.rows import Row, rows_of
from mtcnn_rt import _native
from mtcnn_rt.comparison import peers
from mtcnn_rt.comparison.agreement import agreement
from mtcnn_rt.comparison.race import Protocol, race
from mtcnn_rt.comparison.speed import Detection
from mtcnn_rt.comparison.worker import Worker

SIZE, MIN_FACE_SIZE = (1280, 720), 20
FORCE = "MTCNN_RT_ISA"
"""The environment variable that forces an instruction set."""


@dataclass(frozen=True)
class Variant:
    """How a worker is started."""

    threads: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)


def measure(detector: str, image: peers.Pixels, protocol: Protocol) -> list[Row]:
    """Two threads and every instruction set of this machine. The first of each is the reference."""
    sizes = f"{SIZE[0]}x{SIZE[1]}, min face {MIN_FACE_SIZE}"
    scaled = resize(image, *SIZE)
    threads = {"2 threads": Variant(threads=2), "1 thread": Variant()}
    sets = {name: Variant(environment={FORCE: name}) for name in instruction_sets()}
    return [
        *_race(f"{detector}, {sizes}", threads, detector, scaled, protocol),
        *_race(f"{detector}, {sizes}, 1 thread", sets, detector, scaled, protocol),
    ]


def instruction_sets() -> list[str]:
    """Those of this machine, AVX2 first where there is a better one."""
    return sorted(_native.isas(), key=lambda name: name != "avx2")


def _race(
    title: str,
    variants: Mapping[str, Variant],
    detector: str,
    image: peers.Pixels,
    protocol: Protocol,
) -> list[Row]:
    with ExitStack() as stack:
        entrants = {
            name: (
                stack.enter_context(Worker(variant.threads, variant.environment)),
                Detection(detector, image, MIN_FACE_SIZE),
            )
            for name, variant in variants.items()
        }
        timings = race(entrants, protocol)
    same = partial(same_faces, detector)
    return rows_of(title, timings, next(iter(variants)), same)


def same_faces(detector: str, own: peers.Detections, other: peers.Detections) -> str:
    """Whether they are those of the reference, a variant of the same detector."""
    agrees = agreement(detector, own, detector, other)
    return "yes" if agrees.complete else f"**no**: {agrees.matched} of {agrees.reference_faces}"

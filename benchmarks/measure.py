"""One setting, all detectors: first whether they agree, then how long they take, in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks import peers
from benchmarks.boxes import count_matches
from benchmarks.worker import Worker, WorkerError

SURE = 0.9
"""Faces with at least this score are compared; below, the smallest difference flips some."""


@dataclass(frozen=True)
class Setting:
    """What is the same for all detectors of a comparison."""

    width: int
    height: int
    min_face_size: int
    threads: int


@dataclass(frozen=True)
class Protocol:
    """How it is measured."""

    rounds: int
    untimed: int
    pause: float


@dataclass(frozen=True)
class Agreement:
    """Sure faces: how many of a detector's are also the reference's."""

    matched: int
    faces: int
    reference_faces: int

    @property
    def complete(self) -> bool:
        """Whether both found the same faces, no more and no fewer."""
        return self.matched == self.faces == self.reference_faces


@dataclass
class Result:
    """What is known of one detector in one setting."""

    setting: Setting
    detector: str
    agreement: Agreement | None = None
    seconds: list[float] = field(default_factory=list)
    ratio: float | None = None
    error: str | None = None

    @property
    def median(self) -> float:
        """The median of the timed detections, in seconds."""
        return statistics.median(self.seconds)


def measure(
    workers: Mapping[str, Worker],
    reference: str,
    image: peers.Image,
    setting: Setting,
    protocol: Protocol,
) -> list[Result]:
    """Compare all detectors in one setting."""
    results = {name: Result(setting, name) for name in workers}
    check(workers, reference, image, results)
    interleave(workers, results, protocol)
    for result in results.values():
        if result.error is None and results[reference].error is None:
            pairs = zip(result.seconds, results[reference].seconds, strict=True)
            result.ratio = statistics.median(own / other for own, other in pairs)
    return list(results.values())


def check(
    workers: Mapping[str, Worker],
    reference: str,
    image: peers.Image,
    results: Mapping[str, Result],
) -> None:
    """Get every detector ready and compare what it finds with what the reference finds."""
    sure = {}
    for name, worker in workers.items():
        try:
            boxes, scores = worker.configure(image, results[name].setting.min_face_size)
            sure[name] = boxes[scores >= SURE]
        except WorkerError as error:
            results[name].error = str(error)
    for name in sure if reference in sure else ():
        matched = count_matches(sure[name], sure[reference])
        results[name].agreement = Agreement(matched, len(sure[name]), len(sure[reference]))


def interleave(
    workers: Mapping[str, Worker], results: Mapping[str, Result], protocol: Protocol
) -> None:
    """Time the detectors in turn, A B C A B C, so that a drift of the machine hits all.

    A pause before each turn lets the threads of the one before stop spinning; detections that
    are not timed then bring caches and clocks back, as in continuous use.
    """
    for _ in range(protocol.rounds):
        for name, worker in workers.items():
            result = results[name]
            if result.error is not None:
                continue
            time.sleep(protocol.pause)
            try:
                result.seconds.append(worker.measure(protocol.untimed))
            except WorkerError as error:
                result.error = str(error)

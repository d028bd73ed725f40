"""How long one detection takes, all detectors in one setting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from mtcnn_rt.comparison import peers
from mtcnn_rt.comparison.agreement import Agreement, agreement
from mtcnn_rt.comparison.race import Protocol, race
from mtcnn_rt.comparison.worker import Worker


@dataclass(frozen=True)
class Setting:
    """What is the same for all detectors of a comparison."""

    width: int
    height: int
    min_face_size: float
    threads: int


@dataclass
class SpeedResult:
    """What is known of one detector in one setting."""

    setting: Setting
    detector: str
    agreement: Agreement | None
    seconds: list[float]
    ratio: float | None
    error: str | None


@dataclass(frozen=True)
class Detection:
    """The task of a worker: a peer finds the faces of an image."""

    peer: str
    image: peers.Pixels
    min_face_size: float

    def prepare(self, threads: int) -> Callable[[], peers.Detections]:
        return partial(peers.load(self.peer, self.min_face_size, threads), self.image)


def installed(names: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """The detectors that can run here, and of the others why they cannot."""
    reasons = {name: peers.lacks(name) for name in names}
    missing = {name: reason for name, reason in reasons.items() if reason is not None}
    return [name for name in reasons if name not in missing], missing


def compare(
    workers: Mapping[str, Worker],
    reference: str,
    image: peers.Pixels,
    min_face_size: float,
    threads: int,
    protocol: Protocol,
) -> list[SpeedResult]:
    """First whether all detectors find what the reference finds, then how long they take.

    workers: of each detector, one with this number of threads."""
    height, width = image.shape[:2]
    setting = Setting(width, height, min_face_size, threads)
    timings = race(
        {name: (worker, Detection(name, image, min_face_size)) for name, worker in workers.items()},
        protocol,
    )
    expected = timings[reference]
    results = []
    for name, timing in timings.items():
        known = timing.output is not None and expected.output is not None
        agrees = agreement(name, timing.output, reference, expected.output) if known else None
        ratio = timing.relative_to(expected)
        results.append(SpeedResult(setting, name, agrees, timing.seconds, ratio, timing.error))
    return results

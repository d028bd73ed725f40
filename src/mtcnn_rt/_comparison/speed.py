"""Measures how long one detection takes with each of several detectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.agreement import Agreement, agreement
from mtcnn_rt._comparison.peer import Detections
from mtcnn_rt._comparison.registry import Peers
from mtcnn_rt._comparison.timing import TimingSettings, time_in_turn
from mtcnn_rt._comparison.worker import Worker


@dataclass(frozen=True)
class Setting:
    """Holds what is the same for all detectors of a comparison.

    Attributes:
        width: Width of the image in pixels.
        height: Height of the image in pixels.
        min_face_size: The smallest face to find, in pixels.
        threads: The number of threads.
    """

    width: int
    height: int
    min_face_size: float
    threads: int


@dataclass
class DetectorSpeed:
    """Holds what is measured of one detector in one setting.

    Attributes:
        setting: The setting.
        detector: The name of the detector.
        agreement: How many of its faces the reference finds too; None where one of the two failed.
        seconds: The time of each timed detection.
        ratio: The median over the rounds of its time divided by the reference's; None where one of
            the two failed.
        error: Why it failed; None where it did not.
    """

    setting: Setting
    detector: str
    agreement: Agreement | None
    seconds: list[float]
    ratio: float | None
    error: str | None


@dataclass(frozen=True)
class DetectionTask:
    """Finds the faces of an image with one detector, as the task of a worker.

    Attributes:
        peers: The registry that has the detector.
        peer: The name of the detector.
        image: The image, (H, W, 3) uint8 BGR.
        min_face_size: The smallest face to find, in pixels.
    """

    peers: Peers
    peer: str
    image: Pixels
    min_face_size: float

    def prepare(self, threads: int) -> Callable[[], Detections]:
        """Builds the detector.

        Args:
            threads: The number of threads.

        Returns:
            A function that runs one detection.
        """
        return partial(self.peers.load(self.peer, self.min_face_size, threads), self.image)


def compare(
    peers: Peers,
    workers: Mapping[str, Worker],
    reference: str,
    image: Pixels,
    min_face_size: float,
    threads: int,
    timing: TimingSettings,
) -> list[DetectorSpeed]:
    """Checks that all detectors find what the reference finds, then times them in turn.

    Args:
        peers: The registry that has the detectors.
        workers: A worker with this number of threads for each detector, by the detector's name.
        reference: The name of the detector that the others are compared with.
        image: The image, (H, W, 3) uint8 BGR.
        min_face_size: The smallest face to find, in pixels.
        threads: The number of threads.
        timing: How the detections are timed.

    Returns:
        One entry for each detector, in the order of `workers`.
    """
    height, width = image.shape[:2]
    setting = Setting(width, height, min_face_size, threads)
    timings = time_in_turn(
        {
            name: (worker, DetectionTask(peers, name, image, min_face_size))
            for name, worker in workers.items()
        },
        timing,
    )
    expected = timings[reference]
    speeds = []
    for name, one in timings.items():
        agrees = None
        if one.output is not None and expected.output is not None:
            agrees = agreement(
                peers.sure_boxes(name, one.output), peers.sure_boxes(reference, expected.output)
            )
        ratio = one.relative_to(expected)
        speeds.append(DetectorSpeed(setting, name, agrees, one.seconds, ratio, one.error))
    return speeds

"""source -> detector -> sink."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.faces import Faces
from mtcnn_rt.video.frame import Frame


class Detector(Protocol):
    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """The faces of a BGR image (H, W, 3)."""


class Sink(Protocol):
    def write(self, frame: Frame) -> None: ...


@dataclass(frozen=True)
class Summary:
    """What was done: frames written, faces found in all of them, seconds taken."""

    frames: int
    faces: int
    seconds: float


def annotate(
    source: Iterable[Frame],
    detector: Detector,
    sink: Sink,
    draw: Callable[[NDArray[np.uint8], Faces], None],
    progress: Callable[[int], None] = lambda frames: None,
) -> Summary:
    """Draws the faces of every frame into the sink. `progress` hears of the frames done so far."""
    start = perf_counter()
    frames = faces = 0
    for frame in source:
        found = detector.detect(frame.image)
        draw(frame.image, found)
        sink.write(frame)
        frames, faces = frames + 1, faces + len(found)
        progress(frames)
    return Summary(frames, faces, perf_counter() - start)

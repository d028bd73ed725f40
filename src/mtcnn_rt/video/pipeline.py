"""source -> detection -> whoever takes the results, side by side, with bounded queues between."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking import Tracked, Tracker
from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.reader import Reader
from mtcnn_rt.video.sources.file import FileSource


class Detector(Protocol):
    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """The faces of a BGR image (H, W, 3). Called from several threads."""


@dataclass(frozen=True, eq=False)
class FrameResult:
    """What was found in one frame.

    frame    the frame; its image may be drawn on.
    faces    its faces, by id where they are tracked, else best first.
    ids      (N,) int64, the id of each face over time; None without a tracker.
    hidden   (M, 4) float32, boxes of faces that were there a moment ago and are expected still.
    dropped  frames of a live source that newer ones have replaced so far.
    """

    frame: Frame
    faces: Faces
    ids: NDArray[np.int64] | None
    hidden: NDArray[np.float32]
    dropped: int

    @property
    def image(self) -> NDArray[np.uint8]:
        return self.frame.image

    @property
    def time(self) -> float:
        """Seconds."""
        return self.frame.time


def stream(
    source: Iterable[Frame] | str | Path,
    detector: Detector | Tracker,
    workers: int = 1,
    live: bool | None = None,
) -> Iterator[FrameResult]:
    """The faces of every frame of a video, in order, while it is read and while they are used.

        for result in stream("clip.mp4", MTCNN()):
            print(result.time, result.faces.boxes)

    source: a file or URL, or anything that gives `Frame`s, such as `FileSource`.
    detector: an `MTCNN`, which finds the faces of each frame by itself, or a `Tracker`, which
    gives them ids and is faster.
    workers: frames that are looked at side by side. A tracker needs one frame to look at the next,
    unless it detects in every frame.
    live: never wait: the newest frame is looked at, and older ones that are waiting are dropped.
    None asks the source (`source.live`), which files deny.

    Reading and detection run in threads of their own, a few frames ahead; what the loop does with a
    result is a third stage. All of them end with the loop, however it ends. An exception of the
    source or the detector is raised in the loop.
    """
    with ExitStack() as stack:
        if isinstance(source, (str, Path)):
            source = stack.enter_context(FileSource(source))
        newest = bool(getattr(source, "live", False)) if live is None else live
        reader = stack.enter_context(Reader(source, newest))
        look = _look_of(detector)
        pool = stack.enter_context(
            ThreadPoolExecutor(workers if look.alone else 1, "mtcnn-rt look")
        )
        ahead = 0 if newest else 2 * workers  # so that none waits while the loop is at work
        found = stack.enter_context(closing(_in_order(reader, look.find, pool, ahead)))
        for frame, seen in found:
            yield look.result(frame, seen, reader.dropped)
        reader.check()


class _Look(Protocol):
    """How frames are looked at.

    alone: `find` needs no frame but its own, so that several may run at once. `result` is called in
    the order of the frames."""

    alone: bool

    def find(self, frame: Frame) -> Any: ...

    def result(self, frame: Frame, found: Any, dropped: int) -> FrameResult: ...


def _look_of(detector: Detector | Tracker) -> _Look:
    if not isinstance(detector, Tracker):
        return _Detect(detector)
    return _DetectThenAssign(detector) if detector.detect_every == 1 else _Track(detector)


@dataclass(frozen=True)
class _Detect:
    detector: Detector
    alone = True

    def find(self, frame: Frame) -> Faces:
        return self.detector.detect(frame.image)

    def result(self, frame: Frame, found: Faces, dropped: int) -> FrameResult:
        return FrameResult(frame, found, None, np.zeros((0, 4), np.float32), dropped)


@dataclass(frozen=True)
class _Track:
    tracker: Tracker
    alone = False

    def find(self, frame: Frame) -> Tracked:
        return self.tracker.update(frame.image, frame.time)

    def result(self, frame: Frame, found: Tracked, dropped: int) -> FrameResult:
        return FrameResult(frame, found.faces, found.ids, found.hidden, dropped)


@dataclass(frozen=True)
class _DetectThenAssign:
    """Every frame is searched in full, side by side; who is who comes after that, in order."""

    tracker: Tracker
    alone = True

    def find(self, frame: Frame) -> Faces:
        return self.tracker.detector.detect(frame.image)

    def result(self, frame: Frame, found: Faces, dropped: int) -> FrameResult:
        height, width = frame.image.shape[:2]
        tracked = self.tracker.assign(found, (height, width), frame.time)
        return FrameResult(frame, tracked.faces, tracked.ids, tracked.hidden, dropped)


def _in_order(
    frames: Iterable[Frame], find: Callable[[Frame], Any], pool: ThreadPoolExecutor, ahead: int
) -> Generator[tuple[Frame, Any]]:
    """Each frame with what the pool finds in it, while it looks at up to `ahead` later ones."""
    pending: deque[tuple[Frame, Future[Any]]] = deque()
    try:
        for frame in frames:
            pending.append((frame, pool.submit(find, frame)))
            if len(pending) > ahead:
                first, future = pending.popleft()
                yield first, future.result()
        while pending:
            first, future = pending.popleft()
            yield first, future.result()
    finally:
        for _, future in pending:
            future.cancel()

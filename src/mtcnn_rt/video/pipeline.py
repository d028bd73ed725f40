"""The pipeline: reads frames, finds their faces and gives the results, all at the same time.

Source, detection and the loop over the results run in threads of their own, with bounded queues
between them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mtcnn_rt._arrays import Float32, Indices, Pixels
from mtcnn_rt._files.paths import path_of
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking import Tracked, Tracker
from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.reader import Reader
from mtcnn_rt.video.sources.file import FileSource

SEARCHED_BYTES = 512 << 20
"""Largest size of the frames that are searched at the same time; one may always be."""


class Detector(Protocol):
    """Finds faces in an image, as `MTCNN` does."""

    def detect(self, image: Pixels) -> Faces:
        """Returns the faces of a BGR image (H, W, 3); is called from several threads."""


@dataclass(frozen=True, eq=False)
class FrameResult:
    """The faces of one frame, with ids.

    Attributes:
        frame: The frame; its image may be drawn on.
        faces: Its N faces: in order of id with a tracker, else best score first.
        ids: (N,) int64, the ids of the faces; None without a tracker.
        hidden: (M, 4) float32, x1 y1 x2 y2 in pixels: expected boxes of hidden faces, which were
            found shortly before but not in this frame, as `Tracked.hidden`.
        dropped: Number of frames of a live source that were dropped so far.
        scene: The number of the scene, as `Tracked.scene`; 1 without a tracker.
    """

    frame: Frame
    faces: Faces
    ids: Indices | None
    hidden: Float32
    dropped: int
    scene: int = 1

    @property
    def image(self) -> Pixels:
        """The image of the frame, (H, W, 3) uint8, BGR."""
        return self.frame.image

    @property
    def time(self) -> float:
        """The time of the frame, in seconds."""
        return self.frame.time


def stream(
    source: Iterable[Frame] | str | os.PathLike[str],
    detector: Detector | Tracker,
    workers: int = 1,
    live: bool | None = None,
) -> Generator[FrameResult]:
    """Gives the faces of every frame of a video, in order.

    Reading and detection run in threads of their own, a few frames ahead of the loop over the
    results; fewer where they are large, so that frames take about a GB at most. All threads end
    with the loop, however it ends; if the loop is left and the results are still at hand, with
    their `close()`. An exception of the source or the detector is raised in the
    loop, after the results of the frames before.

    Args:
        source: A file or URL, or an iterable of `Frame`s, such as a `FileSource`.
        detector: An `MTCNN`, which searches each frame by itself, or a `Tracker`, which gives the
            faces ids and is faster.
        workers: Number of frames that are searched at the same time. A tracker searches one frame
            after the other, unless it detects in every frame.
        live: True never waits: it searches the newest frame and drops older ones that wait. None
            takes it from the source (`source.live`), which is False for files.

    Returns:
        The results, one per frame that was not dropped.

    Raises:
        VideoError: The file or URL cannot be read.
        TypeError: The source is neither a path, a URL nor an iterable, the detector is another
            object, or `workers` is no integer.
        ValueError: `workers` is less than 1.

    Example:
        >>> from mtcnn_rt import MTCNN
        >>> import mtcnn_rt
        >>> clip = Path(mtcnn_rt.__file__).with_name("sample.mp4")
        >>> results = stream(clip, MTCNN(min_face_size=40))
        >>> result = next(iter(results))
        >>> result.time, len(result.faces), result.ids
        (0.0, 4, None)
    """
    if isinstance(workers, bool) or not isinstance(workers, Integral):
        raise TypeError(f"workers: expected an integer, not {workers!r}")
    if workers < 1:
        raise ValueError(f"workers: {workers} is less than 1")
    if isinstance(source, os.PathLike):
        source = path_of(source)
    if not isinstance(source, (str, Path, Iterable)):
        raise TypeError(f"source: expected a file, a URL or an iterable of frames, not {source!r}")
    with ExitStack() as stack:
        if isinstance(source, (str, Path)):
            source = stack.enter_context(FileSource(source))
        newest = bool(getattr(source, "live", False)) if live is None else live
        reader = stack.enter_context(Reader(source, newest, _bytes_of))
        search = _search_with(detector)
        threads = stack.enter_context(
            ThreadPoolExecutor(workers if search.parallel else 1, "mtcnn-rt search")
        )
        ahead = 0 if newest else 2 * workers  # so that none waits while the loop is at work
        found = stack.enter_context(closing(_in_order(reader, search.find, threads, ahead)))
        for frame, faces in found:
            yield search.result(frame, faces, reader.dropped)
        reader.check()


class _Search(Protocol):
    """Searches frames in two steps, of which the second runs in the order of the frames.

    Attributes:
        parallel: True if `find` needs no frame but its own, so that several may run at once.
    """

    parallel: bool

    def find(self, frame: Frame) -> Any:
        """Returns what is found in a frame; may run in any thread."""

    def result(self, frame: Frame, found: Any, dropped: int) -> FrameResult:
        """Returns the result of a frame; is called in the order of the frames."""


def _search_with(detector: Detector | Tracker) -> _Search:
    """Returns the search that suits a detector or tracker. Raises TypeError for others."""
    if not hasattr(detector, "detect") and not isinstance(detector, Tracker):
        raise TypeError(f"detector: expected MTCNN or Tracker, not {type(detector).__name__}")
    if not isinstance(detector, Tracker):
        return _Detect(detector)
    return _DetectThenAssign(detector) if detector.detect_every == 1 else _Track(detector)


@dataclass(frozen=True)
class _Detect:
    """Searches every frame in full; gives no ids."""

    detector: Detector
    parallel = True

    def find(self, frame: Frame) -> Faces:
        return self.detector.detect(_for(self.detector, frame))

    def result(self, frame: Frame, found: Faces, dropped: int) -> FrameResult:
        return FrameResult(frame, found, None, np.zeros((0, 4), np.float32), dropped)


@dataclass(frozen=True)
class _Track:
    """Lets the tracker search one frame after the other."""

    tracker: Tracker
    parallel = False

    def find(self, frame: Frame) -> Tracked:
        return self.tracker.update(_for(self.tracker, frame), frame.time)

    def result(self, frame: Frame, found: Tracked, dropped: int) -> FrameResult:
        return _of_tracker(frame, found, dropped)


@dataclass(frozen=True)
class _DetectThenAssign:
    """Searches every frame in full, several at once; then gives the faces ids, in order."""

    tracker: Tracker
    parallel = True

    def find(self, frame: Frame) -> Faces:
        return self.tracker.detector.detect(_for(self.tracker.detector, frame))

    def result(self, frame: Frame, found: Faces, dropped: int) -> FrameResult:
        image = _for(self.tracker, frame)
        tracked = self.tracker.assign(found, frame.size, frame.time, image)
        return _of_tracker(frame, tracked, dropped)


def _of_tracker(frame: Frame, found: Tracked, dropped: int) -> FrameResult:
    return FrameResult(frame, found.faces, found.ids, found.hidden, dropped, found.scene)


def _for(finder: object, frame: Frame) -> Any:
    """Returns a frame's content for a detector or tracker of this package, pixels for any other.

    Classes that users derive from these expect pixels, too.
    """
    return frame.content if type(finder) in (MTCNN, Tracker) else frame.image


def _bytes_of(frame: Frame) -> int:
    """Returns the size of a frame's image. Raises TypeError for what is no frame."""
    if not hasattr(frame, "content"):
        raise TypeError(f"source: expected Frames, as FileSource gives, not {type(frame).__name__}")
    height, width = frame.size
    return 3 * height * width


def _in_order(
    frames: Iterable[Frame], find: Callable[[Frame], Any], threads: ThreadPoolExecutor, ahead: int
) -> Generator[tuple[Frame, Any]]:
    """Gives each frame with what `find` returns, while up to `ahead` later ones are searched.

    Fewer of large frames: all that are searched have at most `SEARCHED_BYTES`, or are one.
    """
    pending: deque[tuple[Frame, Future[Any]]] = deque()
    try:
        for frame in frames:
            size = _bytes_of(frame)
            while pending and size * (len(pending) + 1) > SEARCHED_BYTES:
                first, future = pending.popleft()
                yield first, future.result()
            pending.append((frame, threads.submit(find, frame)))
            if len(pending) > ahead:
                first, future = pending.popleft()
                yield first, future.result()
        while pending:
            first, future = pending.popleft()
            yield first, future.result()
    finally:
        for _, future in pending:
            future.cancel()

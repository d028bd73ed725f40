"""Hides faces also in the frames just before the first one in which they are found.

Whoever covers the faces of a video has to cover those that come into view, or turn to the camera,
before the detector finds them. What comes later is known once the results have waited for a while.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt.video.pipeline import FrameResult

SECONDS = 0.5
"""For how long a face is hidden before it is found: as long as after it was lost."""
MOTION_SECONDS = (0.1, 0.2)
"""Sightings of this time tell how a face moves when it is found first; of less they do not."""
WAITING_BYTES = 256 << 20
"""Largest size of the frames that wait."""


@dataclass
class _Arrival:
    """The first sightings of a face.

    Attributes:
        scene: The scene in which it was found first.
        first: Time of the first sighting, in seconds.
        last: Time of the last one within `MOTION_SECONDS`; that of the first if there was no other.
        first_box: Its box (4,), in pixels.
        last_box: That of the last.
    """

    scene: int
    first: float
    last: float
    first_box: Float32
    last_box: Float32

    def see(self, time: float, box: Float32) -> None:
        """Takes another sighting."""
        if time - self.first <= MOTION_SECONDS[1] or self.last == self.first:
            self.last, self.last_box = time, box

    def swept(self, time: float) -> Float32:
        """Returns the box (4,) of where it was found first and comes from, with the way."""
        first, last, seconds = self.first_box, self.last_box, self.last - self.first
        if seconds < MOTION_SECONDS[0]:
            return first
        moved = np.tile((last[:2] + last[2:] - first[:2] - first[2:]) / 2, 2)
        before = first + moved * np.float32((time - self.first) / seconds)
        return np.concatenate([np.minimum(first, before)[:2], np.maximum(first, before)[2:]])


def with_faces_to_come(
    results: Generator[FrameResult], seconds: float = SECONDS
) -> Generator[FrameResult]:
    """Gives the results of a video later, with the faces to come as hidden faces.

    A face that is found in a frame, and in another one after it, is a hidden face of the frames
    before, back to the last cut. Where it was is not known: the box goes from where it was found
    first to where its motion says that it came from. Results wait for so long, but not more of them
    than have `WAITING_BYTES`.

    Args:
        results: Those of `stream` with a `Tracker`; they are closed in the end.
        seconds: For how long a face is hidden before it is found.

    Returns:
        The results, each with `hidden` for the faces that were lost, and those to come.

    Raises:
        Exception: What `results` raise, after the results before.

    Example:
        >>> from mtcnn_rt import MTCNN, Tracker, stream
        >>> tracker = Tracker(MTCNN(min_face_size=40), detect_every=1)
        >>> results = with_faces_to_come(stream("clip.mp4", tracker))
    """
    waiting: deque[FrameResult] = deque()
    arrivals: dict[int, _Arrival] = {}
    newest, failure = 0, None
    with closing(results):
        try:
            for result in results:
                newest = _note(result, arrivals, newest)
                waiting.append(result)
                while waiting and _is_over(waiting, seconds):
                    yield _completed(waiting.popleft(), arrivals, seconds)
        except Exception as error:  # raised once the frames before it are given
            failure = error
        while waiting:
            yield _completed(waiting.popleft(), arrivals, seconds)
    if failure is not None:
        raise failure


def _note(result: FrameResult, arrivals: dict[int, _Arrival], newest: int) -> int:
    """Notes the faces of a frame that are new, or were shortly before; returns the newest id."""
    if result.ids is None:
        raise ValueError("results: expected those of a Tracker, which have ids")
    for name, box in zip(result.ids.tolist(), result.faces.boxes, strict=True):
        if name in arrivals:
            arrivals[name].see(result.time, box)
        elif name > newest:
            arrivals[name] = _Arrival(result.scene, result.time, result.time, box, box)
    return max(newest, int(result.ids.max(initial=0)))


def _is_over(waiting: deque[FrameResult], seconds: float) -> bool:
    """Returns True if the first result has waited for long enough."""
    height, width = waiting[0].frame.size
    if 3 * height * width * len(waiting) > WAITING_BYTES:
        return True
    return waiting[-1].time - waiting[0].time > seconds


def _completed(result: FrameResult, arrivals: dict[int, _Arrival], seconds: float) -> FrameResult:
    """Returns the result with the faces to come; forgets those that have come."""
    for name in [name for name, one in arrivals.items() if one.first <= result.time]:
        del arrivals[name]
    boxes = [
        one.swept(result.time)
        for one in arrivals.values()
        if one.scene == result.scene and one.first < one.last and one.first - result.time <= seconds
    ]
    if not boxes:
        return result
    hidden = _native.clip(np.stack(boxes), *result.frame.size)
    hidden = hidden[(hidden[:, 2:] > hidden[:, :2]).all(axis=1)]
    return replace(result, hidden=np.concatenate([result.hidden, hidden]))

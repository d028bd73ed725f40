"""Faces through a video: which frames are searched in full, and who is who."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import as_image
from mtcnn_rt.tracking.assignment import match
from mtcnn_rt.tracking.look import look
from mtcnn_rt.tracking.scene import Scenes
from mtcnn_rt.tracking.schedule import Schedule
from mtcnn_rt.tracking.track import Track
from mtcnn_rt.tracking.tracked import Tracked, join

REACH = 2.0
"""For `match`: a face may have moved by about its size from one frame to the next."""
UNFOUND_SECONDS = 1.0
"""For how long O-Net alone may keep a face that full detections do not find."""


class Tracker:
    """Follows the faces of one video, frame by frame.

    Most frames are not searched: O-Net alone looks where the faces of the frames before are
    expected, and drops those that it no longer accepts. A full detection follows at once when a
    face is lost or the scene is cut, and now and then, for new faces.

    detector      finds the faces; several trackers may share it.
    detect_every  a full detection every so many frames; 1 is every frame; None adapts (`Schedule`).
    smooth        boxes and landmarks through a One-Euro filter.
    lost_seconds  for how long a lost face is expected to come back, as `Tracked.hidden`. One seen
                  in a single frame, perhaps no face, is not.
    most_frames   the longest interval between full detections that adapt.

    Raises TypeError or ValueError that names the setting."""

    full_detections: int
    """Frames searched in full so far, those given to `assign` included."""

    def __init__(
        self,
        detector: MTCNN,
        detect_every: int | None = None,
        smooth: bool = True,
        lost_seconds: float = 0.5,
        most_frames: int = 8,
    ) -> None:
        _check("detect_every", 1 if detect_every is None else detect_every, Integral, 1)
        _check("lost_seconds", lost_seconds, Real, 0)
        _check("most_frames", most_frames, Integral, 1)
        self.full_detections = 0
        self.detector, self.detect_every = detector, detect_every
        self._smooth, self._lost_seconds = smooth, lost_seconds
        self._schedule = Schedule(detect_every, most_frames)
        self._scenes, self._scene = Scenes(), 0
        self._time, self._time_before = -math.inf, -math.inf
        self._tracks: list[Track] = []
        self._ids = 0

    def update(self, image: NDArray[np.uint8], time: float) -> Tracked:
        """The next frame, BGR uint8 (H, W, 3), at `time` in seconds, later than the one before.

        Raises ValueError for another time, and what `MTCNN.detect` raises for another image."""
        pixels = as_image(image)
        self._advance(time)
        scene = self._scenes.scene(pixels, time)
        cut, self._scene = scene != self._scene, scene
        due = self._schedule.due(time)
        if cut or due or not self._follow(image):
            self._detect(image)
        return self._tracked(pixels.size)

    def assign(self, faces: Faces, image_size: tuple[int, int], time: float) -> Tracked:
        """The next frame, searched in full elsewhere: ids and smoothing only.

        faces: as `MTCNN.detect` gives them. image_size: (height, width). time: as for `update`.
        Either all frames of a video go through `assign`, or all through `update`.
        Cuts are not seen: a face that appears just where another was takes over its id."""
        self._advance(time)
        self._pair(faces)
        return self._tracked(image_size)

    def _advance(self, time: float) -> None:
        if not self._time < time < math.inf:
            raise ValueError(f"time: {time} is not a time after the frame before, {self._time}")
        self._time_before, self._time = self._time, time

    def _follow(self, image: NDArray[np.uint8]) -> bool:
        """O-Net looks where faces are expected. False if a face is lost: then nothing has changed.

        A face that the last full detection did not find, O-Net may lose without a new one."""
        tracks = [track for track in self._here() if track.unfound <= UNFOUND_SECONDS]
        found = self._look(image, tracks, Faces.empty())
        if any(self._just_lost(t) and t.unfound == 0 and t not in found for t in tracks):
            return False
        for track, face in found.items():
            track.see(face, self._time)
        return True

    def _detect(self, image: NDArray[np.uint8]) -> None:
        """A full detection. Where it misses an expected face, O-Net looks, too: a face that P-Net
        or R-Net passes over now and then stays the same face."""
        faces = self.detector.detect(image)
        sure = [track for track in self._here() if self._just_lost(track) and track.unfound == 0]
        missed, new = self._pair(faces)
        again = [track for track in missed if track.unfound <= UNFOUND_SECONDS]
        for track, face in self._look(image, again, faces).items():
            track.see(face, self._time)
        lost = any(self._just_lost(track) for track in sure)
        self._schedule.detected(self._time, confirmed=not new and not lost)

    def _look(
        self, image: NDArray[np.uint8], tracks: list[Track], others: Faces
    ) -> dict[Track, Faces]:
        keen = np.array([self._just_lost(track) for track in tracks], bool)
        found = look(self.detector, image, self._expected(tracks), keen, others)
        return {tracks[i]: face for i, face in found.items()}

    def _pair(self, faces: Faces) -> tuple[list[Track], bool]:
        """The faces of a full detection go to their tracks, or make new ones. The tracks without a
        face, and whether any is new.

        First come the faces where they are expected. Of the rest, one that was seen in the frame
        before may have moved: nothing is known of its velocity yet, or it has turned."""
        self.full_detections += 1
        missed, left = self._find(self._here(), faces, reach=1)
        moved = [track for track in missed if self._just_lost(track)]
        _, left = self._find(moved, left, reach=REACH)
        missed = [track for track in missed if track.seen != self._time]
        for track in missed:
            track.unfound = self._time - track.found
        for face in left:
            self._ids += 1
            self._tracks.append(Track(self._ids, self._scene, face, self._time, self._smooth))
        return missed, len(left) > 0

    def _find(self, tracks: list[Track], faces: Faces, reach: float) -> tuple[list[Track], Faces]:
        """Faces of a full detection go to the tracks that expect them. What is left of both."""
        rows, columns = match(self._expected(tracks), faces.boxes, reach)
        for row, column in zip(rows, columns, strict=True):
            track = tracks[row]
            track.see(faces[column], self._time)
            track.found, track.unfound = self._time, 0
        missed = np.setdiff1d(np.arange(len(tracks)), rows)
        return [tracks[i] for i in missed], faces[np.setdiff1d(np.arange(len(faces)), columns)]

    def _here(self) -> list[Track]:
        """The tracks of the scene that runs, in order of id."""
        return [track for track in self._tracks if track.scene == self._scene]

    def _just_lost(self, track: Track) -> bool:
        """Seen in the frame before, and in this one not, or not yet."""
        return track.seen == self._time_before

    def _expected(self, tracks: list[Track]) -> NDArray[np.float32]:
        boxes = [track.expected(self._time) for track in tracks]
        return np.array(boxes, np.float32).reshape(-1, 4)

    def _tracked(self, size: tuple[int, int]) -> Tracked:
        """Ends tracks; shows those of the scene."""
        self._tracks = [track for track in self._tracks if self._lives(track)]
        seen = [track for track in self._here() if track.seen == self._time]
        lost = [track for track in self._here() if track.seen != self._time]
        faces = join([track.face for track in seen])
        hidden = _native.clip(self._expected(lost), *size)
        return Tracked(
            faces=replace(faces, boxes=_native.clip(faces.boxes, *size)),
            ids=np.array([track.id for track in seen], np.int64),
            hidden=hidden[(hidden[:, 2:] > hidden[:, :2]).all(axis=1)],
        )

    def _lives(self, track: Track) -> bool:
        lost = self._time - track.seen
        return lost == 0 or (track.sightings > 1 and lost <= self._lost_seconds)


def _check(name: str, value: float, kind: type, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, kind):
        expected = "an integer" if kind is Integral else "a number"
        raise TypeError(f"{name}: expected {expected}, not {value!r}")
    if not least <= value < math.inf:
        raise ValueError(f"{name}: {value} is not a finite number of at least {least}")

"""Faces through a video: which frames are searched in full, and who is who."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Indices
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.tracking.assignment import match
from mtcnn_rt.tracking.finder import Finder
from mtcnn_rt.tracking.redetection import redetect
from mtcnn_rt.tracking.scene import Scenes
from mtcnn_rt.tracking.schedule import Schedule
from mtcnn_rt.tracking.tracked import Tracked
from mtcnn_rt.tracking.tracks import TRACK, begin, expected, see, smoothed

REACH = 2.0
"""For `match`: a face may have moved by about its size from one frame to the next."""
UNFOUND_SECONDS = 1.0
"""For how long O-Net alone may keep a face that full detections do not find."""


class Tracker:
    """Follows the faces of one video, frame by frame.

    In most frames O-Net alone looks where the faces of the frames before are expected. Near those
    that it no longer accepts, the cascade looks for them at once. The whole frame is searched when
    the scene is cut, and now and then, for new faces: a full detection, but for the faces that are
    followed already, of which R-Net has to confirm that they are faces.

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
        most_frames: int = 5,
    ) -> None:
        _check("detect_every", 1 if detect_every is None else detect_every, Integral, 1)
        _check("lost_seconds", lost_seconds, Real, 0)
        _check("most_frames", most_frames, Integral, 1)
        self.full_detections = 0
        self.detector, self.detect_every = detector, detect_every
        self._finder = Finder(detector._cascade)
        self._smooth, self._lost_seconds = smooth, lost_seconds
        self._schedule = Schedule(detect_every, most_frames)
        self._scenes, self._scene = Scenes(), 0
        self._time, self._time_before = -math.inf, -math.inf
        self._searched = -math.inf
        self._tracks = np.zeros(0, TRACK)
        self._ids = 0

    def update(self, image: NDArray[np.uint8], time: float) -> Tracked:
        """The next frame, BGR uint8 (H, W, 3), at `time` in seconds, later than the one before.

        Raises ValueError for another time, and what `MTCNN.detect` raises for another image."""
        pixels = as_image(image)
        self._advance(time)
        scene = self._scenes.scene(pixels, time)
        cut, self._scene = scene != self._scene, scene
        due = self._schedule.due(time)
        self._redetect(pixels)
        if cut or due:
            self._search(pixels)
        else:
            self._search_near(pixels)
        return self._tracked(pixels.size)

    def assign(self, faces: Faces, image_size: tuple[int, int], time: float) -> Tracked:
        """The next frame, searched in full elsewhere: ids and smoothing only.

        faces: as `MTCNN.detect` gives them. image_size: (height, width). time: as for `update`.
        Either all frames of a video go through `assign`, or all through `update`.
        Cuts are not seen: a face that appears just where another was takes over its id."""
        self._advance(time)
        self._pair(faces)
        self._end_search()
        return self._tracked(image_size)

    def _advance(self, time: float) -> None:
        if not self._time < time < math.inf:
            raise ValueError(f"time: {time} is not a time after the frame before, {self._time}")
        self._time_before, self._time = self._time, time

    def _redetect(self, image: Image) -> None:
        """O-Net alone, where faces are expected."""
        rows = self._lost()
        rows = rows[self._searched - self._tracks["found"][rows] <= UNFOUND_SECONDS]
        persistent = self._tracks["seen"][rows] == self._time_before
        seen, faces = redetect(self._finder, image, self._expected(rows), persistent)
        self._see(rows[seen], faces)

    def _search_near(self, image: Image) -> None:
        """The cascade, near the faces that O-Net does not see."""
        lost = self._lost()
        if len(lost) > 0:
            known = self._expected(self._seen())
            self._pair(self._finder.find_new(image, known, self._expected(lost)))

    def _search(self, image: Image) -> None:
        """The cascade, in the whole image."""
        seen = self._seen()
        known = self._expected(seen)
        confirmed = self._finder.confirm(image, known)
        self._tracks["found"][seen[confirmed]] = self._time
        new = self._pair(self._finder.find_new(image, known))
        lost = (self._tracks["sightings"][self._just_lost()] > 1).any()
        self._schedule.detected(self._time, confirmed=not new and not lost)
        self._end_search()

    def _end_search(self) -> None:
        self.full_detections += 1
        self._searched = self._time

    def _pair(self, faces: Faces) -> bool:
        """The faces that the cascade found go to the tracks without one, or begin new ones. Whether
        there is a new one.

        First come the faces where they are expected. Of the rest, one that was seen in the frame
        before may have moved: nothing is known of its velocity yet, or it has turned."""
        left = self._find(self._lost(), faces, reach=1)
        left = self._find(self._just_lost(), left, reach=REACH)
        if len(left) == 0:
            return False
        new = begin(left, self._ids + 1, self._scene, self._time)
        self._tracks = np.concatenate([self._tracks, new])
        self._ids += len(new)
        return True

    def _find(self, rows: Indices, faces: Faces, reach: float) -> Faces:
        """Faces that the cascade found go to the tracks that expect them. What is left."""
        if len(rows) == 0 or len(faces) == 0:
            return faces
        pairs, found = match(self._expected(rows), faces.boxes, reach)
        self._see(rows[pairs], faces[found])
        self._tracks["found"][rows[pairs]] = self._time
        return faces[np.delete(np.arange(len(faces)), found)]

    def _see(self, rows: Indices, faces: Faces) -> None:
        if len(rows) > 0:
            self._tracks[rows] = see(self._tracks[rows], faces, self._time, self._smooth)

    def _seen(self) -> Indices:
        """The tracks seen in this frame."""
        return np.flatnonzero(self._tracks["seen"] == self._time)

    def _lost(self) -> Indices:
        """The tracks of the scene not seen in this frame, or not yet."""
        return self._here(self._tracks["seen"] < self._time)

    def _just_lost(self) -> Indices:
        """Of those, the ones seen in the frame before."""
        return self._here(self._tracks["seen"] == self._time_before)

    def _here(self, which: NDArray[np.bool_]) -> Indices:
        return np.flatnonzero(which & (self._tracks["scene"] == self._scene))

    def _expected(self, rows: Indices) -> NDArray[np.float32]:
        return expected(self._tracks[rows], self._time)

    def _tracked(self, size: tuple[int, int]) -> Tracked:
        """Ends tracks; shows those of the scene."""
        lost = self._time - self._tracks["seen"]
        kept = (self._tracks["sightings"] > 1) & (lost <= self._lost_seconds)
        self._tracks = self._tracks[(lost == 0) | kept]
        seen = self._tracks[self._seen()]
        faces = smoothed(seen)
        hidden = _native.clip(self._expected(self._lost()), *size)
        return Tracked(
            faces=replace(faces, boxes=_native.clip(faces.boxes, *size)),
            ids=seen["id"].copy(),
            hidden=hidden[(hidden[:, 2:] > hidden[:, :2]).all(axis=1)],
        )


def _check(name: str, value: float, kind: type, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, kind):
        expected = "an integer" if kind is Integral else "a number"
        raise TypeError(f"{name}: expected {expected}, not {value!r}")
    if not least <= value < math.inf:
        raise ValueError(f"{name}: {value} is not a finite number of at least {least}")

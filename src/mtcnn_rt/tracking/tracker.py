"""Tracker: decides which frames are searched in full, and which face belongs to which track."""

from __future__ import annotations

import math
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Indices, Pixels
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.faces import Faces, check_finite
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.tracking.assignment import match
from mtcnn_rt.tracking.finder import Finder
from mtcnn_rt.tracking.landmarks import place_landmarks
from mtcnn_rt.tracking.redetection import redetect
from mtcnn_rt.tracking.scene import Scenes
from mtcnn_rt.tracking.schedule import Schedule
from mtcnn_rt.tracking.tracked import Tracked
from mtcnn_rt.tracking.tracks import (
    TRACK,
    expected_boxes,
    new_tracks,
    smoothed_faces,
    update_tracks,
)

REACH = 2.0
"""`reach` of `match` for a face that moved by about its size from one frame to the next."""
UNCONFIRMED_SECONDS = 1.0
"""Longest time for which O-Net alone keeps a face that full detections do not find."""


class Tracker:
    """Follows the faces of one video, frame by frame.

    O-Net alone searches where the faces are expected, and the whole cascade near those that it no
    longer accepts. Now and then there is a full detection for new faces, except for the faces that
    are followed already, which R-Net only has to confirm. It may be `spread` over the frames of an
    interval, a part of the image or of the face sizes in each; at a cut it takes one frame.

    Args:
        detector: Finds the faces. Several trackers may share it.
        detect_every: Interval between full detections, in frames; 1 is every frame. None adapts the
            interval to the video. It is 1 for a detector that turns images, `MTCNN(rotations=...)`:
            the search near a face is for upright ones.
        smooth: True smooths boxes and landmarks with a One-Euro filter.
        lost_seconds: Time for which a lost face is expected to come back, as `Tracked.hidden`. A
            face that was found in a single frame, perhaps by mistake, is not expected.
        most_frames: Longest interval between full detections that adapts, in frames.
        spread: True spreads a full detection over the frames of an interval, for live video: the
            slowest frames take 0.7 of the time, all frames together about a tenth more.

    Attributes:
        detector: The detector.
        detect_every: The interval between full detections; None adapts.
        full_detections: Number of searches of the whole image that ended so far, in one frame or
            spread over an interval, including the frames given to `assign`.

    Raises:
        TypeError: An argument has another type; the message names it.
        ValueError: An argument is out of its range; the message names it.

    Example:
        >>> tracker = Tracker(MTCNN(min_face_size=40))
        >>> tracked = tracker.update(np.zeros((480, 640, 3), np.uint8), time=0.0)
        >>> len(tracked.faces), tracked.ids.tolist()
        (0, [])
    """

    full_detections: int

    def __init__(
        self,
        detector: MTCNN,
        detect_every: int | None = None,
        smooth: bool = True,
        lost_seconds: float = 0.5,
        most_frames: int = 5,
        spread: bool = False,
    ) -> None:
        if not hasattr(detector, "_cascade"):
            raise TypeError(f"detector: expected MTCNN, not {type(detector).__name__}")
        _check("detect_every", 1 if detect_every is None else detect_every, Integral, 1)
        _check("lost_seconds", lost_seconds, Real, 0)
        _check("most_frames", most_frames, Integral, 1)
        self._upright = detector._cascade.rotations == (0,)
        if not self._upright and detect_every not in (None, 1):
            raise ValueError(
                f"detect_every: expected 1 or None, not {detect_every}, with a detector that turns "
                "images: it searches every frame in full"
            )
        self.detector = detector
        self.detect_every = detect_every if self._upright else 1
        self._finder = Finder(detector._cascade)
        self._smooth, self._lost_seconds = smooth, lost_seconds
        self._most_frames, self._spread = most_frames, spread
        self.reset()

    def reset(self) -> None:
        """Forgets all faces, ids and times, so that another video can begin."""
        self.full_detections = 0
        self._schedule = Schedule(self.detect_every, self._most_frames)
        self._scenes, self._scene = Scenes(), 0
        self._time, self._time_before = -math.inf, -math.inf
        self._searched = -math.inf
        self._share, self._new = 0.0, False  # of the full detection that is under way
        self._tracks = np.zeros(0, TRACK)
        self._ids = 0

    def update(self, image: Pixels | Image, time: float) -> Tracked:
        """Returns the faces of the next frame, with their ids.

        Args:
            image: The frame, BGR uint8 (H, W, 3).
            time: Its time in seconds, later than that of the frame before.

        Raises:
            ValueError: The time is not later, or the image has another shape.
            TypeError: The image has another type or dtype, or the time is no number.
        """
        pixels = as_image(image)
        time = self._advance(time)
        scene = self._scenes.scene(pixels, time)
        cut, self._scene = scene != self._scene, scene
        share = self._schedule.share(time)
        if not self._upright:
            self._assign_or_begin(self.detector._cascade.detect([pixels])[0])
            self._count_search()
            return self._result(pixels.size)
        self._redetect(pixels)
        if cut or (share >= 1 and self._share == 0):
            self._search_all(pixels)
        elif self._spread:
            self._search_part(pixels, share)
        else:
            self._search_near(pixels)
        return self._result(pixels.size)

    def assign(
        self,
        faces: Faces,
        image_size: tuple[int, int],
        time: float,
        image: Pixels | Image | None = None,
    ) -> Tracked:
        """Returns the faces of the next frame, which was searched in full elsewhere, with ids.

        Use either `assign` for all frames of a video, or `update` for all. Faces that are lost at a
        cut are expected as others are, as `Tracked.hidden`.

        Args:
            faces: The faces of the frame, as `MTCNN.detect` returns them.
            image_size: (height, width) of the frame, in pixels.
            time: Its time in seconds, later than that of the frame before.
            image: The frame, BGR uint8 (H, W, 3), so that cuts are noticed, which end tracks. None:
                a face that appears where another was takes over its id.

        Raises:
            ValueError: The time is not later, a box or landmark is not finite, or the image has
                another shape; the frame may be given again.
            TypeError: The image has another type or dtype, or the time is no number.
        """
        check_finite("boxes", faces.boxes)
        check_finite("landmarks", faces.landmarks)
        pixels = None if image is None else as_image(image)
        time = self._advance(time)
        if pixels is not None:
            self._scene = self._scenes.scene(pixels, time)
        self._assign_or_begin(faces)
        self._count_search()
        return self._result(image_size, every_scene=True)

    def _advance(self, time: float) -> float:
        """Goes on to the frame at a time; returns it as a float, which a fraction is not."""
        if not isinstance(time, Real):
            raise TypeError(f"time: expected seconds, a number, not {time!r}")
        if not self._time < time < math.inf:
            raise ValueError(
                f"time: {time} is not a finite time later than the frame before, {self._time}; "
                "another video needs a new Tracker, or `reset()`"
            )
        self._time_before, self._time = self._time, float(time)
        return self._time

    def _redetect(self, image: Image) -> None:
        """Searches with O-Net alone, where faces are expected."""
        rows = self._lost()
        rows = rows[self._searched - self._tracks["confirmed"][rows] <= UNCONFIRMED_SECONDS]
        persistent = self._tracks["seen"][rows] == self._time_before
        seen, faces = redetect(self._finder, image, self._expected(rows), persistent)
        if len(seen) > 0:
            tracks = self._tracks[rows[seen]]
            faces = place_landmarks(self._finder, image, tracks, faces, self._time)
            update_tracks(tracks, faces, self._time, self._smooth)
            self._tracks[rows[seen]] = tracks

    def _search_near(self, image: Image) -> None:
        """Searches with the cascade near the faces that O-Net did not find."""
        lost = self._lost()
        if len(lost) > 0:
            known = self._expected(self._seen_now())
            self._assign_or_begin(self._finder.find_new(image, known, self._expected(lost)))

    def _search_part(self, image: Image, share: float) -> None:
        """Searches with the cascade near the faces that O-Net did not find, and in a part."""
        seen = self._seen_now()
        part = self._finder.part(image, self._share, share)
        near = self._expected(self._lost())
        new = self._assign_or_begin(self._finder.find_new(image, self._expected(seen), near, part))
        self._share, self._new = share, self._new or new
        if part.last:
            self._end_search(image, seen)

    def _search_all(self, image: Image) -> None:
        """Searches with the cascade in the whole image."""
        seen = self._seen_now()
        self._new = self._assign_or_begin(self._finder.find_new(image, self._expected(seen)))
        self._end_search(image, seen)

    def _end_search(self, image: Image, seen: Indices) -> None:
        """Lets R-Net confirm the faces of these tracks, which O-Net alone found in this frame."""
        confirmed = self._finder.confirm(image, self._expected(seen))
        self._tracks["confirmed"][seen[confirmed]] = self._time
        lost = (self._tracks["sightings"][self._just_lost()] > 1).any()
        self._schedule.detected(self._time, confirmed=not self._new and not lost)
        self._count_search()

    def _count_search(self) -> None:
        """Records that a full detection ended in this frame."""
        self.full_detections += 1
        self._searched = self._time
        self._share, self._new = 0.0, False

    def _assign_or_begin(self, faces: Faces) -> bool:
        """Gives the faces that the cascade found to tracks without one, or begins new tracks.

        Faces at expected boxes come first. Among the rest may be faces of the frame before that
        moved further than expected: their velocity was not known yet, or changed.

        Returns:
            True if there is a new track.
        """
        left = self._assign_expected(self._lost(), faces, reach=1)
        left = self._assign_expected(self._just_lost(), left, reach=REACH)
        if len(left) == 0:
            return False
        new = new_tracks(left, self._ids + 1, self._scene, self._time)
        self._tracks = np.concatenate([self._tracks, new])
        self._ids += len(new)
        return True

    def _assign_expected(self, rows: Indices, faces: Faces, reach: float) -> Faces:
        """Gives faces that the cascade found to the tracks that expect them; returns the rest."""
        if len(rows) == 0 or len(faces) == 0:
            return faces
        pairs, found = match(self._expected(rows), faces.boxes, reach)
        self._update_tracks(rows[pairs], faces[found])
        self._tracks["confirmed"][rows[pairs]] = self._time
        return faces[np.delete(np.arange(len(faces)), found)]

    def _update_tracks(self, rows: Indices, faces: Faces) -> None:
        """Records the faces of these tracks, one for each."""
        if len(rows) > 0:
            tracks = self._tracks[rows]
            update_tracks(tracks, faces, self._time, self._smooth)
            self._tracks[rows] = tracks

    def _seen_now(self) -> Indices:
        """Returns the rows of the tracks whose faces were found in this frame."""
        rows: Indices = (self._tracks["seen"] == self._time).nonzero()[0]
        return rows

    def _lost(self) -> Indices:
        """Returns the rows of the scene's tracks without a face in this frame, so far."""
        return self._in_scene(self._tracks["seen"] < self._time)

    def _just_lost(self) -> Indices:
        """Returns those of the lost tracks that had a face in the frame before."""
        return self._in_scene(self._tracks["seen"] == self._time_before)

    def _in_scene(self, which: NDArray[np.bool_]) -> Indices:
        """Returns the rows where a mask is true, of tracks of the current scene."""
        rows: Indices = (which & (self._tracks["scene"] == self._scene)).nonzero()[0]
        return rows

    def _expected(self, rows: Indices) -> Float32:
        """Returns the expected boxes (N, 4) of tracks in this frame."""
        if len(rows) == 0:
            return np.zeros((0, 4), np.float32)
        every = len(rows) == len(self._tracks)  # rows are in order, each once
        return expected_boxes(self._tracks if every else self._tracks[rows], self._time)

    def _result(self, size: tuple[int, int], every_scene: bool = False) -> Tracked:
        """Ends tracks that were lost for too long; returns the faces and hidden faces left.

        Args:
            size: (height, width) of the frame, in pixels.
            every_scene: True takes hidden faces of other scenes as well.
        """
        lost = self._time - self._tracks["seen"]
        seen, hidden = self._tracks, np.zeros((0, 4), np.float32)
        if lost.any():
            kept = (self._tracks["sightings"] > 1) & (lost <= self._lost_seconds)
            self._tracks = self._tracks[(lost == 0) | kept]
            lost = self._time - self._tracks["seen"]
            seen = self._tracks[lost == 0]
            hidden_rows = np.flatnonzero(lost > 0) if every_scene else self._lost()
            hidden = _native.clip(self._expected(hidden_rows), *size)
            hidden = hidden[(hidden[:, 2:] > hidden[:, :2]).all(axis=1)]
        faces = smoothed_faces(seen)
        boxes = _native.clip(faces.boxes, *size)
        return Tracked(Faces(boxes, faces.scores, faces.landmarks), seen["id"].copy(), hidden)


def _check(name: str, value: float, kind: type, least: int) -> None:
    """Raises TypeError or ValueError unless the value is a number of the kind, and large enough."""
    if isinstance(value, bool) or not isinstance(value, kind):
        expected = "an integer" if kind is Integral else "a number"
        raise TypeError(f"{name}: expected {expected}, not {value!r}")
    if not least <= value < math.inf:
        raise ValueError(f"{name}: {value} is not a finite number of at least {least}")

"""Followed: the tracks of a video, which of them have a face now, and which face goes to which."""

from __future__ import annotations

import copy
import math
from fractions import Fraction
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking.assignment import match
from mtcnn_rt.tracking.tracked import Tracked
from mtcnn_rt.tracking.tracks import (
    TRACK,
    expected_boxes,
    new_tracks,
    smoothed_faces,
    swept_boxes,
    update_tracks,
)

REACH = 2.0
"""`reach` of `match` for a face that moved by about its size from one frame to the next."""


class Followed:
    """The tracks of one video, up to the frame at `time`.

    Args:
        smooth: As for `Tracker`.
        lost_seconds: As for `Tracker`.

    Attributes:
        tracks: The tracks, in order of id.
        time: Time of the frame in seconds; minus infinity before the first.
        scene: Number of its scene.
    """

    def __init__(self, smooth: bool, lost_seconds: float) -> None:
        self.tracks = np.zeros(0, TRACK)
        self.time, self.scene = -math.inf, 0
        self._smooth, self._lost_seconds = smooth, lost_seconds
        self._time_before = -math.inf
        self._ids = 0

    def copied(self) -> Followed:
        """Returns the same tracks, which change on their own."""
        other = copy.copy(self)
        other.tracks = self.tracks.copy()
        return other

    def advance(self, time: float | Fraction) -> float:
        """Goes on to the frame at a time; returns it as a float, which a fraction is not.

        Raises:
            ValueError: It is not later.
            TypeError: It is no number.
        """
        if not isinstance(time, Real):
            raise TypeError(f"time: expected seconds, a number, not {time!r}")
        if not self.time < time < math.inf:
            raise ValueError(
                f"time: {time} is not a finite time later than the frame before, {self.time}; "
                "another video needs a new Tracker, or `reset()`"
            )
        self._time_before, self.time = self.time, float(time)
        return self.time

    def assign_or_begin(self, faces: Faces) -> bool:
        """Gives the faces that the cascade found to tracks without one, or begins new tracks.

        Faces at expected boxes come first. Among the rest may be faces of the frame before that
        moved further than expected: their velocity was not known yet, or changed.

        Returns:
            True if there is a new track.
        """
        left = self._assign_expected(self.lost(), faces, reach=1)
        left = self._assign_expected(self.just_lost(), left, reach=REACH)
        if len(left) == 0:
            return False
        new = new_tracks(left, self._ids + 1, self.scene, self.time)
        self.tracks = np.concatenate([self.tracks, new])
        self._ids += len(new)
        return True

    def _assign_expected(self, rows: Indices, faces: Faces, reach: float) -> Faces:
        """Gives faces that the cascade found to the tracks that expect them; returns the rest."""
        if len(rows) == 0 or len(faces) == 0:
            return faces
        pairs, found = match(self.expected(rows), faces.boxes, reach)
        self.update(rows[pairs], faces[found])
        self.confirm(rows[pairs])
        return faces[np.delete(np.arange(len(faces)), found)]

    def update(self, rows: Indices, faces: Faces) -> None:
        """Records the faces of these tracks, one for each."""
        if len(rows) > 0:
            tracks = self.tracks[rows]
            update_tracks(tracks, faces, self.time, self._smooth)
            self.tracks[rows] = tracks

    def confirm(self, rows: Indices) -> None:
        """Records that the cascade, not O-Net alone, found the faces of these tracks."""
        self.tracks["confirmed"][rows] = self.time

    def seen_before(self, rows: Indices) -> NDArray[np.bool_]:
        """Returns which of these tracks had a face in the frame before."""
        seen: NDArray[np.bool_] = self.tracks["seen"][rows] == self._time_before
        return seen

    def seen_now(self) -> Indices:
        """Returns the rows of the tracks whose faces were found in this frame."""
        rows: Indices = (self.tracks["seen"] == self.time).nonzero()[0]
        return rows

    def lost(self) -> Indices:
        """Returns the rows of the scene's tracks without a face in this frame, so far."""
        return self._in_scene(self.tracks["seen"] < self.time)

    def just_lost(self) -> Indices:
        """Returns those of the lost tracks that had a face in the frame before."""
        return self._in_scene(self.tracks["seen"] == self._time_before)

    def _in_scene(self, which: NDArray[np.bool_]) -> Indices:
        """Returns the rows where a mask is true, of tracks of the current scene."""
        rows: Indices = (which & (self.tracks["scene"] == self.scene)).nonzero()[0]
        return rows

    def expected(self, rows: Indices) -> Float32:
        """Returns the expected boxes (N, 4) of tracks in this frame."""
        if len(rows) == 0:
            return np.zeros((0, 4), np.float32)
        every = len(rows) == len(self.tracks)  # rows are in order, each once
        return expected_boxes(self.tracks if every else self.tracks[rows], self.time)

    def result(self, size: tuple[int, int], for_covers: bool = False) -> Tracked:
        """Ends tracks that were lost for too long; returns the faces and hidden faces left.

        Args:
            size: (height, width) of the frame, in pixels.
            for_covers: True takes hidden faces of other scenes, those that were found in a single
                frame, and those of the frame before, however long ago that was, as well; the boxes
                are those of `swept_boxes`.
        """
        lost = self.time - self.tracks["seen"]
        seen, hidden = self.tracks, np.zeros((0, 4), np.float32)
        if lost.any():
            kept = lost <= self._lost_seconds
            if for_covers:
                kept |= self.seen_before(np.arange(len(kept)))
            else:
                kept &= self.tracks["sightings"] > 1
            self.tracks = self.tracks[(lost == 0) | kept]
            lost = self.time - self.tracks["seen"]
            seen = self.tracks[lost == 0]
            if for_covers:
                boxes = swept_boxes(self.tracks[lost > 0], self.time)
            else:
                boxes = self.expected(self.lost())
            hidden = _native.clip(boxes, *size)
            hidden = hidden[(hidden[:, 2:] > hidden[:, :2]).all(axis=1)]
        faces = smoothed_faces(seen)
        boxes = _native.clip(faces.boxes, *size)
        found = Faces(boxes, faces.scores, faces.landmarks)
        return Tracked(found, seen["id"].copy(), hidden, self.scene)

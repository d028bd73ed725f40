"""One face through time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking.one_euro import OneEuro

VELOCITY_SECONDS = 0.1
"""The velocity is a mean over about this time."""
MOST_GROWTH = 1.5
"""Of the size, however long ago it was seen: the size of a face half covered misleads."""


class Track:
    """A face that a full detection found, and what became of it. Times in seconds.

    id         its number.
    scene      the number of the scene that it belongs to.
    face       as last seen, smoothed: `Faces` of length 1.
    sightings  in how many frames it was seen.
    seen       when it was last seen.
    found      when a full detection last found it.
    unfound    for how long full detections have not found it; 0 if the last one did."""

    def __init__(self, id: int, scene: int, face: Faces, time: float, smooth: bool) -> None:
        self.id, self.scene, self.face = id, scene, face
        self.sightings = 1
        self.seen = self.found = time
        self.unfound = 0.0
        self._place = _place(face)
        self._velocity = np.zeros(4)
        self._filter = OneEuro(_coordinates(face), time) if smooth else None

    def expected(self, time: float) -> NDArray[np.float32]:
        """The box (4,) at a later time: centre and size go on at constant velocity, the size to
        half as much again at most."""
        place = self._place + self._velocity * (time - self.seen)
        half = np.clip(place[2:], self._place[2:] / MOST_GROWTH, self._place[2:] * MOST_GROWTH) / 2
        return np.concatenate([place[:2] - half, place[:2] + half]).astype(np.float32)

    def see(self, face: Faces, time: float) -> None:
        """The face in a later frame."""
        step = time - self.seen
        place = _place(face)
        # Two sightings make the first velocity; then the mean over VELOCITY_SECONDS begins.
        weight = max(1 / self.sightings, 1 - math.exp(-step / VELOCITY_SECONDS))
        self._velocity += weight * ((place - self._place) / step - self._velocity)
        self._place = place
        self.face = self._smoothed(face, time)
        self.sightings += 1
        self.seen = time

    def _smoothed(self, face: Faces, time: float) -> Faces:
        if self._filter is None:
            return face
        size = max(1.0, math.sqrt(self._place[2:].prod()))
        values = self._filter(_coordinates(face), time, size).astype(np.float32)
        return Faces(values[np.newaxis, :4], face.scores, values[4:].reshape(1, 5, 2))


def _place(face: Faces) -> NDArray[np.float64]:
    """Centre x, centre y, width and height (4,) of a single face."""
    box = face.boxes[0].astype(np.float64)
    return np.concatenate([(box[:2] + box[2:]) / 2, box[2:] - box[:2]])


def _coordinates(face: Faces) -> NDArray[np.float64]:
    """The box and the landmarks of a single face (14,)."""
    return np.concatenate([face.boxes[0], face.landmarks[0].ravel()]).astype(np.float64)

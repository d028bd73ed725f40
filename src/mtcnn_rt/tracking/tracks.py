"""The faces that are followed, through time. Times in seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking.one_euro import one_euro

VELOCITY_SECONDS = 0.1
"""The velocity is a mean over about this time."""
MOST_GROWTH = 1.5
"""Of the size, however long ago it was seen: the size of a face half covered misleads."""

Tracks = NDArray[np.void]
"""Rows of `TRACK`, one a face, in order of id."""
TRACK = np.dtype(
    [
        ("id", np.int64),
        ("scene", np.int64),  # the number of the scene that it belongs to
        ("sightings", np.int64),  # in how many frames it was seen
        ("seen", np.float64),  # when it was last seen
        ("found", np.float64),  # when the cascade last found it, not O-Net alone
        ("place", np.float64, 4),  # center x, center y, width and height as last seen
        ("velocity", np.float64, 4),  # of the place, a second
        ("score", np.float32),
        ("smoothed", np.float64, 14),  # x1 y1 x2 y2 of the box, x y of the five landmarks
        ("speed", np.float64, 14),  # the state of the One-Euro filter
    ],
    align=True,
)


def begin(faces: Faces, first_id: int, scene: int, time: float) -> Tracks:
    """New tracks of faces that the cascade found."""
    tracks = np.zeros(len(faces), TRACK)
    tracks["id"] = np.arange(first_id, first_id + len(faces))
    tracks["scene"] = scene
    tracks["sightings"] = 1
    tracks["seen"] = tracks["found"] = time
    tracks["place"] = _places(faces)
    tracks["score"] = faces.scores
    tracks["smoothed"] = _coordinates(faces)
    return tracks


def see(tracks: Tracks, faces: Faces, time: float, smooth: bool) -> Tracks:
    """The tracks, each with its face in a later frame."""
    tracks = tracks.copy()
    step = (time - tracks["seen"])[:, np.newaxis]
    places, values = _places(faces), _coordinates(faces)
    # Two sightings make the first velocity; then the mean over VELOCITY_SECONDS begins.
    weight = np.maximum(1 / tracks["sightings"][:, np.newaxis], -np.expm1(-step / VELOCITY_SECONDS))
    tracks["velocity"] += weight * ((places - tracks["place"]) / step - tracks["velocity"])
    tracks["place"] = places
    tracks["score"] = faces.scores
    if smooth:
        size = np.maximum(1, np.sqrt(places[:, 2:3] * places[:, 3:]))
        state = tracks["smoothed"], tracks["speed"]
        values, tracks["speed"] = one_euro(values, *state, step, size)
    tracks["smoothed"] = values
    tracks["sightings"] += 1
    tracks["seen"] = time
    return tracks


def expected(tracks: Tracks, time: float) -> NDArray[np.float32]:
    """Their boxes (N, 4) at a time: center and size go on at constant velocity, the size to half as
    much again at most. At the time that a face was seen, where it was."""
    places = tracks["place"] + tracks["velocity"] * (time - tracks["seen"])[:, np.newaxis]
    centers, sizes, last = places[:, :2], places[:, 2:], tracks["place"][:, 2:]
    half = np.minimum(np.maximum(sizes, last / MOST_GROWTH), last * MOST_GROWTH) / 2
    return np.hstack([centers - half, centers + half]).astype(np.float32)


def smoothed(tracks: Tracks) -> Faces:
    """Their faces as last seen, smoothed."""
    values = tracks["smoothed"].astype(np.float32)
    return Faces(values[:, :4], tracks["score"].copy(), values[:, 4:].reshape(-1, 5, 2))


def _places(faces: Faces) -> NDArray[np.float64]:
    low, high = faces.boxes[:, :2].astype(np.float64), faces.boxes[:, 2:]
    return np.hstack([(low + high) / 2, high - low])


def _coordinates(faces: Faces) -> NDArray[np.float64]:
    return np.hstack([faces.boxes, faces.landmarks.reshape(-1, 10)]).astype(np.float64)

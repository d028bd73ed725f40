"""Tracks: the faces that are followed, through time. Times are in seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Float64
from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking.one_euro import one_euro

VELOCITY_SECONDS = 0.1
"""Time over which the velocity is averaged, approximately."""
MOST_GROWTH = 1.5
"""Largest change of the expected size, either way, after any time: the size of a half covered face
misleads."""

Tracks = NDArray[np.void]
"""Rows of `TRACK`, one per track, in order of id."""
TRACK = np.dtype(
    [
        ("id", np.int64),
        ("scene", np.int64),  # number of the scene
        ("sightings", np.int64),  # number of frames in which the face was found
        ("seen", np.float64),  # time of the last of these frames
        ("confirmed", np.float64),  # time when the cascade, not O-Net alone, last found it
        ("place", np.float64, 4),  # center x, center y, width and height when last seen
        ("velocity", np.float64, 4),  # change of the place per second
        ("score", np.float32),
        ("smoothed", np.float64, 14),  # x1 y1 x2 y2 of the box, x y of the five landmarks
        ("speed", np.float64, 14),  # state of the One-Euro filter
        ("lnet_time", np.float64),  # time when L-Net last placed the landmarks
        ("lnet_box", np.float32, 4),  # O-Net's box then
        ("lnet_correction", np.float32, (5, 2)),  # L-Net's landmarks less O-Net's, over the sides
    ],
    align=True,
)


def new_tracks(faces: Faces, first_id: int, scene: int, time: float) -> Tracks:
    """Returns new tracks of faces that the cascade found.

    Args:
        faces: N faces.
        first_id: Id of the first face; the others' ids follow.
        scene: Number of the scene.
        time: Time of the frame.
    """
    tracks = np.zeros(len(faces), TRACK)
    tracks["id"] = np.arange(first_id, first_id + len(faces))
    tracks["scene"] = scene
    tracks["sightings"] = 1
    tracks["seen"] = tracks["confirmed"] = time
    tracks["lnet_time"] = -np.inf
    tracks["smoothed"] = values = _coordinates(faces)
    tracks["place"] = _places(values)
    tracks["score"] = faces.scores
    return tracks


def update_tracks(tracks: Tracks, faces: Faces, time: float, smooth: bool) -> None:
    """Changes tracks, in place, to know their faces in a later frame.

    Args:
        tracks: N tracks.
        faces: N faces, one for each track.
        time: Time of the frame.
        smooth: True to smooth boxes and landmarks by the One-Euro filter.
    """
    step = (time - tracks["seen"])[:, np.newaxis]
    values = _coordinates(faces)
    places = _places(values)
    # Two sightings give the first velocity; from then on, it is the mean over VELOCITY_SECONDS.
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


def expected_boxes(tracks: Tracks, time: float | Float64) -> Float32:
    """Returns the boxes (N, 4) in pixels where the faces of the tracks are expected at a time.

    Center and size change at constant velocity, the size by `MOST_GROWTH` at most. At the time of
    the last sighting, the box is that of the face.

    Args:
        tracks: N tracks.
        time: The time of all, or that of each, (N,).
    """
    if len(tracks) == 0:
        return np.zeros((0, 4), np.float32)
    places = tracks["place"] + tracks["velocity"] * (time - tracks["seen"])[:, np.newaxis]
    centers, sizes, last = places[:, :2], places[:, 2:], tracks["place"][:, 2:]
    half = np.minimum(np.maximum(sizes, last / MOST_GROWTH), last * MOST_GROWTH) / 2
    boxes = np.empty((len(tracks), 4), np.float32)
    boxes[:, :2] = centers - half
    boxes[:, 2:] = centers + half
    return boxes


def swept_boxes(tracks: Tracks, time: float) -> Float32:
    """Returns the boxes (N, 4) of where the faces were last found and are expected, with the way.

    In videos from the hand faces soon move otherwise than before: in one, covers of the expected
    boxes had two thirds of faces that were lost for 0.3 seconds, covers of these have nine tenths.
    """
    boxes, last = expected_boxes(tracks, time), expected_boxes(tracks, tracks["seen"])
    boxes[:, :2] = np.minimum(boxes[:, :2], last[:, :2])
    boxes[:, 2:] = np.maximum(boxes[:, 2:], last[:, 2:])
    return boxes


def smoothed_faces(tracks: Tracks) -> Faces:
    """Returns the faces of the tracks as last seen, smoothed."""
    values = tracks["smoothed"].astype(np.float32)
    return Faces(values[:, :4], tracks["score"].copy(), values[:, 4:].reshape(-1, 5, 2))


def _places(coordinates: Float64) -> Float64:
    """Returns centers, widths and heights (N, 4) of boxes, from `_coordinates`."""
    low, high = coordinates[:, :2], coordinates[:, 2:4]
    places = np.empty((len(coordinates), 4))
    np.divide(low + high, 2, out=places[:, :2])
    np.subtract(high, low, out=places[:, 2:])
    return places


def _coordinates(faces: Faces) -> Float64:
    """Returns the coordinates (N, 14) of boxes and landmarks."""
    coordinates = np.empty((len(faces), 14))
    coordinates[:, :4] = faces.boxes
    coordinates[:, 4:] = faces.landmarks.reshape(-1, 10)
    return coordinates

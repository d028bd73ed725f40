"""Places the landmarks of followed faces, with L-Net only where they may have changed."""

from __future__ import annotations

import numpy as np

from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image
from mtcnn_rt.tracking.finder import Finder
from mtcnn_rt.tracking.tracks import Tracks

LNET_SECONDS = 0.1
"""Longest time for which O-Net's landmarks, corrected as L-Net did before, stand for L-Net's."""
SMALL_MOTION = 0.1
"""Largest motion of a box's edges since then, over its size. With both limits, L-Net runs on 55 %
of the faces of a crowd at 25 frames a second; the landmarks then differ from L-Net's by 0.5 % of
the face's size on average. L-Net's own change by 1.8 % from one frame to the next, in units of the
box, and O-Net's differ from L-Net's by 2.9 %."""


def place_landmarks(
    finder: Finder, image: Image, tracks: Tracks, faces: Faces, time: float
) -> Faces:
    """Returns faces of O-Net with landmarks as L-Net places them, and boxes in the image.

    Args:
        finder: Runs L-Net.
        image: The frame.
        tracks: A copy of the N tracks of the faces; gets the state of L-Net in place.
        faces: The N faces, with O-Net's landmarks.
        time: Time of the frame, in seconds.
    """
    if finder.has_lnet and len(faces) > 0:
        sides = (faces.boxes[:, 2:] - faces.boxes[:, :2])[:, np.newaxis]
        motion = np.maximum.reduce(np.abs(faces.boxes - tracks["lnet_box"]), axis=1)
        small = motion <= SMALL_MOTION * np.sqrt(sides[:, 0, 0] * sides[:, 0, 1])
        small &= time - tracks["lnet_time"] < LNET_SECONDS
        due = (~small).nonzero()[0]
        if len(due) < len(faces):
            landmarks = faces.landmarks + tracks["lnet_correction"] * sides
        else:
            landmarks = faces.landmarks.copy()
        if len(due) > 0:
            landmarks[due] = finder.place_landmarks(image, faces[due])
            tracks["lnet_box"][due] = faces.boxes[due]
            tracks["lnet_time"][due] = time
            correction = (landmarks[due] - faces.landmarks[due]) / np.maximum(sides[due], 1)
            tracks["lnet_correction"][due] = correction
        faces = Faces(faces.boxes, faces.scores, landmarks)
    return finder.clipped(image, faces)

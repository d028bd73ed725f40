"""Gives a tracker a detector whose faces are scripted."""

from collections.abc import Callable

import numpy as np

from mtcnn_rt import Faces
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.tracking.strips import Part

from . import reference

SIZE = 40.0
"""Sides of the faces, in pixels."""


def faces_at(*places, score=0.9):
    """Returns square faces of 40 pixels with these upper left corners."""
    corners = np.array(places, np.float32).reshape(-1, 2)
    scores = np.full(len(corners), score, np.float32)
    return Faces(
        np.hstack([corners, corners + SIZE]), scores, np.repeat(corners[:, None] + 20, 5, axis=1)
    )


class Scripted:
    """Stands for an MTCNN and for the `Finder` of its tracker.

    `there` returns the corners of the faces of a frame. P-Net and R-Net miss the faces whose
    indices `missed` returns; O-Net alone, near a box, misses those that `missed_by_onet` returns.
    """

    def __init__(self, there: Callable[[int], list], missed=None, missed_by_onet=None):
        self.there = there
        self.missed = missed or (lambda frame: ())
        self.missed_by_onet = missed_by_onet or (lambda frame: ())
        self._cascade = self
        self.rotations, self.has_lnet = (0,), False
        self.searched, self.searched_near, self.parts, self.crops = [], [], [], 0

    def part(self, image, start, end):
        self.parts.append((number_of(image), start, end))
        return Part((), end >= 1)

    def clipped(self, image, faces):
        return faces

    def find_new(self, image, known, near=None, part=None):
        """Finds all faces where the search of the image ends, else those nearby."""
        frame = number_of(image)
        everywhere = part.last if part else near is None
        if everywhere:
            self.searched.append(frame)
        elif len(near):
            self.searched_near.append(frame)
        faces = self._found(frame)
        far = np.array([not everywhere and not within(face, near, SIZE) for face in faces.boxes])
        again = np.array([within(face, known, 0.2 * SIZE) for face in faces.boxes])
        return faces[np.flatnonzero(~far & ~again)] if len(faces) else faces

    def confirm(self, image, boxes):
        found = self._found(number_of(image)).boxes
        return np.flatnonzero([within(box, found, 0.2 * SIZE) for box in boxes])

    def _found(self, frame):
        places = self.there(frame)
        return faces_at(*(p for i, p in enumerate(places) if i not in self.missed(frame)))

    def find_at(self, image, boxes):
        frame = number_of(image)
        self.crops += len(boxes)
        faces, sources = faces_at(*self.there(frame)), []
        accepted = []
        for i, face in enumerate(faces.boxes.astype(float)):
            if i in self.missed_by_onet(frame):
                continue
            overlaps = [reference.iou(face, box) for box in boxes.astype(float)]
            if max(overlaps) > 0.5:
                accepted.append(i)
                sources.append(int(np.argmax(overlaps)))
        return faces[accepted], np.array(sources, np.int64)


def within(box, others, distance):
    """Returns True if the box is one of the others, moved by this distance at most."""
    return any(np.abs(other - box).max() <= distance for other in others)


def image_of(frame):
    image = np.zeros((300, 400, 3), np.uint8)
    image[0, 0] = frame
    return image


def number_of(image):
    return int(image.pixels[0, 0, 0])


def run(detector, frames, step=0.04, **settings):
    tracker = Tracker(detector, **settings)
    return [tracker.update(image_of(i), i * step) for i in range(frames)]


def ids(results):
    return [one.ids.tolist() for one in results]


def still(frame):
    return [(100, 100), (200, 50)]

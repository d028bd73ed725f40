"""place_landmarks: L-Net runs where a face moved or 0.1 s passed; else O-Net's are corrected."""

import numpy as np

from mtcnn_rt import Faces
from mtcnn_rt.images import Image
from mtcnn_rt.tracking.finder import Finder
from mtcnn_rt.tracking.landmarks import place_landmarks
from mtcnn_rt.tracking.tracks import new_tracks

IMAGE = Image(np.zeros((200, 300, 3), np.uint8), True)


class Lnet:
    """Moves landmarks by a tenth of the box's width, and counts the faces."""

    has_lnet = True
    clipped = Finder.clipped

    def __init__(self):
        self.seen = 0

    def place_landmarks(self, image, faces):
        self.seen += len(faces)
        widths = faces.boxes[:, 2] - faces.boxes[:, 0]
        return faces.landmarks + 0.1 * widths[:, None, None] * np.array([1, 0], np.float32)


def face(x, size=40):
    box = np.array([[x, 50, x + size, 50 + size]], np.float32)
    points = np.full((1, 5, 2), (x + size / 2, 50 + size / 2), np.float32)
    return Faces(box, np.ones(1, np.float32), points)


def test_lnet_runs_at_first_then_after_a_tenth_of_a_second():
    lnet, tracks = Lnet(), new_tracks(face(100), 1, 1, 0.0)
    seen = []
    for i in range(1, 8):
        placed = place_landmarks(lnet, IMAGE, tracks, face(100 + i / 4), 0.04 * i)
        np.testing.assert_allclose(placed.landmarks[0, 0], [124 + i / 4, 70], atol=1e-4)
        seen.append(lnet.seen)
    assert seen == [1, 1, 1, 2, 2, 2, 3]


def test_lnet_runs_on_a_face_that_moved_or_grew():
    lnet, tracks = Lnet(), new_tracks(face(100), 1, 1, 0.0)
    for i, one in enumerate([face(100), face(103), face(105), face(105, 46), face(105, 49)]):
        place_landmarks(lnet, IMAGE, tracks, one, 0.01 * (i + 1))
    assert lnet.seen == 3  # at first, 5 pixels away, and 6 pixels larger


def test_without_lnet_only_boxes_are_clipped():
    lnet, tracks = Lnet(), new_tracks(face(280), 1, 1, 0.0)
    lnet.has_lnet = False
    placed = place_landmarks(lnet, IMAGE, tracks, face(280), 0.04)
    assert placed.boxes.tolist() == [[280, 50, 300, 90]]
    np.testing.assert_array_equal(placed.landmarks, face(280).landmarks)
    assert lnet.seen == 0

"""Compares detections, for tests."""

import numpy as np

from mtcnn_rt import Faces


def assert_same(faces: Faces, expected: Faces) -> None:
    """Checks that faces are the same, in the same order and to the bit."""
    np.testing.assert_array_equal(faces.boxes, expected.boxes)
    np.testing.assert_array_equal(faces.scores, expected.scores)
    np.testing.assert_array_equal(faces.landmarks, expected.landmarks)

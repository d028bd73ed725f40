"""Faces that lie on their side or upside down: `MTCNN(rotations=...)`."""

import copy
import pickle

import numpy as np
import pytest
from helpers.same_faces import assert_same

import mtcnn_rt._rotations as rotations_module
from mtcnn_rt import MTCNN, Faces, Tracker
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._rotations import turned, turned_back
from mtcnn_rt.images import Image

ALL = (0, 90, 180, 270)
ENGINES = pytest.mark.parametrize("engine", ["native", "onnxruntime"])


def rotated(image: np.ndarray, degrees: int) -> np.ndarray:
    return np.ascontiguousarray(np.rot90(image, degrees // 90))


@pytest.fixture(scope="module")
def every() -> MTCNN:
    return MTCNN(min_face_size=40, threads=1, rotations=ALL)


@pytest.fixture(scope="module")
def upright() -> MTCNN:
    return MTCNN(min_face_size=40, threads=1)


@pytest.mark.parametrize("degrees", ALL)
def test_boxes_are_turned_back_to_the_pixels_they_cover(degrees):
    random = np.random.default_rng(degrees)
    height, width = 37, 91
    for _ in range(50):
        blank = np.zeros((height, width, 3), np.uint8)
        x1, y1 = int(random.integers(0, width - 1)), int(random.integers(0, height - 1))
        x2, y2 = int(random.integers(x1 + 1, width)), int(random.integers(y1 + 1, height))
        blank[y1:y2, x1:x2] = 1
        rows, columns = np.nonzero(turned(Image(blank, True), degrees).pixels[..., 0])
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        found = Faces(np.float32([box]), np.ones(1, np.float32), np.zeros((1, 5, 2), np.float32))
        back = turned_back(found, degrees, (height, width))
        assert back.boxes.tolist() == [[x1, y1, x2, y2]]
        assert back.boxes.dtype == back.landmarks.dtype == np.float32


@pytest.mark.parametrize("degrees", ALL)
def test_landmarks_are_turned_back_to_the_centers_of_their_pixels(degrees):
    height, width = 20, 30
    pixels = [(3, 4), (29, 0), (0, 19), (15, 10), (7, 18)]
    points = np.zeros((1, 5, 2), np.float32)
    for i, (x, y) in enumerate(pixels):
        blank = np.zeros((height, width, 3), np.uint8)
        blank[y, x] = 1
        [[row], [column]] = np.nonzero(turned(Image(blank, True), degrees).pixels[..., 0])
        points[0, i] = column + 0.5, row + 0.5
    faces = Faces(np.zeros((1, 4), np.float32), np.ones(1, np.float32), points)
    back = turned_back(faces, degrees, (height, width)).landmarks[0]
    assert back.tolist() == [[x + 0.5, y + 0.5] for x, y in pixels]


@ENGINES
@pytest.mark.parametrize("degrees", ALL)
def test_a_single_rotation_is_a_detection_in_the_turned_image(sample_frame, engine, degrees):
    image = rotated(sample_frame, 360 - degrees)  # upright again after the turn
    found = MTCNN(40, threads=1, engine=engine, rotations=(degrees,)).detect(image)
    expected = MTCNN(40, threads=1, engine=engine).detect(rotated(image, degrees))
    assert len(found) == len(expected) == 4
    assert_same(found, turned_back(expected, degrees, image.shape[:2]))


@pytest.mark.parametrize("degrees", ALL)
def test_turned_faces_are_found_where_they_are(sample_frame, upright, every, degrees):
    expected = upright.detect(sample_frame)
    image = rotated(sample_frame, degrees)
    found = every.detect(image)
    assert len(found) == len(expected) == 4
    # `degrees` more turn the image of the turned frame back into the frame.
    again = turned_back(found, degrees, sample_frame.shape[:2])
    np.testing.assert_allclose(again.boxes, expected.boxes, atol=1e-3)
    np.testing.assert_allclose(again.landmarks, expected.landmarks, atol=1e-3)
    np.testing.assert_array_equal(again.scores, expected.scores)


def test_upright_detection_alone_misses_faces_upside_down(sample_frame, upright, every):
    image = rotated(sample_frame, 180)
    assert len(upright.detect(image)) < 4
    assert len(every.detect(image)) == 4


def test_landmarks_of_a_face_upside_down_keep_their_meaning(sample_frame):
    image = rotated(sample_frame, 180)
    faces = MTCNN(40, threads=1, rotations=(180,)).detect(image)
    assert len(faces) == 4
    for face in faces:
        left_eye, right_eye, nose, *_ = face.landmarks[0]
        assert left_eye[0] > nose[0] > right_eye[0]  # as seen upside down
        assert min(left_eye[1], right_eye[1]) > nose[1]


def test_results_are_in_the_order_of_their_scores(sample_frame, every):
    both = np.concatenate([sample_frame, rotated(sample_frame, 180)])
    found = every.detect(both)
    assert len(found) == 8
    assert (np.diff(found.scores) <= 0).all()


def test_one_face_is_given_once(sample_frame, every):
    boxes = every.detect(sample_frame).boxes
    shares = overlaps(boxes, boxes)
    np.fill_diagonal(shares, 0)
    assert shares.max() < 0.4


def test_without_rotations_nothing_is_turned(sample_frame, upright, monkeypatch):
    expected = upright.detect(sample_frame)

    def refuse(*_):
        raise AssertionError("an image is turned")

    monkeypatch.setattr(rotations_module, "turned", refuse)
    monkeypatch.setattr(rotations_module, "_merged", refuse)
    assert_same(MTCNN(40, threads=1, rotations=(0,)).detect(sample_frame), expected)
    assert MTCNN(threads=1).rotations == (0,)


def test_a_batch_of_several_sizes_is_as_single_images(sample_frame, every):
    images = [sample_frame, rotated(sample_frame, 90), sample_frame[:300, :200], sample_frame[:50]]
    batch = every.detect_batch(images)
    for found, image in zip(batch, images, strict=True):
        alone = every.detect(image)
        np.testing.assert_allclose(found.boxes, alone.boxes, atol=1e-3)
        np.testing.assert_allclose(found.scores, alone.scores, atol=1e-5)


def test_an_image_without_faces_and_no_image_give_none(every):
    assert len(every.detect(np.zeros((60, 80, 3), np.uint8))) == 0
    assert every.detect_batch([]) == []


@pytest.mark.parametrize("color", ["bgr", "rgb"])
def test_channel_order_and_rows_apart_make_no_difference(sample_frame, every, color):
    image = sample_frame if color == "bgr" else sample_frame[..., ::-1].copy()
    wide = np.zeros((360, 700, 3), np.uint8)
    wide[:, :640] = image
    np.testing.assert_allclose(
        every.detect(wide[:, :640], color=color).boxes, every.detect(sample_frame).boxes, atol=1e-3
    )


@pytest.mark.parametrize("again", [lambda d: pickle.loads(pickle.dumps(d)), copy.deepcopy])
def test_a_copy_turns_images_as_well(sample_frame, again):
    detector = MTCNN(40, threads=1, rotations=[np.int64(0), 180])
    assert detector.rotations == (0, 180)
    copied = again(detector)
    assert copied.rotations == (0, 180)
    image = rotated(sample_frame, 180)
    assert_same(copied.detect(image), detector.detect(image))


@pytest.mark.parametrize("rotations", [(), (45,), (0, 0), (360,), (-90,), [0, 90, 450]])
def test_other_values_are_refused(rotations):
    with pytest.raises(ValueError, match=r"^rotations: "):
        MTCNN(rotations=rotations)


@pytest.mark.parametrize("rotations", [90, None, "90", (90.0,), (True,), ("90",), {0, 90}])
def test_other_types_are_refused(rotations):
    with pytest.raises(TypeError, match=r"^rotations: "):
        MTCNN(rotations=rotations)


def test_a_tracker_follows_faces_that_are_upside_down(sample_frame):
    tracker = Tracker(MTCNN(40, threads=1, rotations=(0, 180)))
    assert tracker.detect_every == 1
    image = rotated(sample_frame, 180)
    ids = [tracker.update(image, time / 25).ids.tolist() for time in range(3)]
    assert ids == [[1, 2, 3, 4]] * 3
    assert tracker.full_detections == 3


def test_a_tracker_that_searches_near_faces_refuses_rotations():
    with pytest.raises(ValueError, match=r"^detect_every: .* 5, with a detector that turns images"):
        Tracker(MTCNN(threads=1, rotations=(90,)), detect_every=5)
    assert Tracker(MTCNN(threads=1, rotations=(90,)), detect_every=1).detect_every == 1

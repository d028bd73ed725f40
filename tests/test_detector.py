"""Tests of MTCNN: the same faces from every kind of image, and unusual images."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest
from helpers import reference
from helpers.fake_networks import Witness, with_fake_engine
from helpers.same_faces import assert_same

import mtcnn_rt
from mtcnn_rt import MTCNN, Faces

KNOWN = np.array(
    [[333, 224, 380, 281], [507, 112, 572, 193], [311, 46, 340, 81], [87, 113, 176, 224]], float
)
"""The faces of the sample frame: 57, 81, 35 and 111 pixels high."""
MEDIUM, LARGE, SMALL, LARGEST = range(4)


def found_of(faces: Faces, known: np.ndarray = KNOWN) -> list[int]:
    """Returns the numbers of the known faces that were detected."""
    overlaps = np.array([reference.iou(box, known) for box in faces.boxes.astype(float)])
    overlaps = overlaps.reshape(-1, len(known))
    assert (overlaps.max(axis=1) > 0.6).all()
    return sorted(overlaps.argmax(axis=1).tolist())


@pytest.fixture(scope="module")
def faces(detector, sample_frame) -> Faces:
    return detector.detect(sample_frame)


def test_the_four_faces_of_the_sample_frame(faces):
    assert len(faces) == 4
    assert found_of(faces) == [MEDIUM, LARGE, SMALL, LARGEST]
    assert faces.scores.min() > 0.95


def test_shapes_and_types(faces):
    assert (faces.boxes.shape, faces.scores.shape) == ((4, 4), (4,))
    assert faces.landmarks.shape == (4, 5, 2)
    assert faces.boxes.dtype == faces.scores.dtype == faces.landmarks.dtype == np.float32


def test_the_best_face_comes_first(detector, sample_frame):
    crowd = np.hstack([sample_frame, sample_frame[:, 150:]])
    scores = detector.detect(crowd).scores
    assert len(scores) >= 6
    assert (np.diff(scores) <= 0).all()
    assert scores[0] <= 1


def test_the_landmarks_lie_in_their_box_in_the_order_of_a_face(faces):
    assert len(faces) == 4
    for box, (left_eye, right_eye, nose, mouth_left, mouth_right) in zip(
        faces.boxes, faces.landmarks, strict=True
    ):
        for x, y in (left_eye, right_eye, nose, mouth_left, mouth_right):
            assert box[0] < x < box[2]
            assert box[1] < y < box[3]
        assert left_eye[0] < right_eye[0]
        assert mouth_left[0] < mouth_right[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < min(mouth_left[1], mouth_right[1])


def test_boxes_of_cut_faces_end_at_the_border(detector, sample_frame):
    cut = sample_frame[130:, :150]
    height, width = cut.shape[:2]
    faces = detector.detect(cut)
    assert len(faces) == 1
    assert faces.boxes.min() >= 0
    assert (faces.boxes <= [width, height, width, height]).all()
    assert faces.boxes[0, 1] == 0
    assert faces.boxes[0, 2] == 150


KINDS = {
    "rgb array": lambda bgr, folder: (np.ascontiguousarray(bgr[..., ::-1]), "rgb"),
    "rgb view": lambda bgr, folder: (bgr[..., ::-1], "rgb"),
    "with alpha": lambda bgr, folder: (
        np.dstack([bgr, np.full(bgr.shape[:2], 255, np.uint8)]),
        "bgr",
    ),
    "rows apart": lambda bgr, folder: (np.hstack([bgr, bgr])[:, :640], "bgr"),
    "columns apart": lambda bgr, folder: (np.repeat(bgr, 2, axis=1)[:, ::2], "bgr"),
    "Fortran order": lambda bgr, folder: (np.asfortranarray(bgr), "bgr"),
    "PIL": lambda bgr, folder: (PIL.Image.fromarray(np.ascontiguousarray(bgr[..., ::-1])), "bgr"),
    "Path": lambda bgr, folder: (written(bgr, folder), "bgr"),
    "str": lambda bgr, folder: (str(written(bgr, folder)), "bgr"),
}


def written(image: np.ndarray, folder: Path) -> Path:
    cv2.imwrite(str(folder / "frame.png"), image)
    return folder / "frame.png"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_image_has_the_same_faces(detector, faces, sample_frame, tmp_path, kind):
    image, color = KINDS[kind](sample_frame, tmp_path)
    assert_same(detector.detect(image, color), faces)


def test_the_wrong_channel_order_gives_other_faces(detector, faces, sample_frame):
    assert not np.array_equal(detector.detect(sample_frame, "rgb").boxes, faces.boxes)


def test_gray_equals_three_equal_channels(detector, sample_frame):
    gray = cv2.cvtColor(sample_frame, cv2.COLOR_BGR2GRAY)
    expected = detector.detect(np.dstack([gray, gray, gray]))
    assert len(expected) == 4
    assert_same(detector.detect(gray), expected)
    assert_same(detector.detect(gray[..., np.newaxis]), expected)


def test_the_image_is_not_changed(detector, sample_frame):
    before = sample_frame.copy()
    detector.detect(sample_frame)
    np.testing.assert_array_equal(sample_frame, before)


def test_the_same_image_gives_the_same_faces(sample_frame):
    for threads in 1, 2:
        detector = MTCNN(threads=threads, model="published")
        first = detector.detect(sample_frame)
        detector.detect(sample_frame[:100])
        assert_same(detector.detect(sample_frame), first)


def test_one_detector_in_four_threads(sample_frame):
    detector = MTCNN(threads=2, model="published")
    images = [sample_frame, sample_frame[:, 250:], sample_frame[:200], sample_frame[50:]] * 4
    expected = [detector.detect(image) for image in images]
    with ThreadPoolExecutor(4) as threads:
        for faces, same in zip(threads.map(detector.detect, images), expected, strict=True):
            assert_same(faces, same)


def test_a_batch_equals_its_images_one_by_one(detector, sample_frame):
    images = [
        sample_frame,
        np.zeros((5, 5, 3), np.uint8),
        sample_frame[:200],
        sample_frame[:, 300:],
        np.full((100, 100, 3), 128, np.uint8),
        sample_frame[::2],
        sample_frame[100:300, 50:250, ::-1],
    ]
    batch = detector.detect_batch(images)
    assert [len(batch[number]) for number in (0, 1, 2, 4)] == [4, 0, 3, 0]
    for faces, image in zip(batch, images, strict=True):
        assert_same(faces, detector.detect(image))


def test_crops_of_all_images_are_classified_in_batches_of_bounded_size(sample_frame):
    detector = MTCNN(threads=1, engine="onnxruntime", model="published")
    detector._cascade.engine.networks = Witness(detector._cascade.engine.networks)
    detector.detect_batch([sample_frame] * 3)
    full, rest = (
        detector._cascade.engine.networks.rnet_crops[:-1],
        detector._cascade.engine.networks.rnet_crops[-1],
    )
    assert set(full) == {28}  # 28 * 24 * 24 = 16128 pixels, 29 are more than 1 << 14
    assert 1 <= rest <= 28
    assert (28 * len(full) + rest) % 3 == 0
    assert set(detector._cascade.engine.networks.onet_crops[:-1]) == {7}  # 7 * 48 * 48 = 16128


def test_an_empty_batch_gives_an_empty_list(detector):
    assert detector.detect_batch([]) == []


def test_a_batch_takes_every_kind_of_image(detector, faces, sample_frame, tmp_path):
    rgb = np.ascontiguousarray(sample_frame[..., ::-1])
    path = written(sample_frame, tmp_path)
    for one in detector.detect_batch((path, rgb, PIL.Image.fromarray(rgb)), color="rgb"):
        assert_same(one, faces)


def test_a_batch_with_another_type_is_refused(detector, sample_frame):
    message = r"^image: expected a NumPy array, a path, the bytes .* or a tensor, not NoneType$"
    with pytest.raises(TypeError, match=message):
        detector.detect_batch([sample_frame, None])


@pytest.mark.parametrize(
    ("settings", "levels", "numbers"),
    [
        ({}, 9, [MEDIUM, LARGE, SMALL, LARGEST]),
        ({"max_face_size": 35}, 2, [SMALL]),
        ({"max_face_size": 40}, 3, [MEDIUM, LARGE, SMALL]),
        ({"min_face_size": 80}, 5, [MEDIUM, LARGE, LARGEST]),
        ({"min_face_size": 150}, 3, [LARGEST]),
        ({"min_face_size": 361}, 0, []),
    ],
)
def test_the_sizes_of_faces_choose_the_levels(sample_frame, settings, levels, numbers):
    """Limits choose the levels; the networks tolerate faces of about twice the size."""
    detector = MTCNN(threads=1, engine="onnxruntime", **settings, model="published")
    detector._cascade.engine.networks = Witness(detector._cascade.engine.networks)
    assert found_of(detector.detect(sample_frame)) == numbers
    assert len(set(detector._cascade.engine.networks.levels)) == levels


def test_the_levels_of_a_largest_face(sample_frame):
    # Faces of 20, 28.2 and 39.8 pixels.
    detector = MTCNN(threads=1, max_face_size=40, engine="onnxruntime", model="published")
    detector._cascade.engine.networks = Witness(detector._cascade.engine.networks)
    detector.detect(sample_frame)
    assert detector._cascade.engine.networks.levels == [(216, 384), (154, 273), (109, 194)]


@pytest.mark.parametrize("thresholds", [(1, 0.7, 0.7), (0.6, 1, 0.7), (0.6, 0.7, 1), (1, 1, 1)])
def test_a_threshold_of_1_rejects_all_faces(sample_frame, thresholds):
    assert_same(
        MTCNN(threads=1, thresholds=thresholds, model="published").detect(sample_frame),
        Faces.empty(),
    )


def test_a_higher_last_threshold_keeps_the_better_faces(faces, sample_frame):
    limit = float(faces.scores[1:3].mean())
    better = MTCNN(threads=1, thresholds=(0.6, 0.7, limit), model="published").detect(sample_frame)
    assert_same(better, faces[faces.scores > limit])
    assert 1 <= len(better) <= 3


@pytest.mark.parametrize(
    "size", [(1, 1), (11, 11), (12, 12), (1, 10000), (10000, 1), (19, 500), (500, 19)]
)
def test_an_image_too_small_for_a_face_gives_no_face(detector, size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    assert_same(detector.detect(image), Faces.empty())


def test_the_smallest_image_with_a_level(sample_frame):
    detector = MTCNN(threads=1, engine="onnxruntime", model="published")
    detector._cascade.engine.networks = Witness(detector._cascade.engine.networks)
    detector.detect(sample_frame[:20, :20])
    assert detector._cascade.engine.networks.levels == [(12, 12)]


@pytest.mark.parametrize("color", [0, 128, 255])
def test_a_plain_image_gives_no_face(detector, color):
    plain = np.full((200, 300, 3), color, np.uint8)
    assert_same(detector.detect(plain), Faces.empty())


@pytest.mark.parametrize("logit", [np.nan, -np.inf, -9])
@pytest.mark.parametrize("value", [np.nan, np.inf, 0])
def test_networks_with_low_or_invalid_logits_give_no_face(sample_frame, logit, value):
    detector = MTCNN(threads=1, model="published")
    detector._cascade = with_fake_engine(detector, logit, value)
    assert_same(detector.detect(sample_frame), Faces.empty())


def test_landmarks_are_placed_in_the_square_of_onet(sample_frame):
    detector = MTCNN(threads=1, min_face_size=80, model="published")
    detector._cascade = with_fake_engine(detector, 9, 0.25)
    faces = detector.detect(sample_frame)
    inside = (faces.boxes > 0).all(axis=1) & (faces.boxes < [640, 360, 640, 360]).all(axis=1)
    assert inside.sum() > 10
    # A quarter of the square to the right and down: the landmark, and the box's corner, which the
    # published weights' offset moves by another pixel.
    corners = faces.boxes[inside, :2] - detector.model.box_offset
    for landmark in range(5):
        np.testing.assert_allclose(faces.landmarks[inside, landmark], corners, atol=1e-3)


def test_no_face_lies_in_another(sample_frame):
    detector = MTCNN(threads=1, min_face_size=80, model="published")
    detector._cascade = with_fake_engine(detector, 9, 0)  # faces of all sizes everywhere
    boxes = detector.detect(sample_frame).boxes.astype(float)
    assert len(boxes) > 100
    shares = np.array([reference.over_smaller(box, boxes) for box in boxes])
    np.fill_diagonal(shares, 0)
    assert 0.3 < shares.max() <= 0.7 + 1e-4


@pytest.mark.parametrize("value", [1e5, -1e5, 1, 0])
def test_gigantic_regressions_stay_in_the_image(sample_frame, value):
    detector = MTCNN(threads=1, min_face_size=80, model="published")
    detector._cascade = with_fake_engine(detector, 9, value)
    faces = detector.detect(sample_frame)
    assert len(faces) > 100
    np.testing.assert_allclose(faces.scores, 0.9998766, atol=1e-6)
    assert (faces.boxes >= 0).all()
    assert (faces.boxes <= [640, 360, 640, 360]).all()


@pytest.mark.parametrize("value", [1e6, 1e30, 3e38, np.inf, -np.inf, np.nan])
def test_networks_with_broken_regressions_give_no_face(sample_frame, value):
    detector = MTCNN(threads=1, min_face_size=80, model="published")
    good = detector._cascade
    detector._cascade = with_fake_engine(detector, 9, value)
    assert_same(detector.detect(sample_frame), Faces.empty())
    detector._cascade = good
    assert found_of(detector.detect(sample_frame)) == [MEDIUM, LARGE, LARGEST]


LARGE_IMAGE = """
import json, resource, sys
from pathlib import Path
import av, numpy as np
from mtcnn_rt import MTCNN
with av.open(sys.argv[1]) as clip:
    frame = next(clip.decode(video=0)).to_ndarray(format="bgr24")
image = np.zeros((12000, 9000, 3), np.uint8)
image[:] = 0  # np.zeros itself takes no memory
image[-360:, -640:] = frame
faces = MTCNN(min_face_size=40, model="published").detect(image)
if sys.platform == "linux":  # whose ru_maxrss counts the process that started this one
    [line] = [line for line in Path("/proc/self/status").open() if line.startswith("VmHWM")]
    peak = 1024 * int(line.split()[1])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"boxes": faces.boxes.tolist(), "extra": peak - image.nbytes}))
"""


def test_a_large_image_takes_little_more_than_its_own_memory():
    clip = Path(mtcnn_rt.__file__).parent / "sample.mp4"
    done = subprocess.run(
        [sys.executable, "-c", LARGE_IMAGE, clip], stdout=subprocess.PIPE, text=True, check=True
    )
    result = json.loads(done.stdout)
    boxes = np.array(result["boxes"]) - [8360, 11640, 8360, 11640]
    faces = Faces(boxes, np.ones(len(boxes)), np.zeros((len(boxes), 5, 2)))
    assert found_of(faces) == [MEDIUM, LARGE, SMALL, LARGEST]
    assert result["extra"] < 500e6


@pytest.mark.parametrize("make", [str, Path, cv2.imread, lambda path: PIL.Image.new("RGB", (9, 9))])
def test_one_image_is_no_batch(detector, tmp_path, make):
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.zeros((20, 30, 3), np.uint8))
    image = make(str(path))
    with pytest.raises(TypeError, match=r"^images: expected several images, not one"):
        detector.detect_batch(image)
    with pytest.raises(TypeError, match=r"^images: expected several images, not one"):
        detector.detect_batch(np.zeros((20, 30), np.uint8))
    assert len(detector.detect_batch(np.zeros((2, 20, 30, 3), np.uint8))) == 2

"""Tests the stand-in for mtcnn 1.0.0."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mtcnn_rt._boxes import overlaps
from mtcnn_rt.compat.mtcnn import MTCNN

# The output in the documentation of mtcnn 1.0.0; earlier versions have the same one.
DOCUMENTED = {
    "box": [277, 90, 48, 63],
    "keypoints": {
        "nose": [303, 131],
        "mouth_right": [313, 141],
        "right_eye": [314, 114],
        "left_eye": [291, 117],
        "mouth_left": [296, 143],
    },
}

ORIGINAL = {
    "ivan.jpg": [
        ("278 89 49 67", 0.99715, "291 116 314 113 304 131 296 143 313 141"),
        ("8 71 37 44", 0.85469, "20 87 36 84 28 93 23 104 36 102"),
    ],
    "multiface.jpg": [
        ("418 132 82 109", 0.99961, "451 174 488 178 474 201 451 214 482 214"),
        ("862 436 89 121", 0.99692, "888 479 922 486 897 510 885 523 916 529"),
        ("555 49 76 106", 0.99434, "580 88 615 90 598 118 576 126 610 128"),
        ("621 194 74 103", 0.97753, "639 236 675 237 655 260 639 268 676 269"),
        ("725 470 69 102", 0.96876, "741 510 777 507 762 535 743 544 781 540"),
        ("229 250 75 104", 0.96452, "245 293 280 285 268 314 252 327 291 317"),
    ],
    "no-faces.jpg": [],
    "paul_rudd.jpg": [
        ("281 280 1031 1503", 0.99702, "537 887 1030 889 800 1227 583 1451 1005 1443"),
    ],
    "test1.jpg": [
        ("297 90 62 77", 0.99997, "311 121 337 118 323 135 317 150 341 147"),
        ("91 20 60 81", 0.99930, "113 48 140 52 127 65 108 76 136 81"),
    ],
}
"""Box x y width height, confidence, and eyes, nose and mouth of mtcnn 1.0.0 with TensorFlow 2.21,
for the pixels that OpenCV decodes. TensorFlow's decoder gives others, with which boxes differ."""


@pytest.fixture(scope="module")
def rgb(sample_frame) -> np.ndarray:
    return sample_frame[..., ::-1].copy()


def test_the_documented_face_is_found(media):
    face = MTCNN().detect_faces(str(media / "ivan.jpg"))[0]
    x, y, width, height = face["box"]
    a, b, c, d = DOCUMENTED["box"]
    boxes = np.array([[x, y, x + width, y + height]]), np.array([[a, b, a + c, b + d]])
    assert overlaps(*boxes)[0, 0] > 0.88
    for name, point in DOCUMENTED["keypoints"].items():
        assert np.abs(np.subtract(face["keypoints"][name], point)).max() <= 1
    assert list(face) == ["box", "confidence", "keypoints"]
    assert json.loads(json.dumps(face)) == face


@pytest.mark.parametrize("name", ORIGINAL)
def test_faces_are_those_of_the_package_for_the_same_pixels(media, name):
    image = cv2.imread(str(media / name))[..., ::-1]
    found = MTCNN().detect_faces(image)
    assert len(found) == len(ORIGINAL[name])
    for face, (box, confidence, points) in zip(found, ORIGINAL[name], strict=True):
        boxes = face["box"], map(int, box.split())
        corners = [[x, y, x + width, y + height] for x, y, width, height in boxes]
        assert overlaps(*np.array(corners)[:, None])[0, 0] > 0.99
        assert face["confidence"] == pytest.approx(confidence, abs=1e-4)
        names = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
        found_points = np.ravel([face["keypoints"][n] for n in names])
        assert np.abs(found_points - np.array(points.split(), int)).max() <= 1


def test_box_formats_and_output_types_have_the_same_faces(rgb):
    detector = MTCNN()
    sides = detector.detect_faces(rgb)
    corners = detector.detect_faces(rgb, box_format="xyxy")
    rows = detector.detect_faces([rgb, rgb], output_type="numpy", box_format="xyxy")
    assert len(sides) == len(corners) == 4
    assert rows.shape == (8, 16)
    assert rows[:, 0].tolist() == [0] * 4 + [1] * 4
    for face, same, row in zip(sides, corners, rows, strict=False):
        assert face["confidence"] == same["confidence"] == row[5]
        assert same["box"] == row[1:5].round().astype(int).tolist()
        assert face["keypoints"]["nose"] == [round(row[8]), round(row[13])]
    with_sides = detector.detect_faces(rgb, output_type="numpy")
    assert np.array_equal(with_sides[:, 1:3] + with_sides[:, 3:5], rows[:4, 3:5])


def test_a_list_gives_a_list_for_each_image(rgb):
    found = MTCNN().detect_faces([rgb, np.zeros((60, 90, 3), np.uint8)])
    assert [len(faces) for faces in found] == [4, 0]


def test_options_of_the_stages(rgb):
    detector = MTCNN()
    assert len(detector.detect_faces(rgb, min_face_size=150)) < 4
    assert detector.predict(rgb, threshold_onet=0.99999999) == []
    alone = MTCNN(stages="face_detection_only").detect_faces(rgb)
    assert len(alone) >= 4
    assert list(alone[0]) == ["box", "confidence"]


def test_boxes_stay_in_the_image(rgb):
    part = rgb[:, 100:]
    fitted = MTCNN().detect_faces(part, output_type="numpy", box_format="xyxy")
    height, width = part.shape[:2]
    assert (fitted[:, 1:5] >= 0).all()
    assert (fitted[:, [3, 4]] <= (width - 1, height - 1)).all()


def test_what_cannot_be_decoded_has_no_faces():
    assert MTCNN().detect_faces(b"no image") == []
    rows = MTCNN("face_detection_only").detect_faces(b"no image", output_type="numpy")
    assert rows.shape == (0, 16)  # as in the package


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="stages: expected one of face_detection_only"):
        MTCNN(stages="all")
    with pytest.raises(ValueError, match=r"image: expected shape \(H, W, 3\), not \(5, 5\)"):
        MTCNN().detect_faces(np.zeros((5, 5), np.uint8))
    with pytest.raises(ValueError, match=r"stages: expected one of face_detection_only, .*\['all'"):
        MTCNN(stages=["all"])
    with pytest.raises(ValueError, match=r"image: expected a path, bytes, or .*, not NoneType"):
        MTCNN().detect_faces(None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale_factor": 1.0}, r"scale_factor: 1\.0 is not above 0 and at most 0\.999"),
        ({"scale_factor": 1.1}, r"scale_factor: 1\.1 is not above 0 and at most 0\.999"),
        ({"scale_factor": 0}, r"scale_factor: 0 is not above 0 and at most 0\.999"),
        ({"scale_factor": float("nan")}, "scale_factor: nan is not a finite number"),
        ({"min_face_size": 0}, "min_face_size: 0 is less than 1 pixel"),
        ({"min_face_size": -1}, "min_face_size: -1 is less than 1 pixel"),
        ({"min_face_size": float("inf")}, "min_face_size: inf is not a finite number"),
        ({"threshold_onet": float("nan")}, "threshold_onet: nan is not a finite number"),
    ],
)
def test_options_out_of_their_range_are_refused(rgb, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        MTCNN().detect_faces(rgb, **options)


def test_an_option_that_is_no_number_is_refused(rgb):
    with pytest.raises(TypeError, match=r"^min_face_size: expected a number, not '20'$"):
        MTCNN().detect_faces(rgb, min_face_size="20")


@pytest.mark.parametrize("shape", [(0, 50, 3), (50, 0, 3)])
def test_an_array_without_pixels_is_refused(shape):
    with pytest.raises(ValueError, match=r"^image: expected at least one pixel, not shape \("):
        MTCNN().detect_faces(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("options", [{"scale_factor": 0.05}, {"min_face_size": np.float32(11)}])
def test_options_at_the_ends_of_their_ranges_are_taken(rgb, options):
    assert isinstance(MTCNN().detect_faces(rgb[::4, ::4], **options), list)


def test_predict_takes_the_arguments_of_detect_faces(rgb):
    detector = MTCNN()
    rows = detector.predict(rgb, True, False, "xyxy", "numpy", min_size=24)
    assert np.array_equal(rows, detector.detect_faces(rgb, box_format="xyxy", output_type="numpy"))


def test_paths_and_bytes_of_any_type_are_read(sample_frame, tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), sample_frame)
    expected = MTCNN().detect_faces(str(path))
    assert len(expected) == 4
    for given in (path, path.read_bytes(), bytearray(path.read_bytes())):
        assert MTCNN().detect_faces(given) == expected


def test_no_tensorflow_or_pytorch_is_imported():
    code = (
        "import sys, numpy as np; from mtcnn_rt.compat.mtcnn import MTCNN; "
        "MTCNN().detect_faces(np.zeros((50, 50, 3), np.uint8)); "
        "assert not {'torch', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["stages", "get_stage"])
def test_stages_are_missing_with_the_reason(name):
    message = (
        f"^{name}: the stand-in has no such attribute; its stages are no objects, and are chosen "
        "by the argument `stages`$"
    )
    with pytest.raises(AttributeError, match=message):
        getattr(MTCNN(), name)

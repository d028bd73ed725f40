"""Tests of the published weights against another published implementation of the cascade.

../shared/reference/facenet_pytorch.json has its faces; boxes there are x1 y1 x2 y2 in pixels.
"""

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from benchmarks.accuracy import evaluate
from mtcnn_rt import MTCNN
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.evaluation.average_precision import average_precision

FACEMASK = Path(__file__).resolve().parents[2] / "shared" / "data" / "facemask"
SURE = 0.95
PHOTOS = ("ivan.jpg", "multiface.jpg", "no-faces.jpg", "paul_rudd.jpg", "test1.jpg")


@pytest.fixture(scope="module")
def published(media):
    path = media.parent / "reference" / "facenet_pytorch.json"
    if not path.exists():
        pytest.skip("../shared/reference/facenet_pytorch.json is not here")
    return json.loads(path.read_text())


def compare(faces, expected):
    """Compares the detected faces with the expected ones, both above the score `SURE`.

    Returns:
        For every expected face the IoU of the detected face that overlaps it most, and the mean
        distance of their landmarks in box widths; and the number of detected faces that were not
        expected.
    """
    boxes = np.array([face["box"] for face in expected]).reshape(-1, 4)
    landmarks = np.array([face["landmarks"] for face in expected]).reshape(-1, 5, 2)
    sure = np.array([face["score"] >= SURE for face in expected], bool)
    overlap = overlaps(boxes, faces.boxes)
    extra = (faces.scores >= SURE) & ~(overlap > 0.5).any(axis=0)
    assert overlap.shape[1] > 0 or not sure.any()
    nearest = overlap.argmax(axis=1) if overlap.size else np.zeros(0, int)
    distance = np.linalg.norm(faces.landmarks[nearest] - landmarks[: len(nearest)], axis=2)
    width = (boxes[:, 2] - boxes[:, 0])[: len(nearest)]
    ious = overlap.max(axis=1, initial=0)
    return ious[sure], (distance.mean(axis=1) / width)[sure[: len(nearest)]], int(extra.sum())


@pytest.mark.parametrize("min_face_size", [20, 40])
@pytest.mark.parametrize("name", PHOTOS)
def test_photographs(media, published, name, min_face_size):
    # The published faces are in pixels of the file, EXIF orientation ignored.
    image = cv2.imread(str(media / name), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    faces = MTCNN(min_face_size, threads=1, model="published").detect(image)
    expected = published["images"][name][f"min_face_{min_face_size}"]
    ious, distances, extra = compare(faces, expected)
    assert len(ious) == len(expected)
    assert (ious >= 0.85).all(), ious
    assert (distances <= 0.04).all(), distances
    assert extra == 0


def test_video(media, published):
    """Every face is detected.

    If several crops of a face have scores above 0.999, the last bits decide which of them stays:
    dropping one rounding from the published implementation moves 2 to 7 of these faces below an IoU
    of 0.85 to its own.
    """
    frames = {f["frame"]: f["faces"] for f in published["video.mp4"]["every_10th_min_face_40"]}
    detector = MTCNN(40, threads=1, model="published")
    ious, distances, extra = [], [], 0
    with av.open(str(media / "video.mp4")) as video:
        for index, frame in enumerate(video.decode(video=0)):
            if index in frames:
                faces = detector.detect(frame.to_ndarray(format="bgr24"))
                one = compare(faces, frames[index])
                ious, distances, extra = [*ious, *one[0]], [*distances, *one[1]], extra + one[2]
    assert len(ious) == 55
    assert min(ious) >= 0.75
    assert np.mean(np.array(ious) >= 0.85) >= 0.9
    assert np.mean(distances) <= 0.04
    assert extra == 0


def test_boxes_are_not_off_to_one_side():
    """In a mirrored image the boxes are mirrored too.

    Both agree on the center of a face to a fraction of a pixel. Without the model's box_offset they
    miss it by most of a pixel, for faces of any size.
    """
    photographs = sorted((FACEMASK / "images").glob("*.jpg"))[:60]
    if not photographs:
        pytest.skip("../shared/data/facemask, annotated photographs, is not here")
    detector = MTCNN(20, threads=1, model="published")
    shifts = []
    for path in photographs:
        image = cv2.imread(str(path))
        boxes = detector.detect(image).boxes
        mirrored = detector.detect(np.ascontiguousarray(image[:, ::-1])).boxes
        mirrored[:, [0, 2]] = image.shape[1] - mirrored[:, [2, 0]]
        for box, overlap in zip(boxes, overlaps(boxes, mirrored), strict=True):
            if overlap.max(initial=0) > 0.6:
                other = mirrored[overlap.argmax()]
                shifts.append((box[0] + box[2] - other[0] - other[2]) / 4)
    assert len(shifts) > 100
    assert abs(np.median(shifts)) < 0.4
    assert abs(np.median(shifts) - detector.model.box_offset) > 0.6


def test_average_precision():
    """The average precision on the test split of ../shared/data/facemask is high enough.

    The README of that data set has 0.662 and 0.721 for these networks in another implementation.
    """
    if not FACEMASK.is_dir():
        pytest.skip("../shared/data/facemask, annotated photographs, is not here")
    detector = MTCNN(20, model="published")

    def detect(image):
        faces = detector.detect(image)
        return faces.boxes, faces.scores

    images = read_annotations(FACEMASK, split="test").images
    photos = [evaluate(image, detect) for image in images]
    assert len(photos) == 150
    assert average_precision(photos, None, 20)[0] >= 0.695
    assert average_precision(photos, "no_mask", 20)[0] >= 0.77

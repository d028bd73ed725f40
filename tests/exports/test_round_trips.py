"""Tests that exports are read again: names, boxes and landmarks, in every format that is read."""

import cv2
import numpy as np
import pytest
from helpers.found_faces import face, record, write_results
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.exports.images import ExportedImages
from mtcnn_rt.exports.writing import export

WIDTH, HEIGHT = 64, 48
CUT = {"coco", "yolo", "yolo-pose"}
"""Formats whose boxes are cut at the edges."""
POINTED = {"coco", "yolo-pose", "jsonl"}
"""Formats with landmarks."""
NAMES = ("a.jpg", "day 1/b.jpg", "ä.jpg")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    (folder / "day 1").mkdir()
    for name in NAMES:
        cv2.imwrite(str(folder / name), np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    return folder


def rounded(low, high):
    return st.floats(low, high).map(lambda value: round(value, 2))


@st.composite
def faces(draw):
    """A face whose box is not outside of the image; its landmarks may be."""
    x1, y1 = draw(rounded(-9, WIDTH - 2)), draw(rounded(-9, HEIGHT - 2))
    x2, y2 = draw(rounded(max(x1, 0) + 1, WIDTH + 9)), draw(rounded(max(y1, 0) + 1, HEIGHT + 9))
    points = [[draw(rounded(-9, 70)), draw(rounded(-9, 60))] for _ in range(5)]
    return face([x1, y1, x2, y2], points, draw(rounded(0, 1)))


@pytest.mark.parametrize("format", ["coco", "yolo", "yolo-pose", "wider", "jsonl"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=st.lists(st.lists(faces(), max_size=4), min_size=3, max_size=3))
def test_what_is_exported_is_read_again(photos, tmp_path_factory, format, found):
    folder = tmp_path_factory.mktemp("export")
    results = write_results(
        folder / "results.jsonl",
        *(
            record(str(photos / name), listed, (WIDTH, HEIGHT))
            for name, listed in zip(NAMES, found, strict=True)
        ),
    )
    out = folder / "out.txt" if format == "wider" else folder / "out"
    assert export(ExportedImages(results, photos), format, out).problems == []
    read = read_annotations(out, images=photos, faceless=True)
    assert read.problems == []
    by_name = {image.name: image for image in read.images}
    assert sorted(by_name) == sorted(NAMES)
    for name, listed in zip(NAMES, found, strict=True):
        _compare(by_name[name], listed, format)


def _compare(image, listed, format):
    boxes = np.array([one["box"] for one in listed], np.float32).reshape(-1, 4)
    if format in CUT:
        boxes = boxes.clip(0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
    np.testing.assert_allclose(image.boxes, boxes, atol=0.011)
    assert not image.ignored.any()
    points = np.array([list(one["landmarks"].values()) for one in listed], np.float32)
    points = points.reshape(-1, 5, 2)
    if format not in POINTED:
        points = np.full_like(points, np.nan)
    if format == "yolo-pose":  # it has none outside of the image
        outside = (points < 0) | (points > [WIDTH, HEIGHT])
        points[outside.any(axis=2)] = np.nan
    np.testing.assert_allclose(image.landmarks, points, atol=0.011)

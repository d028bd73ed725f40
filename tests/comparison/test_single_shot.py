"""Tests the detectors whose files the user names: YuNet, SCRFD, CenterFace, RetinaFace, others."""

import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import onnx
import pytest
from helpers import reference_single_shot as slow
from helpers.reference import iou

from mtcnn_rt._comparison.single_shot import centerface, opencv_yunet, retinaface, scrfd, yunet
from mtcnn_rt._comparison.single_shot.choice import (
    KINDS,
    NamedPeer,
    at_size,
    parse_peer,
    unique_peers,
)
from mtcnn_rt._comparison.single_shot.network import OnnxNetwork, finish
from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.evaluation.average_precision import average_precision, judged_image
from mtcnn_rt.faces import Faces

STRIDES = (8, 16, 32)
SIZE = (50, 70)  # of the image
PADDED = (64, 96)
FILES = {
    "yunet": "yunet_n_dynamic.onnx",
    "scrfd": "scrfd_500m_kps_dyn.onnx",
    "centerface": "centerface_dyn.onnx",
    "retinaface": "retinaface_mobilenet0.25.onnx",
    "opencv-yunet": "yunet_n_dynamic.onnx",
}


def yunet_outputs(random):
    outputs = {}
    for part, columns in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
        for stride in STRIDES:
            cells = PADDED[0] * PADDED[1] // stride**2
            low, high = (-0.1, 1.1) if columns == 1 else (-1, 1.5)
            outputs[f"{part}_{stride}"] = random.uniform(low, high, (1, cells, columns))
    return outputs


def scrfd_outputs(random):
    outputs = {}
    for columns in (1, 4, 10):
        for stride in STRIDES:
            cells = 2 * PADDED[0] * PADDED[1] // stride**2
            high = 1 if columns == 1 else 3
            outputs[f"out{len(outputs)}"] = random.uniform(0, high, (1, cells, columns))
    return outputs


def centerface_outputs(random):
    shape = PADDED[0] // 4, PADDED[1] // 4
    return {
        "537": random.uniform(0, 1, (1, 1, *shape)),
        "538": random.uniform(0, 2.5, (1, 2, *shape)),
        "539": random.uniform(-0.5, 0.5, (1, 2, *shape)),
        "540": random.uniform(0, 1, (1, 10, *shape)),
    }


def retinaface_outputs(random):
    priors = sum(2 * PADDED[0] * PADDED[1] // stride**2 for stride in STRIDES)
    return {
        "loc": random.normal(0, 2, (1, priors, 4)),
        "conf": random.uniform(0, 1, (1, priors, 2)),
        "landms": random.normal(0, 3, (1, priors, 10)),
    }


MADE_UP = {
    "yunet": (yunet, "load", yunet_outputs, slow.yunet, {}),
    "scrfd": (
        scrfd, "load", scrfd_outputs, slow.scrfd, {"rgb": True, "mean": [127.5] * 3, "by": 128},
    ),
    "centerface": (centerface, "load", centerface_outputs, slow.centerface, {"rgb": True}),
    "retinaface": (
        retinaface, "load", retinaface_outputs, slow.retinaface, {"mean": (104, 117, 123)},
    ),
    "retinaface-large": (
        retinaface, "load_large", retinaface_outputs, slow.retinaface_large,
        {"mean": (104, 117, 123)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", MADE_UP)
@pytest.mark.parametrize("least", [0.3, 0.9, 1.1])
def test_made_up_outputs_are_decoded(kind, least, monkeypatch):
    module, load, make, decode, how = MADE_UP[kind]
    random = np.random.default_rng(3)
    outputs = {name: one.astype(np.float32) for name, one in make(random).items()}
    given = []

    class MadeUp:
        def __init__(self, *_):
            self.output_count = len(outputs)

        def run(self, blob):
            given.append(blob)
            return outputs

    monkeypatch.setattr(module, "OnnxNetwork", MadeUp)
    image = random.integers(0, 256, (*SIZE, 3), np.uint8)
    faces = getattr(module, load)(Path("x.onnx"), 1, least)(image)
    np.testing.assert_allclose(given[0], slow.planes(slow.pad(image), **how), atol=1e-4)
    found = decode(outputs, PADDED, least)
    expected = slow.finish(found, slow.iou_of(kind), SIZE)
    assert len(found) >= {0.3: 50, 0.9: 1, 1.1: 0}[least]
    assert len(faces) == len(expected)
    assert (len(expected) > 0) == (least < 1)
    for face, (box, score, landmarks) in zip(faces, expected, strict=True):
        np.testing.assert_allclose(face.boxes[0], box, atol=1e-3)
        np.testing.assert_allclose(face.scores[0], score, atol=1e-6)
        np.testing.assert_allclose(face.landmarks[0], landmarks, atol=2e-3)


def test_what_is_outside_the_image_is_dropped():
    boxes = np.float32([[60, 10, 90, 30], [72, 10, 75, 30], [-5, -5, 10, 10]])
    found = Faces(boxes, np.float32([0.5, 0.9, 0.7]), np.zeros((3, 5, 2), np.float32))
    faces = finish(found, 0.4, SIZE)
    assert faces.boxes.tolist() == [[0, 0, 10, 10], [60, 10, 70, 30]]
    assert faces.scores.tolist() == pytest.approx([0.7, 0.5])
    assert len(finish(Faces.empty(), 0.4, SIZE)) == 0


@pytest.mark.parametrize(("side", "seen"), [(140, (100, 140)), (35, (25, 35)), (70, SIZE)])
def test_a_side_resizes_and_scales_back(side, seen):
    shapes = []

    def corner(image):
        shapes.append(image.shape[:2])
        height, width = image.shape[:2]
        points = np.full((1, 5, 2), (width, height), np.float32)
        return Faces(np.float32([[0, 0, width, height / 2]]), np.float32([0.5]), points)

    faces = at_size(side, corner)(np.zeros((*SIZE, 3), np.uint8))
    assert shapes == [seen]
    assert faces.boxes.tolist() == [[0, 0, 70, 25]]
    assert faces.landmarks.tolist() == [[[70, 50]] * 5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yunet=a.onnx", NamedPeer("yunet", "yunet", Path("a.onnx"))),
        ("mine:yunet=a=b:c.onnx", NamedPeer("mine", "yunet", Path("a=b:c.onnx"))),
        ("scrfd@640=C:\\x.onnx", NamedPeer("scrfd@640", "scrfd", Path("C:\\x.onnx"), 640)),
        ("my:own:scrfd@640=x", NamedPeer("my:own", "scrfd", Path("x"), 640)),
        ("yuface", NamedPeer("yuface", "yuface", None)),
        ("yuface@320", NamedPeer("yuface@320", "yuface", None, 320)),
    ],
)
def test_a_peer_is_read_from_its_description(text, expected):
    assert parse_peer(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("yolo=a", r"expected \[NAME:\]KIND.*one of yunet, scrfd, .*, not 'yolo=a'"),
        (":yunet=a", r"expected \[NAME:\]KIND"),
        ("yunet", "yunet needs its network file: yunet=FILE, not 'yunet'"),
        ("yunet=", "yunet needs its network file"),
        ("yuface=a", "yuface takes no file: yuface, not 'yuface=a'"),
        ("yunet@=a", "expected at least 32 pixels after @"),
        ("yunet@31=a", "expected at least 32 pixels after @"),
        ("yunet@big=a", "expected at least 32 pixels after @"),
    ],
)
def test_a_wrong_description_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_peer(text)


def test_names_are_unique():
    peers = [parse_peer(text) for text in ("yunet=a", "b:yunet=b", "yunet@64=a")]
    assert unique_peers(peers) == peers
    with pytest.raises(ValueError, match="two are called yunet; name them"):
        unique_peers([*peers, parse_peer("yunet=b")])


def network_file(path, shape, outputs):
    """Writes a network that returns its input under the names of the outputs."""
    kind = onnx.TensorProto.FLOAT
    nodes = [onnx.helper.make_node("Identity", ["x"], [name]) for name in outputs]
    values = [onnx.helper.make_tensor_value_info(name, kind, None) for name in outputs]
    given = [onnx.helper.make_tensor_value_info("x", kind, shape)]
    graph = onnx.helper.make_graph(nodes, "g", given, values)
    version = [onnx.helper.make_opsetid("", 13)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=version, ir_version=8), path)
    return path


def test_a_network_runs(tmp_path):
    path = network_file(tmp_path / "a.onnx", [1, 3, "h", "w"], ["b", "a"])
    pixels = np.float32([[[[1, 2]]] * 3]).reshape(1, 3, 1, 2)
    assert list(OnnxNetwork(path, 1).run(pixels)) == ["b", "a"]
    assert list(OnnxNetwork(path, 1, ("a",)).run(pixels)) == ["a"]


@pytest.mark.parametrize("kind", ["yunet", "scrfd", "centerface", "retinaface", "opencv-yunet"])
def test_a_wrong_file_is_named(kind, tmp_path):
    load = partial(load_file, kind)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(ValueError, match=r"text\.onnx: "):
        load(tmp_path / "text.onnx")
    if kind != "opencv-yunet":
        other = network_file(tmp_path / "other.onnx", [1, 3, "h", "w"], ["a"])
        with pytest.raises(ValueError, match=r"other\.onnx: (has no output|expected \d outputs)"):
            load(other)
        fixed = network_file(tmp_path / "fixed.onnx", [1, 3, 240, 320], ["a"])
        with pytest.raises(ValueError, match=r"fixed\.onnx: takes images of one size"):
            load(fixed)


def load_file(kind, path):
    return NamedPeer(kind, kind, path).load(1)


def test_packages_that_are_not_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "yuface", None)
    monkeypatch.setattr(
        "mtcnn_rt._comparison.single_shot.libfacedetection.find_spec", lambda _: None
    )
    with pytest.raises(ImportError, match=r"^a: not installed: pip install --no-deps yuface$"):
        parse_peer("a:yuface").load(1)
    monkeypatch.delattr(opencv_yunet.cv2, "FaceDetectorYN", raising=False)
    with pytest.raises(ImportError, match=r"^opencv-yunet: not in OpenCV "):
        parse_peer("opencv-yunet=x").load(1)


def test_rows_of_libfacedetection(monkeypatch):
    # Score, x, y, width, height, five points, and one more.
    rows = np.int16([[93, 10, 20, 30, 40, *range(10), 7], [40, -5, 0, 20, 20, *range(10), 7]])
    package, inner = ModuleType("yuface"), ModuleType("yuface.yuface")
    inner.detect = lambda image: rows
    monkeypatch.setitem(sys.modules, "yuface", package)
    monkeypatch.setitem(sys.modules, "yuface.yuface", inner)
    monkeypatch.setattr(
        "mtcnn_rt._comparison.single_shot.libfacedetection.find_spec", lambda _: "installed"
    )
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    faces = parse_peer("yuface").load(1, 0.4)(np.zeros((*SIZE, 3), np.uint8))
    assert faces.boxes.tolist() == [[10, 20, 40, 50], [0, 0, 15, 20]]
    assert faces.scores.tolist() == pytest.approx([0.93, 0.4])
    assert faces.landmarks[0].ravel().tolist() == list(range(10))
    assert len(parse_peer("yuface").load(1, 0.5)(np.zeros((*SIZE, 3), np.uint8))) == 1


@pytest.fixture
def peer(media):
    """Describes a detector with its real file; skips where that is missing."""

    def describe(kind, side=None):
        if not KINDS[kind].has_file:
            if find_spec(kind) is None:
                pytest.skip(f"the package {kind} is not installed")
            return NamedPeer(kind, kind, None, side)
        path = media.parent / "peers" / FILES[kind]
        if not path.exists():
            pytest.skip(f"../shared/peers/{FILES[kind]}, a network, is not here")
        if kind == "opencv-yunet" and not hasattr(cv2, "FaceDetectorYN"):
            pytest.skip("this OpenCV has no FaceDetectorYN")
        return NamedPeer(kind, kind, path, side)

    return describe


@pytest.mark.parametrize("kind", [*FILES, "yuface"])
def test_real_networks_find_the_faces(kind, peer, media, detector):
    image = cv2.imread(str(media / "multiface.jpg"))
    described = peer(kind)
    faces = described.load(1, described.threshold)(image)
    expected = detector.detect(image)
    assert len(faces) == len(expected) == 6
    assert faces.scores.tolist() == sorted(faces.scores.tolist(), reverse=True)
    for face in expected:
        overlap = iou(face.boxes[0], faces.boxes)
        assert overlap.max() > 0.5
        # The order of the landmarks: none is further off than a fifth of the box.
        near = faces.landmarks[overlap.argmax()] - face.landmarks[0]
        assert np.abs(near).max() < 0.2 * (face.boxes[0, 3] - face.boxes[0, 1])


@pytest.mark.parametrize("side", [None, 600])
def test_opencv_and_onnxruntime_agree(side, peer, media):
    image = cv2.imread(str(media / "multiface.jpg"))
    ours, theirs = (peer(kind, side).load(1, 0.6)(image) for kind in ("yunet", "opencv-yunet"))
    np.testing.assert_allclose(ours.boxes, theirs.boxes, atol=0.5)
    np.testing.assert_allclose(ours.scores, theirs.scores, atol=2e-3)
    np.testing.assert_allclose(ours.landmarks, theirs.landmarks, atol=0.5)


@pytest.mark.slow
def test_average_precision_of_a_real_network(peer, media):
    # The list of the networks gives 0.793 for this one on these 150 photographs, with the longer
    # side resized to 640 pixels.
    data = media.parent / "data" / "facemask"
    if not data.is_dir():
        pytest.skip("../shared/data/facemask, annotated photographs, is not here")
    detect = peer("retinaface", 640).load(2)
    judged = []
    for annotated in read_annotations(data, split="test").images:
        faces = detect(annotated.read())
        judged.append(judged_image(annotated, faces.boxes, faces.scores))
    assert average_precision(judged)[0] == pytest.approx(0.793, abs=0.01)

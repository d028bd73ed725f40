"""Tests that the stand-in for facenet-pytorch gives what the package gives.

../shared/reference/facenet_pytorch.json has the faces of facenet-pytorch 2.6.0, to 0.01 pixels.
"""

import json
import pickle
import subprocess
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image

from mtcnn_rt._boxes import overlaps
from mtcnn_rt.compat.facenet_pytorch import MTCNN, extract_face, fixed_image_standardization

PHOTOS = ("ivan.jpg", "multiface.jpg", "no-faces.jpg", "test1.jpg")


@pytest.fixture(scope="module")
def published(media):
    path = media.parent / "reference" / "facenet_pytorch.json"
    if not path.exists():
        pytest.skip("../shared/reference/facenet_pytorch.json is not here")
    return json.loads(path.read_text())["images"]


@pytest.fixture(scope="module")
def rgb(sample_frame) -> np.ndarray:
    return sample_frame[..., ::-1].copy()


@pytest.mark.parametrize("min_face_size", [20, 40])
@pytest.mark.parametrize("name", PHOTOS)
def test_boxes_are_those_of_the_package(media, published, name, min_face_size):
    image = cv2.imread(str(media / name), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    expected = published[name][f"min_face_{min_face_size}"]
    found = MTCNN(keep_all=True, min_face_size=min_face_size).detect(image[..., ::-1], True)
    if not expected:
        assert found == (None, [None], None)
        return
    boxes, probs, points = (np.array(one, float) for one in found)
    assert len(boxes) == len(expected)
    wanted = np.array([face["box"] for face in expected])
    overlap = overlaps(wanted, boxes)
    nearest = overlap.argmax(1)
    assert (overlap.max(1) > 0.999).all()
    np.testing.assert_allclose(boxes[nearest], wanted, atol=0.02)
    np.testing.assert_allclose(points[nearest], [face["landmarks"] for face in expected], atol=0.02)
    np.testing.assert_allclose(probs[nearest], [face["score"] for face in expected], atol=1e-4)


def test_the_largest_face_comes_first_or_the_most_probable_one(rgb):
    boxes, _, _ = MTCNN().detect(rgb, landmarks=True)
    areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in boxes]
    assert areas == sorted(areas, reverse=True)
    assert len(areas) == 4
    _, probs = MTCNN(select_largest=False).detect(rgb)
    assert list(probs) == sorted(probs, reverse=True)


def test_results_have_the_shapes_and_types_of_the_package(rgb):
    boxes, probs, points = MTCNN().detect(rgb, landmarks=True)
    assert (boxes.shape, probs.shape, points.shape) == ((4, 4), (4,), (4, 5, 2))
    assert boxes.dtype == probs.dtype == points.dtype == object
    black = np.zeros_like(rgb)
    boxes, probs = MTCNN().detect(np.stack([rgb, black]))
    assert boxes.shape == (2,)
    assert boxes[0].shape == (4, 4)
    assert boxes[0].dtype == np.float32
    assert boxes[1] is None
    assert probs[1] == [None]


def test_images_of_a_batch_may_have_other_sizes(rgb):
    boxes, _ = MTCNN().detect([rgb, rgb[:, :400]])
    alone, _ = MTCNN().detect(rgb[:, :400])
    assert np.array_equal(boxes[1], np.array(alone, np.float32))


@pytest.mark.parametrize(
    ("method", "index"),
    [
        ("largest", 0),
        ("probability", 1),
        ("center_weighted_size", 2),
        ("largest_over_threshold", 1),
    ],
)
def test_selection_methods_choose_one_face(method, index):
    image = np.zeros((300, 300, 3), np.uint8)
    boxes = np.array([[0, 0, 90, 90], [220, 0, 290, 70], [120, 120, 180, 180]], np.float32)
    probs = np.array([0.8, 0.99, 0.95], np.float32)
    points = np.zeros((3, 5, 2), np.float32)
    box, prob, _ = MTCNN().select_boxes(boxes, probs, points, image, method)
    assert np.array_equal(box, boxes[[index]])
    assert prob == probs[index]


def test_an_unknown_selection_method_is_refused(rgb):
    found = MTCNN().detect(rgb, landmarks=True)
    with pytest.raises(ValueError, match=r"selection_method: expected one of largest, .*'best'"):
        MTCNN().select_boxes(*found, rgb, "best")


def test_faces_are_tensors(rgb):
    torch = pytest.importorskip("torch")
    face, prob = MTCNN()(rgb, return_prob=True)
    assert (face.shape, face.dtype) == ((3, 160, 160), torch.float32)
    assert prob > 0.99
    assert MTCNN(keep_all=True, image_size=96, margin=10)(rgb).shape == (4, 3, 96, 96)
    raw = MTCNN(post_process=False)(rgb)
    assert torch.equal(face, fixed_image_standardization(raw))
    boxes, _ = MTCNN().detect(torch.from_numpy(rgb))
    assert np.array_equal(boxes, MTCNN().detect(rgb)[0])
    assert MTCNN()(np.zeros_like(rgb), return_prob=True) == (None, None)


@pytest.mark.parametrize("kind", ["uint8", "int64", "float16", "bfloat16", "float32", "float64"])
def test_faces_are_cut_out_of_tensors(rgb, kind):
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(rgb).to(getattr(torch, kind))
    face, prob = MTCNN()(tensor, return_prob=True)
    assert (face.shape, face.dtype) == ((3, 160, 160), torch.float32)
    assert prob > 0.99
    of_array = MTCNN()(rgb)
    assert (face - of_array).abs().mean() < 0.02  # the package resizes tensors with PyTorch
    assert MTCNN(keep_all=True)(tensor).shape == (4, 3, 160, 160)
    assert MTCNN()(torch.zeros_like(tensor), return_prob=True) == (None, None)


def test_faces_are_cut_out_of_batches_of_tensors(rgb):
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(rgb)
    alone = MTCNN()(tensor)
    batch = torch.stack([tensor, torch.zeros_like(tensor)])
    for given in (batch, batch.float(), list(batch)):
        faces, probs = MTCNN()(given, return_prob=True)
        assert type(faces) is list
        assert torch.equal(faces[0], alone)
        assert faces[1] is None
        assert probs.shape == (2, 1)
        assert probs[1, 0] is None
    assert [len(one) for one in MTCNN(keep_all=True)(torch.stack([tensor, tensor]))] == [4, 4]


def test_a_face_of_a_tensor_is_saved(rgb, tmp_path):
    torch = pytest.importorskip("torch")
    MTCNN()(torch.from_numpy(rgb), save_path=str(tmp_path / "face.png"))
    assert cv2.imread(str(tmp_path / "face.png")).shape == (160, 160, 3)


def test_a_box_is_cut_out_and_stretched():
    pytest.importorskip("torch")
    image = np.zeros((100, 100, 3), np.uint8)
    image[20:60, 30:50] = (255, 128, 0)
    face = extract_face(image, (30, 20, 50, 60), image_size=10)
    assert face.mean((1, 2)).tolist() == [255, 128, 0]
    wider = extract_face(image, (30, 20, 50, 60), image_size=10, margin=5)
    assert wider[0].mean() < 128


def test_faces_are_saved(rgb, tmp_path):
    pytest.importorskip("torch")
    MTCNN(keep_all=True)(rgb, save_path=str(tmp_path / "new" / "face.png"))
    names = [f"face{end}.png" for end in ("", "_2", "_3", "_4")]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    assert cv2.imread(str(tmp_path / "new" / "face.png")).shape == (160, 160, 3)


def test_detection_imports_no_pytorch():
    code = (
        "import sys, numpy as np; from mtcnn_rt.compat.facenet_pytorch import MTCNN; "
        "MTCNN().detect(np.zeros((50, 50, 3), np.uint8)); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_modules_methods_return_the_object():
    detector = MTCNN(device="cpu")
    assert detector.training
    assert detector.eval() is detector.to("cpu") is detector.double() is detector
    assert not detector.training
    assert detector.requires_grad_(False).train().training
    assert list(detector.parameters()) == []


def test_the_device_is_that_of_pytorch_where_it_is_installed(monkeypatch):
    assert MTCNN(device="cuda:0").device == "cuda:0"
    monkeypatch.setitem(sys.modules, "torch", None)
    assert MTCNN().device == "cpu"
    monkeypatch.undo()
    torch = pytest.importorskip("torch")
    assert MTCNN().device == torch.device("cpu")


def test_faces_smaller_than_the_networks_window_are_found_in_the_enlarged_image(rgb):
    small = rgb[::5, ::5]
    assert len(MTCNN(min_face_size=10).detect(small)[0]) > len(MTCNN().detect(small)[0])
    with pytest.raises(ValueError, match=r"min_face_size: 0\.5 is less than 1 pixel"):
        MTCNN(min_face_size=0.5)


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGBA", 4), ("RGB", 3)])
def test_a_face_that_is_cut_out_has_the_channels_of_the_image(rgb, mode, channels, tmp_path):
    pytest.importorskip("torch")
    image = Image.fromarray(rgb).convert(mode)
    assert extract_face(image, (30, 20, 50, 60)).shape == (channels, 160, 160)
    array = np.asarray(image)
    path = tmp_path / "face.png"
    face = extract_face(array, (30, 20, 50, 60), save_path=str(path))
    assert face.shape == (channels, 160, 160)
    saved = cv2.imread(str(path))[..., ::-1].transpose(2, 0, 1)
    assert np.array_equal(saved, np.broadcast_to(face.numpy()[:3], (3, 160, 160)))
    assert MTCNN()(image).shape == (3, 160, 160)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("photo.jpg", "img: expected a PIL image, or an array or a tensor, not str"),
        (None, "img: expected a PIL image, or an array or a tensor, not NoneType"),
        ([], "img: the list has no images"),
        (np.zeros((5, 5), np.uint8), r"img: expected shape \(H, W, 3\), not \(5, 5\)"),
    ],
)
def test_what_is_no_image_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        MTCNN().detect(given)


def test_names_without_a_stand_in_are_those_of_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "facenet_pytorch", None)
    with pytest.raises(
        ImportError, match=r"InceptionResnetV1 has no stand-in.*pip install facenet"
    ):
        from mtcnn_rt.compat.facenet_pytorch import InceptionResnetV1
    package = SimpleNamespace(InceptionResnetV1=object())
    monkeypatch.setitem(sys.modules, "facenet_pytorch", package)
    from mtcnn_rt.compat.facenet_pytorch import InceptionResnetV1

    assert InceptionResnetV1 is package.InceptionResnetV1
    with pytest.raises(ImportError, match="cannot import name 'Resnet'"):
        from mtcnn_rt.compat.facenet_pytorch import Resnet  # noqa: F401


@pytest.mark.parametrize("name", ["pnet", "state_dict", "modules", "share_memory"])
def test_what_only_a_pytorch_module_has_is_missing_with_the_reason(name):
    with pytest.raises(AttributeError) as raised:
        getattr(MTCNN(), name)
    assert str(raised.value) == (
        f"{name}: the stand-in has no such attribute, and it is no PyTorch module: it has no "
        "parameters, and no pnet, rnet and onet; facenet_pytorch.MTCNN has them"
    )
    assert not hasattr(MTCNN(), name)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"factor": 1.0}, ValueError, r"factor: 1\.0 is not above 0 and at most 0\.999"),
        ({"factor": 0}, ValueError, r"factor: 0 is not above 0 and at most 0\.999"),
        ({"factor": "0.7"}, TypeError, r"factor: expected a number, not '0\.7'"),
        ({"thresholds": None}, TypeError, "thresholds: expected three numbers, not None"),
        ({"image_size": 0}, ValueError, "image_size: 0 is less than 1 pixel"),
        ({"image_size": 160.0}, TypeError, r"image_size: expected an integer, not 160\.0"),
        ({"margin": 160}, ValueError, "margin: 160 is not less than image_size, 160"),
        ({"image_size": 80, "margin": 200}, ValueError, "margin: 200 is not less than .*, 80"),
        ({"margin": None}, TypeError, "margin: expected a number, not None"),
    ],
)
def test_options_out_of_their_range_are_named(options, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        MTCNN(**options)
    if not {"factor", "thresholds"} & options.keys():
        with pytest.raises(error, match=f"^{message}$"):
            extract_face(np.zeros((20, 20, 3), np.uint8), (1, 1, 9, 9), **options)


@pytest.mark.parametrize("factor", [0.05, 0.995])
def test_every_factor_of_a_pyramid_is_taken(rgb, factor):
    boxes, _ = MTCNN(factor=factor, min_face_size=80).detect(rgb)
    assert len(boxes) >= 1


def test_a_pickled_detector_finds_the_same(rgb):
    detector = MTCNN(keep_all=True, min_face_size=60, device="cuda:0").eval()
    copied = pickle.loads(pickle.dumps(detector))
    assert (copied.keep_all, copied.device, copied.training) == (True, "cuda:0", False)
    assert np.array_equal(copied.detect(rgb)[0], detector.detect(rgb)[0])

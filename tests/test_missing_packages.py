"""A program without the packages that only a part of it needs."""

import json
import re
import struct
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.missing import COMMAND, LIBXCB, run_without

from mtcnn_rt import _packages

HEAVY = ("cv2", "onnxruntime", "av", "scipy", "PIL", "matplotlib", "torch", "onnx", "joblib")
"""All packages but NumPy, click and Rich."""

DETECT = """
import numpy as np
from mtcnn_rt import MTCNN
images = np.load(sys.argv[1])
print([len(faces) for faces in MTCNN(min_face_size=40).detect_batch(images)])
"""
DETECT_FILE = """
from pathlib import Path
from mtcnn_rt import MTCNN
path = Path(sys.argv[1])
detector = MTCNN(min_face_size=40)
with path.open("rb") as file:
    found = detector.detect_batch([path, str(path), path.read_bytes(), file])
print([len(faces) for faces in found])
"""


@pytest.fixture
def photo_file(sample_frame, tmp_path) -> Path:
    path = tmp_path / "photo.jpg"
    cv2.imwrite(str(path), sample_frame)
    return path


@pytest.fixture(scope="module")
def expected(sample_frame) -> int:
    from mtcnn_rt import MTCNN

    return len(MTCNN(min_face_size=40).detect(sample_frame))


def test_arrays_need_numpy_alone(sample_frame, tmp_path, expected):
    np.save(tmp_path / "images.npy", np.stack([sample_frame] * 2))
    done = run_without((*HEAVY, "click", "rich"), DETECT, tmp_path / "images.npy")
    assert (done.stdout, done.stderr) == (f"[{expected}, {expected}]\n", "")


@pytest.mark.parametrize("missing", [("cv2",), ("cv2", "av"), ("cv2", "PIL"), ("av", "PIL")])
def test_files_and_bytes_need_one_library_that_decodes(photo_file, missing, expected):
    done = run_without(missing, DETECT_FILE, photo_file)
    assert (done.stdout, done.stderr) == (f"{[expected] * 4}\n", "")


def test_without_any_decoder_a_file_is_an_error_that_names_the_cure(photo_file):
    done = run_without(HEAVY, DETECT_FILE, photo_file)
    assert done.stderr.splitlines()[-1] == (
        "mtcnn_rt._packages.MissingPackageError: reading and writing image files needs Pillow: "
        "pip install pillow; or PyAV; or OpenCV: pip install opencv-python-headless"
    )
    done = run_without(HEAVY, COMMAND, "image", photo_file, cwd=photo_file.parent)
    assert done.returncode == 2
    assert done.stderr == (
        "mtcnn-rt: error: reading and writing image files needs Pillow: pip install pillow; or "
        "PyAV; or OpenCV: pip install opencv-python-headless\n"
    )


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["info"], ["info", "--json"]])
@pytest.mark.parametrize("broken", [True, False])
def test_commands_that_answer_without_any_package(words, broken):
    libraries = {"cv2": LIBXCB} if broken else {}
    missing = HEAVY[1:] if broken else HEAVY
    done = run_without(missing, COMMAND, *words, broken=libraries)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_of_every_command_needs_no_package():
    from mtcnn_rt.cli import COMMANDS

    for command in COMMANDS:
        done = run_without(HEAVY, COMMAND, command, "--help")
        assert (done.returncode, done.stderr) == (0, ""), command


def test_info_lists_what_is_missing_and_what_it_would_bring():
    done = run_without(HEAVY[1:], COMMAND, "info", "--json", broken={"cv2": LIBXCB})
    facts = json.loads(done.stdout)
    assert facts["versions"]["opencv"] is None
    assert facts["providers"] == []
    assert facts["engine"] == "native"
    opencv, scipy = facts["packages"]["OpenCV"], facts["packages"]["SciPy"]
    assert LIBXCB in opencv["problem"]
    assert "then pip install opencv-python-headless, which needs no libraries" in opencv["problem"]
    assert scipy["problem"] == "SciPy: pip install scipy (or the extra `evaluate`)"
    text = run_without(HEAVY[1:], COMMAND, "info", broken={"cv2": LIBXCB}).stdout
    for package in _packages.PACKAGES:
        assert package.use in text
    assert re.search(r"^opencv +missing$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("missing", "broken"),
    [(("cv2",), {}), (("cv2", "av"), {}), (("cv2", "PIL"), {}), (("PIL",), {"cv2": LIBXCB})],
)
@pytest.mark.parametrize("extension", ["jpg", "png"])
def test_image_draws_copies_without_opencv(
    photo_file, sample_frame, missing, broken, extension, tmp_path, expected
):
    path = photo_file.with_suffix(f".{extension}")
    cv2.imwrite(str(path), sample_frame)
    words = ["image", path, "--out", "out", "--json", "faces.json", "--min-face-size", 40]
    done = run_without(missing, COMMAND, *words, broken=broken, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    [record] = json.loads((tmp_path / "faces.json").read_text())
    assert len(record["faces"]) == expected
    copy = cv2.imread(str(tmp_path / "out" / path.name))
    assert copy.shape == sample_frame.shape
    difference = np.abs(copy.astype(int) - sample_frame)
    x1, y1, x2 = map(int, record["faces"][0]["box"][:3])
    assert difference[y1 : y1 + 3, x1 + 5 : x2 - 5].mean() > 20  # the upper line of the box
    if extension == "png":
        assert np.median(difference) == 0


@pytest.mark.parametrize(
    ("words", "missing", "message"),
    [
        (["process", "--sample"], ("av",), "process needs PyAV: pip install av"),
        (
            ["webcam"],
            ("cv2",),
            "webcam needs OpenCV: pip install opencv-python-headless",
        ),
        (
            ["crops", "photo.jpg"],
            ("cv2",),
            "cutting faces out needs OpenCV: pip install opencv-python-headless",
        ),
        (
            ["image", "photo.jpg", "--engine", "onnxruntime"],
            ("onnxruntime",),
            "the engine 'onnxruntime' needs onnxruntime: pip install onnxruntime",
        ),
        (
            ["process", "--sample", "--save-crops", "crops"],
            ("cv2",),
            "cutting faces out needs OpenCV: pip install opencv-python-headless",
        ),
        (
            ["train", "all", "--data", "drawn", "--out", "run"],
            ("torch",),
            "train needs PyTorch: pip install torch (or the extra `train`)",
        ),
        (
            ["evaluate", "boxes", "--data", "drawn", "--plot", "plot.png"],
            ("matplotlib",),
            "plotting needs Matplotlib: pip install matplotlib (or the extra `plot`)",
        ),
        (
            ["evaluate", "wider", "--ground-truth", "wider", "--detections", "wider"],
            ("scipy",),
            "reading WIDER FACE's .mat files needs SciPy: pip install scipy "
            "(or the extra `evaluate`)",
        ),
    ],
)
def test_a_command_names_the_package_that_it_needs(
    photo_file, drawn, tmp_path, words, missing, message
):
    (tmp_path / "drawn").symlink_to(drawn)
    (tmp_path / "wider").mkdir()
    for name in ("face", "easy", "medium", "hard"):
        (tmp_path / "wider" / f"wider_{name}_val.mat").touch()
    done = run_without(missing, COMMAND, *words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"mtcnn-rt: error: {message}\n")


@pytest.mark.parametrize("place", ["mtcnn_rt.stream", "mtcnn_rt.video.FileSource"])
def test_a_public_name_names_the_package_that_it_needs(place):
    module, name = place.rsplit(".", 1)
    done = run_without(("av",), f"from {module} import {name}")
    assert done.stderr.splitlines()[-1] == (
        f"mtcnn_rt._packages.MissingPackageError: {place} needs PyAV: pip install av"
    )


def test_a_missing_module_that_is_no_package_of_others_is_not_its_own_cause():
    """Programs that follow the causes of an error would never end."""
    with pytest.raises(ImportError) as raised, _packages.needs("this"):
        raise ModuleNotFoundError("No module named 'other'", name="other")
    assert (str(raised.value), raised.value.__cause__) == ("No module named 'other'", None)


def test_bench_needs_pyav_for_videos_alone(photo_file):
    done = run_without(("av",), COMMAND, "bench", photo_file, "--runs", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{photo_file}: 640 x 360, 1 detections\n")


@pytest.mark.parametrize("method", ["blur", "pixelate", "solid"])
def test_faces_are_covered_alike_without_opencv(sample_frame, monkeypatch, method, detector):
    from mtcnn_rt.drawing import anonymize, cover, covering

    faces = detector.detect(sample_frame)
    assert len(faces) >= 4
    for shape in ("ellipse", "box"):
        covered, plainly = sample_frame.copy(), sample_frame.copy()
        anonymize(covered, faces.boxes, method, shape=shape)
        with monkeypatch.context() as patch:
            patch.setattr(covering, "cv2", None)
            patch.setattr(cover, "cv2", None)
            anonymize(plainly, faces.boxes, method, shape=shape)
        changed = (covered != sample_frame).any(2)
        assert (plainly != sample_frame).any(2)[~changed].mean() < 0.001
        assert np.abs(plainly.astype(int) - covered)[changed].mean() < 6
        assert len(detector.detect(plainly)) <= len(detector.detect(covered))


def test_videos_are_processed_without_opencv(tmp_path):
    words = ["process", "--sample", "--anonymize", "blur", "--min-face-size", 60]
    done = run_without(("cv2",), COMMAND, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("125 frames, ")
    assert (tmp_path / "faces/sample.mp4").stat().st_size > 10_000


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_frames_are_upright_without_opencv(sample_frame, monkeypatch, angle):
    from types import SimpleNamespace

    from mtcnn_rt.video.sources import upright

    monkeypatch.setattr(upright, "_matrix", lambda frame: MATRICES[angle])
    turn = upright._Orientation(SimpleNamespace())
    expected = turn.upright(sample_frame)
    monkeypatch.setattr(upright, "cv2", None)
    np.testing.assert_array_equal(turn.upright(sample_frame), expected)
    half = upright.fit(sample_frame, (320, 200))
    assert half.shape == (200, 320, 3)
    assert half[:10].max() == half[-10:].max() == 0


MATRICES = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def test_warnings_of_pillow_do_not_drown_the_line_of_a_broken_file(tmp_path):
    import PIL.Image

    path = tmp_path / "broken.tiff"
    PIL.Image.new("RGB", (9, 9)).save(path, tiffinfo={270: "x" * 40})
    content = path.read_bytes()
    tag = struct.pack("<HHI", 270, 2, 41)  # the description, and its number of characters
    assert tag in content
    path.write_bytes(content.replace(tag, struct.pack("<HHI", 270, 2, 1 << 20)))
    done = run_without(("cv2",), COMMAND, "image", path, cwd=tmp_path)
    assert "Warning" not in done.stderr
    assert done.stderr.count("\n") <= 1


class TestReasons:
    def test_several_distributions_of_opencv(self, monkeypatch):
        monkeypatch.setattr(_packages, "_has", lambda name: name in _packages.OPENCV[:2])
        monkeypatch.setattr(_packages, "_version", lambda name: "5.0")
        error = ModuleNotFoundError("the module cv2 is empty", name="cv2")
        assert _packages.reason(_packages.PACKAGES[0], error) == (
            "OpenCV, which does not load (the module cv2 is empty): opencv-python-headless 5.0 and "
            "opencv-python 5.0 overwrite each other; uninstall all of them, then install one"
        )

    def test_a_cv2_that_another_distribution_has_emptied(self, monkeypatch):
        import types

        monkeypatch.setitem(sys.modules, "cv2", types.ModuleType("cv2"))
        with pytest.raises(ModuleNotFoundError, match="the module cv2 is empty"):
            _packages.opencv()
        assert _packages.opencv_if_usable() is None

    @pytest.mark.parametrize("name", _packages.OPENCV)
    def test_any_distribution_of_opencv_counts(self, monkeypatch, name):
        monkeypatch.setattr(_packages, "_has", lambda asked: asked == name)
        monkeypatch.setattr(_packages, "_version", lambda name: "5.0")
        assert _packages.PACKAGES[0].installed == [f"{name} 5.0"]

    def test_another_missing_module_stays_as_it_is(self):
        error = ModuleNotFoundError("No module named 'other'", name="other")
        assert _packages.explained(error, "this") is error


def test_a_module_without_its_distribution_is_found_as_in_frozen_programs(monkeypatch):
    monkeypatch.setattr(_packages, "_has", lambda name: False)
    there = _packages.Package("There", "json", ("there",), "reads", "extra")
    missing = _packages.Package("Missing", "no_package.part", ("missing",), "reads", "extra")
    assert _packages.problem_of(there) == ""
    expected = "Missing: pip install missing (or the extra `extra`)"
    assert _packages.problem_of(missing) == expected

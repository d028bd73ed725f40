"""A program without the packages that only a part of it needs."""

import json
import re
import struct
import sys
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.missing import COMMAND, LIBXCB, run_without

import mtcnn_rt
from mtcnn_rt import _packages
from mtcnn_rt._image_codecs import Wanted
from mtcnn_rt._image_codecs.with_opencv import OpenCV
from mtcnn_rt._image_codecs.with_pillow import Pillow
from mtcnn_rt._image_codecs.with_pyav import PyAV
from mtcnn_rt._image_headers import read_header
from mtcnn_rt.images import decode_image

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

_OPTIONS = {
    "jpg": [cv2.IMWRITE_JPEG_QUALITY, 90],
    "webp": [cv2.IMWRITE_WEBP_QUALITY, 101],  # lossless
}


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


class TestCodecs:
    """The libraries agree on pixels."""

    @pytest.mark.parametrize("form", ["png", "jpg", "bmp", "tiff", "webp"])
    def test_pillow_has_the_pixels_of_opencv(self, sample_frame, form):
        content = cv2.imencode(f".{form}", sample_frame, _OPTIONS.get(form, []))[1].tobytes()
        header = read_header(content)
        ours = Pillow().decode(content, Wanted(header, True, False))
        theirs = OpenCV().decode(content, Wanted(header, True, False))
        np.testing.assert_array_equal(ours.colors, theirs.colors)

    @pytest.mark.parametrize(("form", "tolerance"), [("png", 0), ("bmp", 0), ("jpg", 24)])
    def test_pyav_has_nearly_the_pixels_of_opencv(self, sample_frame, form, tolerance):
        content = cv2.imencode(f".{form}", sample_frame, _OPTIONS.get(form, []))[1].tobytes()
        header = read_header(content)
        ours = PyAV().decode(content, Wanted(header, True, False)).colors.astype(int)
        difference = np.abs(ours - OpenCV().decode(content, Wanted(header, True, False)).colors)
        assert difference.max() <= tolerance
        assert difference.mean() < 1

    @pytest.mark.parametrize(
        "error", [RuntimeError, NotImplementedError, AttributeError, IndexError, SyntaxError]
    )
    def test_any_error_of_pillow_is_a_file_that_it_does_not_know(self, monkeypatch, error):
        """Broken AVIF, DDS and Spider files raise the first three."""
        import PIL.Image

        content = cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[1].tobytes()

        def broken(*_):
            raise error("broken")

        monkeypatch.setattr(PIL.Image.Image, "convert", broken)
        assert Pillow().decode(content, Wanted(None, True, False)) is None

    @pytest.mark.parametrize("codec", [Pillow(), PyAV()], ids=["Pillow", "PyAV"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_orientation(self, sample_frame, codec, orientation, monkeypatch, tmp_path):
        import PIL.Image

        exif = PIL.Image.Exif()
        exif[274] = orientation
        path = tmp_path / "turned.jpg"
        PIL.Image.fromarray(sample_frame[:64, :96, ::-1]).save(path, exif=exif, quality=100)
        content = path.read_bytes()
        expected = decode_image(content, "turned").astype(int)
        monkeypatch.setattr("mtcnn_rt._image_codecs.codecs", lambda: (codec,))
        found = decode_image(content, "turned")
        assert found.shape == expected.shape
        assert np.abs(found - expected).mean() < 1.5

    @pytest.mark.parametrize("codec", [Pillow(), PyAV()], ids=["Pillow", "PyAV"])
    def test_transparency_is_laid_on_white(self, sample_frame, codec, monkeypatch):
        alpha = np.linspace(0, 255, sample_frame.shape[1]).astype(np.uint8)
        alpha = np.broadcast_to(alpha, sample_frame.shape[:2])
        content = cv2.imencode(".png", np.dstack([sample_frame, alpha]))[1].tobytes()
        expected = decode_image(content, "transparent")
        monkeypatch.setattr("mtcnn_rt._image_codecs.codecs", lambda: (codec,))
        np.testing.assert_array_equal(decode_image(content, "transparent"), expected)

    @pytest.mark.parametrize("codec", [Pillow(), PyAV()], ids=["Pillow", "PyAV"])
    @pytest.mark.parametrize(
        "content", [b"no image", b"\xff\xd8\xff\xe0\0\0", b"\x89PNG\r\n\x1a\n"]
    )
    def test_broken_content_is_a_value_error(self, codec, content, monkeypatch):
        monkeypatch.setattr("mtcnn_rt._image_codecs.codecs", lambda: (codec,))
        with pytest.raises(ValueError, match="cannot read broken: "):
            decode_image(content, "broken")

    @pytest.mark.parametrize("codec", [Pillow(), PyAV()], ids=["Pillow", "PyAV"])
    def test_a_cut_jpeg(self, sample_frame, codec, monkeypatch):
        content = cv2.imencode(".jpg", sample_frame)[1].tobytes()
        expected = decode_image(content[:-2], "cut").astype(int)
        monkeypatch.setattr("mtcnn_rt._image_codecs.codecs", lambda: (codec,))
        assert np.abs(decode_image(content[:-2], "cut") - expected).mean() < 1

    @pytest.mark.parametrize("form", ["GIF", "QOI", "Sun raster", "BMP", "TIFF", "WebP", "PNG"])
    def test_half_a_file_is_refused_by_every_library(self, sample_frame, form, monkeypatch):
        import PIL.Image

        image = np.ascontiguousarray(sample_frame[:90:2, :160:2])
        if form == "Sun raster":
            content = cv2.imencode(".ras", image)[1].tobytes()
        else:
            file = BytesIO()
            PIL.Image.fromarray(image).save(file, form)
            content = file.getvalue()
        for codec in (OpenCV(), Pillow(), PyAV()):
            monkeypatch.setattr("mtcnn_rt._image_codecs.codecs", lambda codec=codec: (codec,))
            if form != "QOI" or codec.name != "OpenCV":
                assert decode_image(content, "whole").shape == image.shape
            for part in (len(content) // 2, len(content) * 97 // 100):
                with pytest.raises(ValueError, match="cannot read half: "):
                    decode_image(content[:part], "half")

    @pytest.mark.parametrize("kind", ["ffconcat", "m3u8", "mp4"])
    def test_playlists_and_videos_are_no_images(self, kind, monkeypatch, tmp_path):
        """FFmpeg would open the files that a playlist names."""
        clip = Path(mtcnn_rt.__file__).with_name("sample.mp4")
        (tmp_path / "clip.mp4").write_bytes(clip.read_bytes())
        monkeypatch.chdir(tmp_path)
        content = {
            "ffconcat": b"ffconcat version 1.0\nfile clip.mp4\n",
            "m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nclip.mp4\n#EXT-X-ENDLIST\n",
            "mp4": clip.read_bytes(),
        }[kind]
        monkeypatch.setattr("mtcnn_rt._image_codecs.codecs", lambda: (PyAV(),))
        why = "a video, which" if kind == "mp4" else "not an image in a format that"
        with pytest.raises(ValueError, match=f"^cannot read it: {why}"):
            decode_image(content, "it")

    def test_16_bits(self, monkeypatch):
        values = (np.arange(600, dtype=np.uint16) * 100).reshape(20, 30)
        content = cv2.imencode(".png", np.dstack([values] * 3))[1].tobytes()
        expected = decode_image(content, "16 bits")
        monkeypatch.setattr("mtcnn_rt._image_codecs.codecs", lambda: (Pillow(),))
        np.testing.assert_array_equal(decode_image(content, "16 bits"), expected)

    @pytest.mark.parametrize("codec", [OpenCV(), Pillow(), PyAV()], ids=lambda c: c.name)
    def test_written_files_can_be_read(self, sample_frame, codec):
        for extension, tolerance in ((".png", 0), (".jpg", 8)):
            content = codec.encode(extension, sample_frame)
            found = decode_image(content, "written").astype(int)
            assert np.abs(found - sample_frame).mean() <= tolerance


def test_a_format_that_no_library_writes(sample_frame):
    assert Pillow().encode(".xyz", sample_frame) is None
    assert PyAV().encode(".tif", sample_frame) is None
    with pytest.raises(ValueError, match="could not find encoder"):
        OpenCV().encode(".xyz", sample_frame)


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

"""Tests OpenCV, Pillow and PyAV as decoders and encoders of image files."""

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest

import mtcnn_rt
from mtcnn_rt._images.codecs import Wanted
from mtcnn_rt._images.codecs.with_opencv import OpenCV
from mtcnn_rt._images.codecs.with_pillow import Pillow
from mtcnn_rt._images.codecs.with_pyav import PyAV
from mtcnn_rt._images.headers import read_header
from mtcnn_rt.images import decode_image

_OPTIONS = {
    "jpg": [cv2.IMWRITE_JPEG_QUALITY, 90],
    "webp": [cv2.IMWRITE_WEBP_QUALITY, 101],  # lossless
}


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
        monkeypatch.setattr("mtcnn_rt._images.codecs.codecs", lambda: (codec,))
        found = decode_image(content, "turned")
        assert found.shape == expected.shape
        assert np.abs(found - expected).mean() < 1.5

    @pytest.mark.parametrize("codec", [Pillow(), PyAV()], ids=["Pillow", "PyAV"])
    def test_transparency_is_laid_on_white(self, sample_frame, codec, monkeypatch):
        alpha = np.linspace(0, 255, sample_frame.shape[1]).astype(np.uint8)
        alpha = np.broadcast_to(alpha, sample_frame.shape[:2])
        content = cv2.imencode(".png", np.dstack([sample_frame, alpha]))[1].tobytes()
        expected = decode_image(content, "transparent")
        monkeypatch.setattr("mtcnn_rt._images.codecs.codecs", lambda: (codec,))
        np.testing.assert_array_equal(decode_image(content, "transparent"), expected)

    @pytest.mark.parametrize("codec", [Pillow(), PyAV()], ids=["Pillow", "PyAV"])
    @pytest.mark.parametrize(
        "content", [b"no image", b"\xff\xd8\xff\xe0\0\0", b"\x89PNG\r\n\x1a\n"]
    )
    def test_broken_content_is_a_value_error(self, codec, content, monkeypatch):
        monkeypatch.setattr("mtcnn_rt._images.codecs.codecs", lambda: (codec,))
        with pytest.raises(ValueError, match="cannot read broken: "):
            decode_image(content, "broken")

    @pytest.mark.parametrize("codec", [OpenCV(), Pillow(), PyAV()], ids=lambda c: c.name)
    def test_any_large_limit_of_pixels_lets_images_through(self, sample_frame, codec, monkeypatch):
        monkeypatch.setattr("mtcnn_rt._images.codecs.codecs", lambda: (codec,))
        content = OpenCV().encode(".png", sample_frame)
        assert np.array_equal(decode_image(content, "a.png", max_pixels=10**12), sample_frame)

    @pytest.mark.parametrize("codec", [Pillow(), PyAV()], ids=["Pillow", "PyAV"])
    def test_a_cut_jpeg(self, sample_frame, codec, monkeypatch):
        content = cv2.imencode(".jpg", sample_frame)[1].tobytes()
        expected = decode_image(content[:-2], "cut").astype(int)
        monkeypatch.setattr("mtcnn_rt._images.codecs.codecs", lambda: (codec,))
        assert np.abs(decode_image(content[:-2], "cut") - expected).mean() < 1

    @pytest.mark.parametrize("form", ["GIF", "QOI", "Sun raster", "BMP", "TIFF", "WebP", "PNG"])
    def test_a_part_of_a_file_is_refused_by_every_library(self, sample_frame, form, monkeypatch):
        import PIL.Image

        image = np.ascontiguousarray(sample_frame[:90:2, :160:2])
        if form == "Sun raster":
            content = cv2.imencode(".ras", image)[1].tobytes()
        else:
            file = BytesIO()
            PIL.Image.fromarray(image).save(file, form)
            content = file.getvalue()
        for codec in (OpenCV(), Pillow(), PyAV()):
            monkeypatch.setattr("mtcnn_rt._images.codecs.codecs", lambda codec=codec: (codec,))
            if form != "QOI" or codec.name != "OpenCV":
                assert decode_image(content, "whole").shape == image.shape
            for part in (5, 10, len(content) // 2, len(content) * 97 // 100):
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
        monkeypatch.setattr("mtcnn_rt._images.codecs.codecs", lambda: (PyAV(),))
        why = "a video, which" if kind == "mp4" else "not an image in a format that"
        with pytest.raises(ValueError, match=f"^cannot read it: {why}"):
            decode_image(content, "it")

    @pytest.mark.parametrize("most", [1 << 31, 10**20])
    def test_pyav_takes_any_limit(self, sample_frame, most):
        content = cv2.imencode(".png", sample_frame)[1].tobytes()
        wanted = Wanted(read_header(content), True, False, most)
        assert np.array_equal(PyAV().decode(content, wanted).colors, sample_frame)

    def test_16_bits(self, monkeypatch):
        values = (np.arange(600, dtype=np.uint16) * 100).reshape(20, 30)
        content = cv2.imencode(".png", np.dstack([values] * 3))[1].tobytes()
        expected = decode_image(content, "16 bits")
        monkeypatch.setattr("mtcnn_rt._images.codecs.codecs", lambda: (Pillow(),))
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
    assert OpenCV().encode(".xyz", sample_frame) is None

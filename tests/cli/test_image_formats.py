"""Tests of folders with images that Pillow decodes and OpenCV does not."""

import io

import numpy as np
import PIL.Image
import pytest

from mtcnn_rt._images import extra_formats
from mtcnn_rt.images import as_image


def encoded(form, image):
    content = io.BytesIO()
    PIL.Image.fromarray(image).save(content, form)
    return content.getvalue()


@pytest.fixture
def folder(tmp_path, sample_frame):
    folder = tmp_path / "mixed"
    folder.mkdir()
    photo = np.ascontiguousarray(sample_frame[..., ::-1])
    for form in ("tga", "qoi", "png"):
        (folder / f"a.{form}").write_bytes(encoded(form, photo))
    return folder


@pytest.mark.parametrize("command", ["image", "process"])
def test_they_are_read_as_other_images(run, folder, command):
    result = run(command, "mixed", "--anonymize", "blur", "--csv", "r.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len((folder.parent / "r.csv").read_text().splitlines()) == 1 + 3 * 4  # faces
    copies = sorted(path.name for path in (folder.parent / "faces").iterdir())
    assert copies == ["a-2.png", "a-3.png", "a.png"]


def test_without_pillow_they_are_named(run, folder, monkeypatch):
    monkeypatch.setattr(extra_formats, "is_decodable", lambda: False)
    for options, status in (([], 0), (["--anonymize", "blur"], 1)):
        result = run("image", "mixed", *options, "--out", f"o{status}")
        assert result.exit_code == status
        why = "this format needs Pillow: pip install pillow; or convert it to JPEG"
        assert result.stderr.splitlines() == [
            f"mtcnn-rt: cannot read mixed/a.{form}: {why}" for form in ("qoi", "tga")
        ]


def test_python_takes_them(folder, detector, sample_frame):
    expected = detector.detect(sample_frame)
    for form in ("tga", "qoi"):
        assert as_image(folder / f"a.{form}").pixels.shape == sample_frame.shape
        found = detector.detect(folder / f"a.{form}")
        np.testing.assert_array_equal(found.boxes, expected.boxes)

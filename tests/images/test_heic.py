"""HEIC files, where pillow-heif is installed, and without it."""

import io

import numpy as np
import PIL.Image
import pytest
from click.testing import CliRunner

from mtcnn_rt._images import heic
from mtcnn_rt.cli import main
from mtcnn_rt.images import as_image, decode_image

HEAD = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def test_without_pillow_heif_the_error_names_it(monkeypatch):
    monkeypatch.setattr(heic, "is_decodable", lambda: False)
    with pytest.raises(ValueError, match="HEIC, which needs pillow-heif: pip install pillow-heif"):
        decode_image(HEAD, "photo.heic")


@pytest.fixture(scope="module")
def heif():
    return pytest.importorskip("pillow_heif")


class TestDecoding:
    def encoded(self, heif, image, **options) -> bytes:
        content = io.BytesIO()
        heif.from_pillow(PIL.Image.fromarray(image)).save(content, quality=95, **options)
        return content.getvalue()

    @pytest.mark.parametrize("orientation", [1, 3, 6, 8])
    def test_it_is_upright(self, heif, orientation):
        quarters = np.zeros((64, 96, 3), np.uint8)
        quarters[:32, :48] = 255, 0, 0
        exif = PIL.Image.Exif()
        exif[274] = orientation
        content = self.encoded(heif, quarters, exif=exif.tobytes())
        turns = {1: 0, 3: 2, 6: -1, 8: 1}
        expected = np.rot90(quarters, turns[orientation])
        found = as_image(content).pixels[..., ::-1].astype(int)
        assert found.shape == expected.shape
        assert np.abs(found - expected).mean() < 4

    def test_transparency_is_laid_on_white(self, heif):
        image = np.zeros((64, 96, 4), np.uint8)
        image[:, 48:, 3] = 255
        found = as_image(self.encoded(heif, image)).pixels
        assert found[:, :40].min() > 240
        assert found[:, 56:].max() < 15

    @pytest.mark.parametrize("command", ["image", "crops", "process"])
    def test_of_several_the_primary_one_is_used_with_a_line(
        self, heif, command, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        images = [PIL.Image.fromarray(np.full((64, 96, 3), gray, np.uint8)) for gray in (200, 20)]
        several = heif.from_pillow(images[0])
        several.add_from_pillow(images[1])
        several.save("two.heic", primary_index=1)
        heif.from_pillow(images[0]).save("one.heic")
        result = CliRunner().invoke(main, [command, "one.heic", "two.heic"])
        assert result.exit_code == 0
        line = "two.heic: it has 2 images, and the primary one, which viewers show, is used"
        assert result.stderr == f"mtcnn-rt: {line}\n"
        if command != "crops":
            copies = [PIL.Image.open(f"faces/{name}.png") for name in ("one", "two")]
            assert [round(np.asarray(copy).mean()) for copy in copies] == [200, 20]

    @pytest.mark.parametrize(("mode", "most"), [("L", 2), ("I;16", 4)])
    def test_gray_is_read(self, heif, mode, most):
        gray = np.repeat(np.linspace(0, 255, 96, dtype=np.uint8)[np.newaxis], 64, axis=0)
        given = gray if mode == "L" else gray.astype(np.uint16) * 257
        content = io.BytesIO()
        heif.from_bytes(mode, (96, 64), given.tobytes()).save(content, quality=95)
        found = as_image(content.getvalue()).pixels
        assert (found.shape, found.dtype, found.flags.c_contiguous) == ((64, 96, 3), np.uint8, True)
        assert np.abs(found.astype(int) - gray[..., np.newaxis]).max() <= most

    @pytest.mark.parametrize("mode", ["RGBA", "RGBa"])
    def test_half_transparent_colors_are_laid_on_white_once(self, heif, mode):
        red = 200 if mode == "RGBA" else 100  # multiplied by alpha already
        image = np.full((64, 96, 4), (red, 0, 0, 128), np.uint8)
        content = io.BytesIO()
        heif.from_bytes(mode, (96, 64), image.tobytes()).save(content, quality=95)
        found = as_image(content.getvalue()).pixels.reshape(-1, 3).mean(0)
        assert found == pytest.approx([127, 127, 227], abs=4)

    def test_of_a_folder_one_without_an_extension_is_read(self, heif, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "photos").mkdir()
        content = self.encoded(heif, np.zeros((64, 96, 3), np.uint8))
        (tmp_path / "photos" / "IMG_1234").write_bytes(content)
        result = CliRunner().invoke(main, ["image", "photos", "--anonymize", "blur"])
        assert (result.exit_code, result.stderr) == (0, "")
        assert [path.name for path in (tmp_path / "faces").iterdir()] == ["IMG_1234.png"]
        monkeypatch.setattr(heic, "is_decodable", lambda: False)
        result = CliRunner().invoke(main, ["image", "photos"])
        cure = "HEIC needs pillow-heif: pip install pillow-heif; or convert it to JPEG"
        why = f"no image in this folder; cannot read photos/IMG_1234: {cure}"
        assert result.stderr == f"mtcnn-rt: error: cannot read photos: {why}\n"

    def test_a_large_one_is_refused(self, heif):
        content = self.encoded(heif, np.zeros((64, 96, 3), np.uint8))
        with pytest.raises(ValueError, match="96 x 64 pixels are more than 100"):
            decode_image(content, "photo.heic", max_pixels=100)

    def test_a_broken_one_is_refused(self, heif):
        content = self.encoded(heif, np.zeros((64, 96, 3), np.uint8))
        why = "^cannot read photo: HEIC that cannot be decoded: [^\n]*[^\n ]$"
        with pytest.raises(ValueError, match=why):
            decode_image(content[: len(content) // 3], "photo")

    def test_one_without_an_image_that_is_known_is_refused(self, heif, monkeypatch):
        content = self.encoded(heif, np.zeros((64, 96, 3), np.uint8)).replace(b"hvcC", b"xxxx")
        with pytest.raises(ValueError, match=r"^cannot read photo: HEIC that cannot be decoded: "):
            decode_image(content, "photo")
        # what libheif of pillow-heif 1.8 leaves of it; others refuse the file
        monkeypatch.setattr(heif, "open_heif", lambda *_, **__: heif.HeifFile())
        why = "HEIC that cannot be decoded: it has no image that pillow-heif knows"
        with pytest.raises(ValueError, match=f"^cannot read photo: {why}$"):
            decode_image(content, "photo")

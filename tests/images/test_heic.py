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

    def test_a_large_one_is_refused(self, heif):
        content = self.encoded(heif, np.zeros((64, 96, 3), np.uint8))
        with pytest.raises(ValueError, match="96 x 64 pixels are more than 100"):
            decode_image(content, "photo.heic", max_pixels=100)

    def test_a_broken_one_is_refused(self, heif):
        content = self.encoded(heif, np.zeros((64, 96, 3), np.uint8))
        with pytest.raises(ValueError, match="cannot read photo: "):
            decode_image(content[: len(content) // 3], "photo")

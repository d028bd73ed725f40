"""Image files with transparent parts, which are laid on white."""

import struct
import zlib

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from helpers.image_colors import RGB, on_white, rgb_of

from mtcnn_rt._images import codecs
from mtcnn_rt._images.codecs import with_opencv
from mtcnn_rt.images import as_image

SMOOTH = cv2.resize(RGB[:4, :6], (30, 20), interpolation=cv2.INTER_CUBIC)
STEPS = np.repeat(np.array([0, 0, 128, 255, 255, 255], np.uint8), 5)[np.newaxis].repeat(20, 0)
WITH_ALPHA = {
    "PNG": {},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {"compression": "tiff_lzw"},
    "JPEG2000": {},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", WITH_ALPHA)
def test_a_file_with_alpha_is_upright_and_on_white(tmp_path, form, orientation):
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    tags = {"tiffinfo": {0x0112: orientation}} if form == "TIFF" else {"exif": exif}
    if form == "JPEG2000":
        tags = {}  # it has no orientation
    path = tmp_path / "a"
    PIL.Image.fromarray(np.dstack([SMOOTH, STEPS])).save(path, form, **WITH_ALPHA[form], **tags)
    with PIL.Image.open(path) as opened:
        upright = np.asarray(PIL.ImageOps.exif_transpose(opened).convert("RGBA"))
    expected = on_white(upright[..., :3], upright[..., 3])
    np.testing.assert_allclose(rgb_of(as_image(path)).astype(int), expected, atol=3)


def test_files_with_a_transparent_color_are_laid_on_white(tmp_path):
    image = PIL.Image.new("RGB", (4, 3), (9, 8, 7))
    image.putpixel((1, 1), (200, 100, 50))
    image.save(tmp_path / "a.png", transparency=(9, 8, 7))
    pixels = rgb_of(as_image(tmp_path / "a.png"))
    assert (pixels == 255).all(-1).sum() == 11
    assert pixels[1, 1].tolist() == [200, 100, 50]
    image = PIL.Image.new("P", (4, 3), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 1), 1)
    for form in "png", "gif":
        image.save(tmp_path / f"p.{form}", transparency=0)
        pixels = rgb_of(as_image(tmp_path / f"p.{form}"))
        assert (pixels == 255).all(-1).sum() == 11
        assert pixels[1, 1].tolist() == [200, 100, 50]


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("clear", ["first", "last"])
def test_a_transparent_gray_is_laid_on_white(tmp_path, depth, clear):
    most = (1 << depth) - 1
    values = np.linspace(0, most, 8).round().astype(int)
    transparent = int(values[0] if clear == "first" else values[-1])
    if depth == 8:
        values[2] = transparent + (1 if clear == "first" else -1)  # the next gray stays
    path = tmp_path / "a.png"
    path.write_bytes(gray_png(values, depth, transparent))
    found = as_image(path).pixels
    shown = np.where(values == transparent, 255, np.floor(values * (255 / most) + 1e-6))
    np.testing.assert_allclose(found[0, :, 0], shown, atol=1 if depth == 16 else 0)
    with PIL.Image.open(path) as opened:
        pil = as_image(opened).pixels
    if depth in (8, 16):  # PIL does not know the transparent gray of other depths
        np.testing.assert_array_equal(found, pil)


def gray_png(values, depth, transparent):
    """Returns a PNG file of one row of gray values, one of which is transparent."""

    def chunk(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    bits = "".join(f"{value:0{depth}b}" for value in values)
    bits += "0" * (-len(bits) % 8)
    row = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    header = struct.pack(">IIBBBBB", len(values), 1, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, content)
        for kind, content in (
            (b"IHDR", header),
            (b"tRNS", struct.pack(">H", transparent)),
            (b"IDAT", zlib.compress(b"\0" + row)),
            (b"IEND", b""),
        )
    )


@pytest.mark.parametrize("form", ["PNG", "TIFF", "JPEG2000"])
def test_gray_with_alpha_is_on_white_or_refused(tmp_path, form, monkeypatch):
    PIL.Image.fromarray(np.dstack([SMOOTH, STEPS])).convert("LA").save(tmp_path / "a", form)
    if form == "PNG":
        assert (as_image(tmp_path / "a").pixels[STEPS == 0] == 255).all()
        return
    assert (as_image(tmp_path / "a").pixels[STEPS == 0] == 255).all()  # by Pillow
    monkeypatch.setattr(codecs, "codecs", lambda: (with_opencv.codec(),))
    with pytest.raises(ValueError, match=r"a: OpenCV does not decode its transparency"):
        as_image(tmp_path / "a")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("extension", [".png", ".tiff"])
def test_alpha_of_16_bits(tmp_path, extension, dtype):
    pixels = np.dstack([SMOOTH[..., ::-1], STEPS]).astype(dtype) * (
        257 if dtype == np.uint16 else 1
    )
    cv2.imwrite(str(tmp_path / f"a{extension}"), pixels)
    found = rgb_of(as_image(tmp_path / f"a{extension}"))
    np.testing.assert_allclose(found.astype(int), on_white(SMOOTH, STEPS), atol=1)

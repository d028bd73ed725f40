"""Tests of images that OpenCV does not decode, or whose values have no fixed range."""

import io
import struct
import subprocess
import sys

import cv2
import numpy as np
import PIL.Image
import pytest

from mtcnn_rt._files.extensions import EXTENSIONS, UNREADABLE, WITH_PILLOW
from mtcnn_rt._images import codecs
from mtcnn_rt.images import decode_image

RGB = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
ALPHA = np.where(np.arange(48) < 20, 0, 255).astype(np.uint8)[np.newaxis].repeat(32, axis=0)
LOSSLESS = {
    "TGA": ".tga",
    "PCX": ".pcx",
    "QOI": ".qoi",
    "SGI": ".sgi",
    "DDS": ".dds",
    "DIB": ".dib",
}
WITH_ALPHA = ("TGA", "QOI", "SGI", "DDS")


def encoded(form, image=RGB, **options):
    content = io.BytesIO()
    PIL.Image.fromarray(image).save(content, form, **options)
    return content.getvalue()


def psd(image):
    """Returns an uncompressed Photoshop file of an image (H, W, C)."""
    height, width, channels = image.shape
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, height, width, 8, 3)
    return head + bytes(12) + b"\0\0" + image.transpose(2, 0, 1).tobytes()


def tiff(values):
    """Returns an uncompressed TIFF of an array (H, W) or (H, W, 3) of any dtype."""
    height, width = values.shape[:2]
    samples = 1 if values.ndim == 2 else 3
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    data = values.tobytes()
    base = 8 + 2 + 12 * 10 + 4
    lists = struct.pack("<6H", *[8 * values.itemsize] * 3, *[kind] * 3) if samples == 3 else b""
    tags = [
        *((256, 3, 1, width), (257, 3, 1, height)),
        (258, 3, samples, base if samples == 3 else 8 * values.itemsize),
        *((259, 3, 1, 1), (262, 3, 1, 1 if samples == 1 else 2), (273, 4, 1, base + len(lists))),
        *((277, 3, 1, samples), (278, 3, 1, height), (279, 4, 1, len(data))),
        (339, 3, samples, base + 6 if samples == 3 else kind),
    ]
    directory = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    return head + directory + bytes(4) + lists + data


def pfm(values):
    kind = b"Pf" if values.ndim == 2 else b"PF"
    size = f"\n{values.shape[1]} {values.shape[0]}\n-1.0\n".encode()
    return kind + size + values[::-1].astype("<f4").tobytes()


def rgb_of(content):
    return decode_image(content, "image")[..., ::-1]


@pytest.mark.parametrize("form", LOSSLESS)
def test_the_pixels_are_those_of_the_file(form):
    np.testing.assert_array_equal(rgb_of(encoded(form)), RGB)


def test_icons_give_their_largest_image():
    square = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    content = encoded("ICO", square, sizes=[(16, 16), (64, 64), (32, 32)])
    np.testing.assert_array_equal(rgb_of(content), square)
    assert rgb_of(encoded("ICNS", square)).shape == (1024, 1024, 3)


def test_a_photoshop_file():
    np.testing.assert_array_equal(rgb_of(psd(RGB)), RGB)


@pytest.mark.parametrize("form", WITH_ALPHA)
def test_transparent_parts_are_laid_on_white(form):
    found = rgb_of(encoded(form, np.dstack([RGB, ALPHA])))
    assert (found[:, :20] == 255).all()
    np.testing.assert_array_equal(found[:, 20:], RGB[:, 20:])


def test_gray_with_transparency_in_tiff_and_jpeg_2000():
    """OpenCV refuses both."""
    gray = np.array(PIL.Image.fromarray(RGB).convert("L"))
    for form, options in (("TIFF", {}), ("JPEG2000", {"irreversible": False})):
        found = rgb_of(encoded(form, np.dstack([gray, ALPHA]), **options))
        assert (found[:, :20] == 255).all()
        np.testing.assert_array_equal(found[:, 20:, 0], gray[:, 20:])


@pytest.mark.parametrize("form", [*LOSSLESS, "ICO", "PSD"])
def test_the_limit_of_pixels_holds_before_decoding(form, monkeypatch):
    content = psd(RGB) if form == "PSD" else encoded(form)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", None)
    with pytest.raises(ValueError, match=r"^cannot read image: \d+ x \d+ pixels are more than 99;"):
        decode_image(content, "image", max_pixels=99)


def test_the_limit_of_pixels_holds_within_icons(monkeypatch):
    """An icon of 16 x 16 pixels with an image of 4000 x 4000, which Pillow decodes to open it."""
    png = encoded("PNG", np.zeros((4000, 4000, 3), np.uint8))
    entry = struct.pack("<4BHHII", 16, 16, 0, 0, 1, 32, len(png), 22)
    bitmap = struct.pack("<IiiHHI", 40, 4000, 8000, 1, 1, 0) + bytes(20)
    files = {
        "ICO": struct.pack("<3H", 0, 1, 1) + entry + png,
        "ICO of a bitmap": struct.pack("<3H", 0, 1, 1) + entry + bitmap,
        "CUR": struct.pack("<3H", 0, 2, 1) + entry + png,
        "ICNS": b"icns" + struct.pack(">I4sI", 16 + len(png), b"ic07", 8 + len(png)) + png,
    }
    monkeypatch.setattr("PIL.Image.open", None)
    for name, content in files.items():
        with pytest.raises(ValueError, match=f"^cannot read {name}: 4000 x 4000 pixels are more"):
            decode_image(content, name, max_pixels=1_000_000)


@pytest.mark.parametrize("form", [*LOSSLESS, "ICO", "PSD"])
def test_half_a_file_is_refused(form):
    content = psd(RGB) if form == "PSD" else encoded(form)
    with pytest.raises(ValueError, match=r"^cannot read image: not an image in a format that Open"):
        decode_image(content[: len(content) // 2], "image")


@pytest.mark.parametrize("form", ["EPS", "PDF", "SPIDER"])
def test_documents_are_no_images(form, monkeypatch):
    """Pillow starts Ghostscript for EPS."""
    monkeypatch.setattr("subprocess.check_call", None)
    with pytest.raises(ValueError, match=r"not an image in a format that OpenCV and Pillow know$"):
        decode_image(encoded(form), "image")


VALUES = RGB[..., 0].astype(np.float32) / 255


@pytest.mark.parametrize("made", [tiff, pfm])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 3])
def test_floats_from_0_to_1_or_255_are_scaled(made, dtype, channels):
    image = RGB if channels == 3 else RGB[..., 0]
    expected = RGB if channels == 3 else np.repeat(RGB[..., :1], 3, axis=2)
    np.testing.assert_array_equal(rgb_of(made((image / 255).astype(dtype))), expected)
    np.testing.assert_array_equal(rgb_of(made(image.astype(dtype))), expected)


@pytest.mark.parametrize("dtype", [np.uint32, np.int32])
@pytest.mark.parametrize("channels", [1, 3])
def test_integers_of_32_bits(dtype, channels):
    if (dtype, channels) == (np.uint32, 3) and cv2.__version__ < "5":
        pytest.skip("OpenCV 4 does not read them")
    image = RGB if channels == 3 else RGB[..., 0]
    expected = RGB if channels == 3 else np.repeat(RGB[..., :1], 3, axis=2)
    np.testing.assert_array_equal(rgb_of(tiff(image.astype(dtype))), expected)
    with pytest.raises(ValueError, match="its values are integers from 0 to 65280, not from 0 to"):
        rgb_of(tiff(image.astype(dtype) << 8))


@pytest.mark.parametrize(
    ("values", "range_of"),
    [
        (VALUES - 0.5, "from -0.5 to 0.5"),
        (VALUES * 7, "from 0 to 7"),
        (VALUES * 65535, "from 0 to 65535"),
        (np.where(VALUES > 0.5, np.nan, VALUES), "from nan to nan"),
        (np.where(VALUES > 0.5, np.inf, VALUES), "from 0 to inf"),
    ],
)
@pytest.mark.parametrize("made", [tiff, pfm])
def test_another_range_is_refused_with_what_to_do(made, values, range_of):
    message = f"^cannot read image: its values are floating-point numbers {range_of}, not from 0 to"
    with pytest.raises(ValueError, match=message) as error:
        rgb_of(made(values.astype(np.float32)))
    assert str(error.value).endswith("; scale them, and save the image with 8 bits a channel")


def test_half_floats_are_refused():
    with pytest.raises(ValueError, match=r"know: a broken TIFF, or a rare kind of it$"):
        rgb_of(tiff(VALUES.astype(np.float16)))


def test_pillow_gives_the_same_pixels_without_opencv(monkeypatch):
    from mtcnn_rt._images.codecs import with_pillow

    files = [tiff(VALUES), pfm(VALUES), encoded("TGA"), tiff(RGB[..., 0].astype(np.int32))]
    files.append(cv2.imencode(".pgm", RGB[..., 0].astype(np.uint16) * 257)[1].tobytes())
    expected = [decode_image(content, "image") for content in files]
    monkeypatch.setattr(codecs, "codecs", lambda: (with_pillow.codec(),))
    for content, pixels in zip(files, expected, strict=True):
        np.testing.assert_array_equal(decode_image(content, "image"), pixels)


NAMED = {
    "TGA": encoded("TGA"),
    "CUR": struct.pack("<3H", 0, 2, 1) + encoded("ICO")[6:],
    "ICO": encoded("ICO"),
    "DDS": encoded("DDS"),
    "PSD": psd(RGB),
    "QOI": encoded("QOI"),
    "SGI": encoded("SGI"),
    "PCX": encoded("PCX"),
}


@pytest.mark.parametrize("form", NAMED)
def test_without_pillow_the_error_names_it(monkeypatch, form):
    from mtcnn_rt._images.codecs import with_opencv

    monkeypatch.setattr(codecs, "codecs", lambda: (with_opencv.codec(),))
    message = f"{form}, which needs Pillow: pip install pillow; or convert it to JPEG"
    with pytest.raises(ValueError, match=f"^cannot read image: {message}$"):
        decode_image(NAMED[form], "image")


def test_pillow_is_imported_when_it_is_needed(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded("PNG"))
    (tmp_path / "a.tga").write_bytes(encoded("TGA"))
    code = (
        "import sys; from mtcnn_rt.images import as_image\n"
        "as_image('a.png'); print('PIL' in sys.modules)\n"
        "as_image('a.tga'); print('PIL' in sys.modules)"
    )
    words = [sys.executable, "-c", code]
    assert subprocess.check_output(words, text=True, cwd=tmp_path) == "False\nTrue\n"


def test_pillow_that_does_not_load_is_passed_over(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.delitem(sys.modules, "mtcnn_rt._images.codecs.with_pillow", raising=False)
    codec = codecs._PillowWhenNeeded()
    assert codec.decode(b"", codecs.Wanted(None, True, False)) is None


def test_each_extension_has_one_meaning():
    assert not WITH_PILLOW & (EXTENSIONS | UNREADABLE)

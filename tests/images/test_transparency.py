"""Tests that hidden parts stay hidden, in every format and mode that Pillow can write."""

import struct
from contextlib import suppress
from importlib import import_module
from io import BytesIO

import numpy as np
import PIL.Image
import pytest

from mtcnn_rt._images import codecs
from mtcnn_rt.images import as_image, decode_image

PIL.Image.init()
HIDDEN = np.random.default_rng(0).integers(0, 200, (64, 80, 3)).astype(np.uint8)
PAINTED = ("BUFR", "EPS", "GRIB", "HDF5", "PALM", "PDF", "WMF")
"""Formats of Pillow's list that are documents, or that it cannot write."""
FORMATS = sorted(set(PIL.Image.SAVE) - set(PAINTED))
OLD_PILLOW = int(PIL.__version__.partition(".")[0]) < 13  # the last one for Python 3.10 is 12.3
EXACT = {"WEBP": {"lossless": True, "exact": True}, "AVIF": {"quality": 100}}
"""Options that keep the colors below transparent pixels."""


def plain(mode, value, transparent):
    image = PIL.Image.new(mode, (80, 64), value)
    if mode == "P":
        image.putpalette([5, 5, 5] * 256)
    image.info["transparency"] = transparent
    return image


def covered(mode):
    image = PIL.Image.fromarray(HIDDEN).convert(mode)
    image.putalpha(0)
    return image


def quantized():
    image = PIL.Image.fromarray(HIDDEN).convert("P")
    image.info["transparency"] = bytes(256)
    return image


KINDS = {
    "RGBA": lambda: covered("RGB"),
    "LA": lambda: covered("L"),
    "PA": lambda: covered("P"),
    "P, an index": lambda: plain("P", 3, 3),
    "P, all indices": quantized,
    "RGB, a color": lambda: plain("RGB", (9, 9, 9), (9, 9, 9)),
    "L, a gray": lambda: plain("L", 9, 9),
    "I;16, a gray": lambda: plain("I;16", 900, 900),
    "1, black": lambda: plain("1", 0, 0),
    "RGBa": lambda: PIL.Image.new("RGBa", (80, 64)),
}
"""Images that are wholly transparent, by mode and what makes them so."""


def written(folder, form):
    """Returns the files of a format that are wholly transparent, by the kind of image."""
    files = {}
    for kind, made in KINDS.items():
        image, path = made(), folder / f"{kind}.{form.lower()}"
        clear = {key: image.info[key] for key in ("transparency",) if key in image.info}
        with suppress(Exception):  # Pillow raises errors of many kinds where a format has no mode
            image.save(path, form, **EXACT.get(form, {}), **clear)
            with PIL.Image.open(path) as opened:
                opened.load()
            if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
                files[kind] = path
    return files


def use(library, monkeypatch):
    """Lets one library alone decode images."""
    codec = import_module(f"mtcnn_rt._images.codecs.with_{library.lower()}").codec()
    monkeypatch.setattr(codecs, "codecs", lambda: (codec,))


def error_of(given):
    """Returns the error that refuses an image; empty for one that is white."""
    try:
        pixels = as_image(given).pixels
    except ValueError as error:
        return str(error)
    return "" if pixels.min() >= 250 else "shows what is hidden"


@pytest.mark.parametrize("kind", KINDS)
def test_a_pil_image_of_any_mode(kind):
    assert (as_image(KINDS[kind]()).pixels == 255).all()


def test_a_pil_image_whose_palette_has_transparent_colors():
    """So `quantize` gives one of RGBA."""
    image = covered("RGB").quantize(8)
    assert (image.mode, image.info) == ("P", {})
    assert (as_image(image).pixels == 255).all()


@pytest.mark.parametrize("how", ["OpenCV", "Pillow", "PyAV"])
def test_a_targa_file_with_transparent_colors(monkeypatch, how):
    """Its palette has 4 bytes a color; Pillow does not write such files."""
    if OLD_PILLOW:
        pytest.skip("Pillow before 13 does not read such palettes")
    header = struct.pack("<BBBHHBHHHHBB", 0, 1, 1, 0, 2, 32, 0, 0, 3, 1, 8, 0x28)
    content = header + bytes([30, 40, 200, 255, 20, 220, 10, 0]) + bytes([0, 1, 0])
    with PIL.Image.open(BytesIO(content)) as image:
        assert as_image(image).pixels.tolist() == [[[200, 40, 30], [255] * 3, [200, 40, 30]]]
    use(how, monkeypatch)
    if how != "Pillow":
        with pytest.raises(ValueError, match="TGA, which needs Pillow"):
            decode_image(content, "a.tga")
        return
    shown = [[[30, 40, 200], [255] * 3, [30, 40, 200]]]
    assert decode_image(content, "a.tga").tolist() == shown


def box(kind, *parts):
    """Returns a box of JPEG 2000."""
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def jpeg_2000_with_palette():
    """Returns a file with two colors, (30, 40, 200) and a transparent one on its right side."""
    codestream = BytesIO()
    indices = np.repeat(np.uint8([[0, 1]]), (32, 32), axis=1).repeat(64, axis=0)
    PIL.Image.fromarray(indices).save(codestream, "JPEG2000", no_jp2=True, irreversible=False)
    channels = range(4)
    opacity = b"".join(struct.pack(">3H", n, n == 3, (n + 1) % 4) for n in channels)
    header = box(
        b"jp2h",
        box(b"ihdr", struct.pack(">IIH4B", 64, 64, 1, 7, 7, 0, 0)),
        box(b"colr", b"\1\0\0", struct.pack(">I", 16)),
        box(b"pclr", b"\0\2\4", b"\7" * 4, bytes([200, 40, 30, 255, 10, 220, 20, 0])),
        box(b"cmap", *(struct.pack(">HBB", 0, 1, n) for n in channels)),
        box(b"cdef", b"\0\4", opacity),
    )
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return start + header + box(b"jp2c", codestream.getvalue())


@pytest.mark.parametrize("how", ["OpenCV", "Pillow", "PyAV"])
def test_a_palette_of_jpeg_2000_with_transparent_colors(monkeypatch, how):
    content = jpeg_2000_with_palette()
    pixels = decode_image(content, "a.jp2")
    assert pixels[0, [0, 31, 32, 63]].tolist() == [[30, 40, 200]] * 2 + [[255] * 3] * 2
    use(how, monkeypatch)
    if how == "Pillow":
        assert (decode_image(content, "a.jp2") == pixels).all()
        return
    with pytest.raises(ValueError, match=f"{how} does not decode its transparency"):
        decode_image(content, "a.jp2")


@pytest.mark.parametrize("how", ["OpenCV", "Pillow", "PyAV", "PIL"])
@pytest.mark.parametrize("form", FORMATS)
def test_a_transparent_file_is_white_or_refused(tmp_path, monkeypatch, form, how):
    files = written(tmp_path, form)
    if not files:
        pytest.skip("the format has no transparency")
    if how == "PIL":
        for path in files.values():
            with PIL.Image.open(path) as opened:
                assert error_of(opened) == "", path
        return
    use(how, monkeypatch)
    allowed = (
        f"{how} does not decode its transparency",
        f"not an image in a format that {how}",
        f"{form}, which needs Pillow: pip install pillow",
    )
    for path in files.values():
        error = error_of(path)
        assert not error or any(words in error for words in allowed), (path, error)
    if how == "Pillow" and not (form == "IM" and OLD_PILLOW):  # which does not read all of them
        assert all(error_of(path) == "" for path in files.values())


@pytest.mark.parametrize("how", ["Pillow", "PyAV"])
@pytest.mark.parametrize("form", ["DDS", "ICO", "QOI", "SGI", "TGA"])
def test_a_format_without_a_known_header_has_the_limit_of_pixels(tmp_path, monkeypatch, form, how):
    path = tmp_path / f"large.{form.lower()}"
    PIL.Image.fromarray(HIDDEN).save(path, form)
    use(how, monkeypatch)
    with pytest.raises(
        ValueError, match=f"pixels are more than 99; max_pixels|{form}, which needs Pil"
    ):
        as_image(path, max_pixels=99)
    with pytest.raises(
        ValueError, match=f"pixels are more than 99; max_pixels|{form}, which needs Pil"
    ):
        as_image(path.read_bytes(), max_pixels=99)

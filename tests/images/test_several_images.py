"""Tests of files with several images, of which one is primary: JPEG (MPO) and AVIF."""

import io
import struct

import numpy as np
import PIL.Image
import pytest
from click.testing import CliRunner

from mtcnn_rt._images.headers import read_header
from mtcnn_rt.cli import main

PICTURE = np.full((64, 96, 3), 200, np.uint8)
PREVIEW, STEREO, UNDEFINED = 0x010002, 0x020002, 0
APPLE_MAP = b'apdi:AuxiliaryImageType="urn:com:apple:photo:2020:aux:hdrgainmap"'
GOOGLE_MAP = b'hdrgm:Version="1.0"'


def encoded(form, image=PICTURE, **options) -> bytes:
    content = io.BytesIO()
    PIL.Image.fromarray(image).save(content, form, **options)
    return content.getvalue()


def mpo(*others: tuple[int, bytes], order: str = "<") -> bytes:
    """Returns a JPEG file with more images: for each its type, and its own XMP."""
    first = encoded("JPEG")
    images = [encoded("JPEG", xmp=xmp) if xmp else encoded("JPEG") for _, xmp in others]
    size = 16 * (1 + len(others))
    place = len(first) + 24 + size  # of the second image, from the index on
    entries = struct.pack(order + "IIIHH", 0x030000, len(first), 0, 0, 0)
    for (kind, _), image in zip(others, images, strict=True):
        entries += struct.pack(order + "IIIHH", kind, len(image), place, 0, 0)
        place += len(image)
    head = struct.pack(order + "2sHIH", b"II" if order == "<" else b"MM", 42, 8, 1)
    tag = struct.pack(order + "HHIII", 0xB002, 7, size, 26, 0)
    index = b"MPF\0" + head + tag + entries
    segment = b"\xff\xe2" + struct.pack(">H", 2 + len(index)) + index
    return first[:2] + segment + first[2:] + b"".join(images)


def avif(kind: bytes) -> bytes:
    """Returns an AVIF file of two images, of which one refers to the other."""
    transparent = np.full((64, 96, 4), 200, np.uint8)
    return encoded("AVIF", transparent).replace(b"auxl", kind)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("others", "images"),
    [
        ([], 1),
        ([(STEREO, b"")], 2),
        ([(UNDEFINED, b""), (UNDEFINED, b"")], 3),
        ([(PREVIEW, b"")], 1),
        ([(PREVIEW, b""), (STEREO, b"")], 2),
        ([(UNDEFINED, APPLE_MAP)], 1),
        ([(UNDEFINED, GOOGLE_MAP), (UNDEFINED, b"")], 2),
    ],
)
def test_images_of_a_jpeg_are_counted_without_previews_and_maps(order, others, images):
    assert read_header(mpo(*others, order=order)).images == images


def test_images_that_pillow_writes_are_counted():
    pictures = [PIL.Image.fromarray(PICTURE)] * 2
    assert read_header(encoded("MPO", save_all=True, append_images=pictures)).images == 3


def test_an_index_that_is_broken_or_leads_nowhere_counts_one():
    content = mpo((STEREO, b""))
    at = content.index(b"MPF\0") + 4
    first_only = content[: content.index(b"\xff\xd8\xff", 2)]
    assert read_header(first_only).images == 1
    far = struct.pack("<I", 1 << 31)
    for place in (at + 4, at + 18):  # the place of its tags, and of its entries
        broken = content[:place] + far + content[place + 4 :]
        assert read_header(broken).images == 1


@pytest.mark.parametrize(
    ("kind", "images"), [(b"auxl", 1), (b"thmb", 1), (b"cdsc", 2), (b"prem", 2)]
)
def test_images_of_an_avif_are_counted_without_those_that_belong_to_another(kind, images):
    assert read_header(avif(kind)).images == images


def test_tiles_of_an_avif_do_not_count():
    tiled = avif(b"dimg").replace(b"\1\0\0av01Color", b"\1\0\0gridColor")
    giver = tiled.index(b"dimg") + 4
    tiled = tiled[:giver] + struct.pack(">HHH", 1, 1, 2) + tiled[giver + 6 :]
    assert read_header(tiled).images == 1


@pytest.mark.parametrize("command", ["image", "crops", "process"])
def test_commands_say_which_one_is_used(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.avif").write_bytes(encoded("AVIF"))
    (tmp_path / "one.jpg").write_bytes(encoded("JPEG"))
    (tmp_path / "three.jpg").write_bytes(mpo((STEREO, b""), (STEREO, b"")))
    (tmp_path / "two.avif").write_bytes(avif(b"cdsc"))
    result = CliRunner().invoke(main, [command, "."])
    assert result.exit_code == 0
    line = "mtcnn-rt: {}: it has {} images, and the primary one, which viewers show, is used\n"
    assert result.stderr == line.format("three.jpg", 3) + line.format("two.avif", 2)

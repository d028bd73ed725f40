"""Tests of the sizes that image files have in their headers, before anything is decoded."""

import io
import re
import struct
import subprocess
import sys
import tracemalloc
import zlib
from contextlib import suppress

import cv2
import numpy as np
import PIL.Image
import pytest

from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._images.headers import HeaderError, read_header
from mtcnn_rt._images.headers.boxes import _clean_aperture
from mtcnn_rt.images import as_image, decode_image, read_image

IMAGE = np.random.default_rng(1).integers(0, 256, (17, 31, 3), np.uint8)


def by_pil(form: str, **options) -> bytes:
    content = io.BytesIO()
    PIL.Image.fromarray(IMAGE).save(content, form, **options)
    return content.getvalue()


def by_cv2(extension: str, image: np.ndarray = IMAGE) -> bytes:
    return cv2.imencode(extension, image)[1].tobytes()


FILES = {
    "PNG": by_pil("PNG"),
    "JPEG": by_pil("JPEG"),
    "progressive JPEG": by_pil("JPEG", progressive=True),
    "GIF": by_pil("GIF"),
    "BMP": by_pil("BMP"),
    "WebP": by_pil("WEBP"),
    "lossless WebP": by_pil("WEBP", lossless=True),
    "WebP with EXIF": by_pil("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"),
    "TIFF": by_pil("TIFF"),
    "TIFF of OpenCV": by_cv2(".tiff"),
    "BigTIFF": by_pil("TIFF", big_tiff=True),
    "AVIF": by_pil("AVIF"),
    "JPEG 2000": by_pil("JPEG2000"),
    "codestream of JPEG 2000": by_pil("JPEG2000", no_jp2=True),
    "PPM": by_pil("PPM"),
    "PGM": by_cv2(".pgm", IMAGE[..., 0].copy()),
    "PPM with a comment": b"P3 # a comment 9 9\n31\t17\n255\n" + b"1 " * (31 * 17 * 3),
    "PFM": by_cv2(".pfm", IMAGE.astype(np.float32)),
    "Radiance HDR": by_cv2(".hdr", IMAGE.astype(np.float32) / 255),
    "Sun raster": by_cv2(".ras"),
}


@pytest.mark.parametrize("name", FILES)
def test_the_size_is_that_of_the_decoded_image(name):
    header = read_header(FILES[name])
    assert header.size == (31, 17)
    assert (header.frames, header.whole) == (1, True)
    assert decode_image(FILES[name], name).shape == (17, 31, 3)


@pytest.mark.parametrize("name", FILES)
def test_larger_images_are_refused_by_their_header(tmp_path, name):
    path = tmp_path / "image"
    path.write_bytes(FILES[name])
    message = f"cannot read {path}: 31 x 17 pixels are more than 526; max_pixels"
    for read in read_image, lambda path, max_pixels: as_image(path, max_pixels=max_pixels):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            read(path, max_pixels=526)
    assert read_image(path, max_pixels=527).shape == (17, 31, 3)


def png(width: int, height: int) -> bytes:
    """Returns a small PNG of one color and any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checked

    row = zlib.compressobj(9)
    data = b"".join(row.compress(bytes(1 + (width + 7) // 8)) for _ in range(height)) + row.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_a_small_file_of_a_huge_image_takes_no_memory(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png(30000, 30000))
    assert path.stat().st_size < 200_000
    tracemalloc.start()
    with pytest.raises(ValueError, match="30000 x 30000 pixels are more than 200000000"):
        read_image(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    assert MAX_PIXELS == 200_000_000
    with pytest.raises(ValueError, match=r"^image: 5 x 4 pixels are more than 19$"):
        as_image(PIL.Image.new("RGB", (5, 4)), max_pixels=19)


def test_a_larger_limit_lets_a_larger_image_through(tmp_path):
    (tmp_path / "a.png").write_bytes(png(3000, 400))
    with pytest.raises(ValueError, match="3000 x 400"):
        read_image(tmp_path / "a.png", 1_000_000)
    assert read_image(tmp_path / "a.png", 1_200_000).shape == (400, 3000, 3)


@pytest.mark.parametrize("name", FILES)
def test_a_broken_header_is_a_value_error_that_names_the_file(name):
    content = FILES[name]
    generator = np.random.default_rng(2)
    for _ in range(60):
        broken = bytearray(content)
        for _ in range(generator.integers(1, 6)):
            broken[generator.integers(0, min(len(broken), 400))] = generator.integers(0, 256)
        broken = bytes(broken[: generator.integers(4, len(broken) + 1)])
        with suppress(HeaderError):
            read_header(broken)
        try:
            decode_image(broken, "the file", max_pixels=1_000_000)
        except ValueError as error:
            assert str(error).startswith("cannot read the file: ")  # noqa: PT017


def test_frames_are_counted():
    images = [PIL.Image.fromarray(IMAGE + shift) for shift in range(3)]
    for form in "GIF", "PNG", "WEBP", "AVIF", "TIFF":
        content = io.BytesIO()
        images[0].save(content, form, save_all=True, append_images=images[1:])
        header = read_header(content.getvalue())
        assert header.frames == (2 if form == "GIF" else 3), form
        assert header.size == (31, 17)


def test_a_missing_end_is_found():
    for name in "PNG", "JPEG", "progressive JPEG":
        assert read_header(FILES[name][:-2]).whole is False
    # The end of the preview in EXIF data is not that of the image.
    exif = PIL.Image.Exif()
    exif[0x9286] = FILES["JPEG"].decode("latin-1")
    content = by_pil("JPEG", exif=exif)
    assert read_header(content).whole
    assert read_header(content[:-2]).whole is False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_part_that_is_longer_than_the_file_takes_no_memory(tmp_path):
    content = FILES["PNG"]
    at = content.index(b"IDAT") - 4
    path = tmp_path / "a.png"
    path.write_bytes(content[:at] + (0xBDFFFF01).to_bytes(4, "big") + content[at + 4 :])
    script = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from mtcnn_rt.images import read_image\n"
        "try:\n"
        "    read_image(Path(sys.argv[1]))\n"
        "except ValueError as error:\n"
        "    print(error)\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    message, kilobytes = done.stdout.splitlines()
    assert message == f"cannot read {path}: the end of the file is missing"
    assert int(kilobytes) < 500_000


MANY = 2_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8" + b"\xff" * MANY + b"\0",
        b"\xff\xd8" + b"\xff\0" * MANY,
        b"P6" + b" " * MANY,
        b"P6" + b"#" * MANY,
        b"P6" + b" #\n" * MANY,
    ],
    ids=["fill bytes", "stuffed bytes", "spaces", "comment", "comments"],
)
def test_the_time_of_a_header_without_a_size_grows_with_its_length_alone(content):
    """With its square it would be days."""
    with pytest.raises(HeaderError, match=r"it has no size|it ends within its header"):
        read_header(content)


def test_bytes_that_fill_up_may_stand_before_each_marker():
    content = FILES["JPEG"].replace(b"\xff\xc0", b"\xff" * 9 + b"\xc0", 1)
    assert read_header(content).size == (31, 17)


@pytest.mark.parametrize("down", [-1000, -40, 40, 1000])
def test_a_clean_aperture_beside_the_image_is_an_error(down):
    """The part is 16 x 16 pixels of 48 x 48, shifted from the middle."""
    cut = _clean_aperture((16, 1, 16, 1, 0, 1, down, 1))
    with pytest.raises(HeaderError, match="its clean aperture is empty"):
        cut(np.zeros((48, 48, 3), np.uint8))
    assert _clean_aperture((16, 1, 16, 1, 0, 1, -16, 1))(np.eye(48))[0, 0] == 0
    assert _clean_aperture((16, 1, 16, 1, -16, 1, -16, 1))(np.eye(48)).sum() == 16

"""Tests of every kind of image: its pixels, their channel order, and copies."""

import os
import re

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from helpers.image_colors import RGB, on_white, rgb_of

from mtcnn_rt.images import as_image, read_image, write_image

KINDS = (
    "image: expected a NumPy array, a path, the bytes of an image file, a file that is open for "
    "reading bytes, a PIL image or a tensor, not "
)


def as_bgr(rgb: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rgb[..., ::-1])


@pytest.mark.parametrize(("color", "bgr"), [("bgr", True), ("rgb", False)])
def test_an_array_has_the_given_channel_order(color, bgr):
    image = as_image(RGB, color)
    assert image.bgr is bgr
    assert image.size == (20, 30)
    assert np.shares_memory(image.pixels, RGB)
    np.testing.assert_array_equal(image.pixels, RGB)


def test_an_array_is_bgr_by_default():
    assert as_image(RGB).bgr is True


@pytest.mark.parametrize(
    "view",
    [RGB[::2], RGB[::-1], RGB[::-3], RGB[3:17, 5:21], np.broadcast_to(RGB[4], RGB.shape)],
    ids=["every other row", "upside down", "every third row upwards", "window", "one row"],
)
def test_rows_at_any_distance_are_not_copied(view):
    image = as_image(view)
    assert np.shares_memory(image.pixels, view)
    assert image.bgr is True
    np.testing.assert_array_equal(image.pixels, view)


@pytest.mark.parametrize("rows", [slice(None), slice(None, None, -1), slice(2, 18, 2)])
@pytest.mark.parametrize(("color", "bgr"), [("bgr", False), ("rgb", True)])
def test_reversed_channels_swap_the_order_without_a_copy(rows, color, bgr):
    view = RGB[rows, :, ::-1]
    image = as_image(view, color)
    assert image.bgr is bgr
    assert np.shares_memory(image.pixels, RGB)
    np.testing.assert_array_equal(image.pixels, RGB[rows])


@pytest.mark.parametrize(
    "view",
    [RGB[:, ::2], RGB[:, ::-1], RGB.transpose(1, 0, 2), np.asfortranarray(RGB), RGB[:, ::2, ::-1]],
    ids=["every other column", "mirrored", "transposed", "Fortran", "every other, reversed"],
)
def test_columns_at_a_distance_are_copied(view):
    image = as_image(view, "rgb")
    assert not np.shares_memory(image.pixels, view)
    assert image.pixels.strides[1:] == (3, 1)
    np.testing.assert_array_equal(rgb_of(image), view)


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 1)])
def test_gray_has_three_equal_channels(shape):
    gray = RGB[..., 0].reshape(shape)
    image = as_image(gray)
    assert image.pixels.shape == (20, 30, 3)
    for channel in range(3):
        np.testing.assert_array_equal(image.pixels[..., channel], RGB[..., 0])


ALPHA = (np.arange(600, dtype=np.uint16).reshape(20, 30) % 256).astype(np.uint8)


@pytest.mark.parametrize(("color", "bgr"), [("bgr", True), ("rgb", False)])
def test_a_fourth_channel_is_alpha(color, bgr):
    image = as_image(np.dstack([RGB, ALPHA]), color)
    assert image.bgr is bgr
    assert image.pixels.strides == (90, 3, 1)
    np.testing.assert_allclose(image.pixels.astype(int), on_white(RGB, ALPHA), atol=1)
    opaque = np.dstack([RGB, np.full_like(ALPHA, 255)])
    np.testing.assert_array_equal(as_image(opaque).pixels, RGB)
    hidden = np.dstack([RGB, np.zeros_like(ALPHA)])
    assert (as_image(hidden).pixels == 255).all()


@pytest.mark.parametrize(
    "view",
    [RGB[:, 3:4], RGB[:, ::7][:, :1], RGB[..., ::-1][:, :1], RGB[:, ::-1][:, :1], RGB[:1, :1]],
    ids=["window", "every seventh", "reversed", "mirrored", "one pixel"],
)
def test_a_single_column(view, detector):
    image = as_image(view)
    assert image.pixels.strides[1:] == (3, 1)
    expected = view[..., ::-1] if not image.bgr else view
    np.testing.assert_array_equal(image.pixels, expected)
    assert len(detector.detect(view)) == 0


def test_a_read_only_array_is_not_copied():
    assert not RGB.flags.writeable
    assert np.shares_memory(as_image(RGB).pixels, RGB)


def test_an_array_is_left_as_it_is():
    array = np.array(RGB)
    for view in array, array[..., ::-1], array[:, ::2], array[..., 0]:
        as_image(view)
    np.testing.assert_array_equal(array, RGB)


@pytest.mark.parametrize("color", ["bgr", "rgb"])
def test_a_pil_image_has_its_own_channel_order(color):
    image = as_image(PIL.Image.fromarray(RGB), color)
    np.testing.assert_array_equal(rgb_of(image), RGB)


def test_a_gray_pil_image():
    image = as_image(PIL.Image.fromarray(RGB[..., 0]))
    np.testing.assert_array_equal(image.pixels, np.repeat(RGB[..., :1], 3, axis=2))


def test_a_pil_image_with_alpha_is_laid_on_white():
    pixels = np.dstack([RGB, ALPHA])
    image = as_image(PIL.Image.fromarray(pixels))
    np.testing.assert_allclose(rgb_of(image).astype(int), on_white(RGB, ALPHA), atol=1)
    gray = PIL.Image.fromarray(pixels).convert("LA")
    assert (rgb_of(as_image(gray))[ALPHA == 0] == 255).all()


def test_a_pil_image_with_a_transparent_color():
    palette = PIL.Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    palette.info["transparency"] = 0
    np.testing.assert_array_equal(rgb_of(as_image(palette)), [[[255] * 3, [200, 100, 50]]])


def test_a_pil_image_of_16_bits_is_scaled(tmp_path):
    gray = RGB[..., 0].astype(np.uint16) * 257
    image = as_image(PIL.Image.fromarray(gray))
    np.testing.assert_array_equal(image.pixels[..., 0], RGB[..., 0])
    PIL.Image.fromarray(gray).save(tmp_path / "gray16.png")
    np.testing.assert_array_equal(image.pixels, as_image(tmp_path / "gray16.png").pixels)
    for mode in "I", "F":
        with pytest.raises(TypeError, match=f"image: expected 8 or 16 bits .* mode '{mode}'"):
            as_image(PIL.Image.new(mode, (3, 2)))


def test_a_pil_image_with_a_palette():
    palette = PIL.Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    np.testing.assert_array_equal(rgb_of(as_image(palette)), [[[10, 20, 30], [200, 100, 50]]])


@pytest.mark.parametrize("name", ["photo.png", "größe 顔 😀.png", "photo.bmp", "no extension"])
@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_a_file(tmp_path, name, kind):
    path = tmp_path / name
    path.write_bytes(cv2.imencode(".png", as_bgr(RGB))[1].tobytes())
    image = as_image(kind(path), "rgb")  # the order is for arrays, not for files
    assert image.bgr is True
    np.testing.assert_array_equal(image.pixels, as_bgr(RGB))


def test_a_gray_file_has_three_channels(tmp_path):
    cv2.imwrite(str(tmp_path / "gray.png"), RGB[..., 0])
    image = as_image(tmp_path / "gray.png")
    np.testing.assert_array_equal(image.pixels, np.repeat(RGB[..., :1], 3, axis=2))


def test_the_exif_orientation_of_a_photo_is_applied(tmp_path):
    lying = np.zeros((32, 64, 3), np.uint8)
    lying[:, :32, 0] = 255  # left red, right blue
    lying[:, 32:, 2] = 255
    photo = PIL.Image.fromarray(lying)
    exif = photo.getexif()
    exif[0x0112] = 6  # orientation: the left of the file is the top of the image
    photo.save(tmp_path / "lying.jpg", exif=exif, quality=100, subsampling=0)
    image = as_image(tmp_path / "lying.jpg")
    assert image.size == (64, 32)
    top = np.broadcast_to([255, 0, 0], (32, 32, 3))
    np.testing.assert_allclose(rgb_of(image)[:32].astype(int), top, atol=4)
    np.testing.assert_allclose(rgb_of(image)[32:].astype(int), top[..., ::-1], atol=4)


class AsArray:
    """An array of another library."""

    def __array__(self, dtype=None, copy=None):
        return RGB


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            RGB.astype(np.float32),
            TypeError,
            "image: expected dtype uint8, not float32; with values from 0 to 1 give "
            "(image * 255).round().astype(np.uint8), with values from 0 to 255 "
            "image.round().astype(np.uint8)",
        ),
        (
            RGB.astype(np.uint16),
            TypeError,
            "image: expected dtype uint8, not uint16; give (image >> 8).astype(np.uint8)",
        ),
        (RGB.astype(bool), TypeError, "image: expected dtype uint8, not bool"),
        (RGB.tolist(), TypeError, f"{KINDS}list; several images are for `detect_batch`"),
        ((RGB, RGB), TypeError, f"{KINDS}tuple; several images are for `detect_batch`"),
        (AsArray(), TypeError, f"{KINDS}AsArray; give numpy.asarray(image)"),
        (None, TypeError, f"{KINDS}NoneType"),
        (
            b"png",
            ValueError,
            "cannot read the bytes: not an image in a format that OpenCV and Pillow know",
        ),
        (3, TypeError, f"{KINDS}int"),
        (
            RGB[0, 0],
            ValueError,
            "image: expected shape (H, W), (H, W, 3) or (H, W, 4), not (3,); of the bytes of an "
            "image file give image.tobytes()",
        ),
        (
            RGB[np.newaxis],
            ValueError,
            "image: expected shape (H, W), (H, W, 3) or (H, W, 4), not (1, 20, 30, 3), a "
            "batch, which `detect_batch` takes",
        ),
        (
            RGB[..., :2],
            ValueError,
            "image: expected shape (H, W), (H, W, 3) or (H, W, 4), not (20, 30, 2)",
        ),
        (
            np.zeros((2, 2, 5), np.uint8),
            ValueError,
            "image: expected shape (H, W), (H, W, 3) or (H, W, 4), not (2, 2, 5)",
        ),
        (RGB[:0], ValueError, "image: has no pixels, its shape is (0, 30, 3)"),
        (RGB[:, :0, 0], ValueError, "image: has no pixels, its shape is (20, 0)"),
        (
            PIL.Image.new("RGB", (0, 5)),
            ValueError,
            "image: has no pixels, its shape is (5, 0, 3)",
        ),
    ],
)
def test_values_that_are_no_images_are_refused(given, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        as_image(given)


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (RGB / 255, ValueError, "image: expected uint8 (H, W, 3), not float64 (20, 30, 3)"),
        (RGB[..., 0], ValueError, "image: expected uint8 (H, W, 3), not uint8 (20, 30)"),
        (RGB[:0], ValueError, "image: has no pixels, its shape is (0, 30, 3)"),
        (RGB.tolist(), TypeError, "image: expected a NumPy array, not list"),
        (None, TypeError, "image: expected a NumPy array, not NoneType"),
    ],
)
def test_what_is_no_image_is_not_written(tmp_path, image, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        write_image(tmp_path / "image.png", image)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["image", "image.xyz", "image.ico"])
def test_a_format_that_no_library_writes_is_named(tmp_path, name):
    extension = name.removeprefix("image")
    with pytest.raises(OSError, match="cannot write") as raised:
        write_image(tmp_path / name, RGB)
    assert str(raised.value) == (
        f"cannot write {tmp_path / name}: OpenCV and Pillow cannot write the format "
        f"{extension!r}; use .png or .jpg"
    )


def test_a_format_that_opencv_does_not_write_is_written_by_pillow(tmp_path):
    write_image(tmp_path / "image.tga", RGB)
    np.testing.assert_array_equal(read_image(tmp_path / "image.tga"), RGB)


class BytesPath:
    """A path whose name is bytes, as the system has them."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return os.fsencode(self.path)


def test_paths_of_bytes_are_taken_from_objects_alone(tmp_path):
    path = BytesPath(tmp_path / "image.png")
    write_image(path, RGB)
    np.testing.assert_array_equal(read_image(path), RGB)
    np.testing.assert_array_equal(as_image(path).pixels, RGB)
    for given, kind in ((b"image.png", "bytes"), (3, "int"), (None, "NoneType")):
        message = f"^path: expected text or a Path, not {kind}$"
        with pytest.raises(TypeError, match=message):
            read_image(given)
        with pytest.raises(TypeError, match=message):
            write_image(given, RGB)


def test_paths_are_strings_or_objects(tmp_path):
    write_image(str(tmp_path / "text.png"), RGB)
    write_image(tmp_path / "object.png", RGB)
    for path in (tmp_path / "text.png", str(tmp_path / "object.png")):
        assert (read_image(path) == RGB).all()
    with pytest.raises(FileNotFoundError, match="an address, not a file"):
        read_image("http://host/photo.png")


@pytest.mark.parametrize("color", ["BGR", "gray", "", None])
def test_an_unknown_channel_order_is_refused(color):
    message = f"color: expected 'bgr' or 'rgb', not {color!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        as_image(RGB, color)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty (0 bytes)"),
        (b"not an image", "not an image in a format that OpenCV and Pillow know"),
        (b"\x89PNG\r\n\x1a\n", "its header is broken: it has no header"),
    ],
)
def test_a_file_that_is_no_image_is_named(tmp_path, content, why):
    path = tmp_path / "image.png"
    path.write_bytes(content)
    message = f"cannot read {path}: {why}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        as_image(path)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        as_image(tmp_path / "missing.png")
    assert error.value.filename == str(tmp_path / "missing.png")


def test_a_folder_is_an_os_error(tmp_path):
    with pytest.raises(IsADirectoryError) as error:
        as_image(str(tmp_path))
    assert error.value.filename == str(tmp_path)

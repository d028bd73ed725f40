"""Tests of every kind of image: its pixels, their channel order, and copies."""

import re

import cv2
import numpy as np
import PIL.Image
import pytest

from mtcnn_rt.images import as_image

RGB = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
RGB.setflags(write=False)


def rgb_of(image) -> np.ndarray:
    """Returns the pixels of an `Image` in RGB order."""
    return image.pixels[..., ::-1] if image.bgr else image.pixels


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


@pytest.mark.parametrize(("color", "bgr"), [("bgr", True), ("rgb", False)])
def test_a_fourth_channel_is_ignored(color, bgr):
    four = np.dstack([RGB, np.arange(600, dtype=np.uint16).reshape(20, 30) % 256]).astype(np.uint8)
    image = as_image(four, color)
    assert image.bgr is bgr
    assert image.pixels.strides == (90, 3, 1)
    np.testing.assert_array_equal(image.pixels, RGB)


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


def test_a_pil_image_with_alpha_keeps_its_colors():
    transparent = np.dstack([RGB, np.zeros((20, 30), np.uint8)])
    image = as_image(PIL.Image.fromarray(transparent))
    np.testing.assert_array_equal(rgb_of(image), RGB)


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


def test_a_file_with_alpha_keeps_its_colors(tmp_path):
    PIL.Image.fromarray(np.dstack([RGB, np.zeros((20, 30), np.uint8)])).save(tmp_path / "a.png")
    np.testing.assert_array_equal(rgb_of(as_image(tmp_path / "a.png")), RGB)


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


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (RGB.astype(np.float32), TypeError, "image: expected dtype uint8, not float32"),
        (RGB.astype(bool), TypeError, "image: expected dtype uint8, not bool"),
        (RGB.tolist(), TypeError, "image: expected a NumPy array, a path or a PIL image, not list"),
        (None, TypeError, "image: expected a NumPy array, a path or a PIL image, not NoneType"),
        (b"png", TypeError, "image: expected a NumPy array, a path or a PIL image, not bytes"),
        (3, TypeError, "image: expected a NumPy array, a path or a PIL image, not int"),
        (RGB[0, 0], ValueError, "image: expected shape (H, W), (H, W, 3) or (H, W, 4), not (3,)"),
        (
            RGB[np.newaxis],
            ValueError,
            "image: expected shape (H, W), (H, W, 3) or (H, W, 4), not (1, 20, 30, 3)",
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


@pytest.mark.parametrize("color", ["BGR", "gray", "", None])
def test_an_unknown_channel_order_is_refused(color):
    message = f"color: expected 'bgr' or 'rgb', not {color!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        as_image(RGB, color)


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_image_is_named(tmp_path, content):
    path = tmp_path / "image.png"
    path.write_bytes(content)
    message = f"cannot read {path}: not an image in a format that OpenCV knows"
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

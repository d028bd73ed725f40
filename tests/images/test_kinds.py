"""Tests images as people pass them: bytes, open files, tensors, PIL images of every mode."""

import gc
import io
import os
import pickle
import warnings
import zipfile

import cv2
import numpy as np
import PIL.Image
import pytest
from helpers.image_colors import rgb_of

from mtcnn_rt import MTCNN
from mtcnn_rt.images import as_image, decode_image

RGB = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
EXIF_ORIENTATION = 274


def encoded(extension=".png") -> bytes:
    return cv2.imencode(extension, RGB[..., ::-1])[1].tobytes()


class TestEncoded:
    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    @pytest.mark.parametrize("color", ["bgr", "rgb"])
    def test_bytes_are_decoded_whatever_the_channel_order_of_arrays(self, kind, color):
        np.testing.assert_array_equal(rgb_of(as_image(kind(encoded()), color)), RGB)

    def test_open_files(self, tmp_path):
        path = tmp_path / "image.png"
        path.write_bytes(encoded())
        with path.open("rb") as file:
            np.testing.assert_array_equal(rgb_of(as_image(file)), RGB)
        with path.open("rb", buffering=0) as file:
            np.testing.assert_array_equal(rgb_of(as_image(file)), RGB)
        np.testing.assert_array_equal(rgb_of(as_image(io.BytesIO(encoded()))), RGB)
        archive = tmp_path / "images.zip"
        with zipfile.ZipFile(archive, "w") as packed:
            packed.write(path, "image.png")
        with zipfile.ZipFile(archive) as packed, packed.open("image.png") as file:
            np.testing.assert_array_equal(rgb_of(as_image(file)), RGB)

    def test_a_file_is_read_from_where_it_is(self):
        file = io.BytesIO(b"header" + encoded())
        file.seek(6)
        np.testing.assert_array_equal(rgb_of(as_image(file)), RGB)

    @pytest.mark.parametrize("kind", [str, lambda path: path, os.fsencode])
    def test_paths(self, tmp_path, kind):
        path = tmp_path / "image.png"
        path.write_bytes(encoded())
        if kind is os.fsencode:  # bytes are a file's content
            with pytest.raises(ValueError, match="cannot read the bytes: not an image"):
                as_image(kind(path))
        else:
            np.testing.assert_array_equal(rgb_of(as_image(kind(path))), RGB)

    def test_a_file_of_text_is_refused(self, tmp_path):
        path = tmp_path / "image.txt"
        path.write_text("words")
        with path.open() as file, pytest.raises(TypeError, match="open it with mode 'rb'"):
            as_image(file)

    def test_an_image_file_that_is_open_for_reading_text_is_refused(self, tmp_path):
        path = tmp_path / "image.png"
        path.write_bytes(encoded())  # no text: reading it is an error
        message = f"image: {path} is open for reading text; open it with mode 'rb'"
        with path.open(encoding="utf-8") as file, pytest.raises(TypeError) as raised:
            as_image(file)
        assert str(raised.value) == message

    def test_a_file_that_is_read_with_await_is_refused(self):
        class Upload:
            async def read(self, size=-1):
                return encoded()

        message = r"^image: the file is read with await; give its bytes, await file\.read\(\)$"
        with pytest.raises(TypeError, match=message):
            as_image(Upload())
        gc.collect()  # a coroutine that nothing waited for would be a warning, and so an error

    def test_a_file_that_gives_no_bytes_is_refused(self):
        class Lines:
            def read(self, size=-1):
                return ["line"]

        with pytest.raises(TypeError, match=r"^image: expected bytes of the file, not list$"):
            as_image(Lines())

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_decode_image_takes_bytes_of_any_type(self, kind):
        np.testing.assert_array_equal(decode_image(kind(encoded()), "it")[..., ::-1], RGB)

    @pytest.mark.parametrize("given", ["image.png", None, np.zeros(9, np.uint8), io.BytesIO()])
    def test_decode_image_names_what_is_no_bytes(self, given):
        kind = type(given).__name__
        message = f"^content: expected the bytes of a file, not {kind}$"
        with pytest.raises(TypeError, match=message):
            decode_image(given, "it")

    def test_a_large_image_is_refused_by_its_header(self):
        with pytest.raises(ValueError, match="cannot read the bytes: 30 x 20 pixels are more than"):
            as_image(encoded(), max_pixels=599)
        with pytest.raises(ValueError, match="cannot read the file: 30 x 20 pixels are more than"):
            as_image(io.BytesIO(encoded()), max_pixels=599)

    @pytest.mark.parametrize("missing", [1, 2, 40])
    def test_a_jpeg_without_its_end(self, missing):
        whole = encoded(".jpg")
        found = as_image(whole[:-missing]).pixels
        np.testing.assert_array_equal(found[:14, :14], as_image(whole).pixels[:14, :14])

    def test_a_memoryview_of_an_image_is_an_array(self):
        image = as_image(memoryview(RGB), "rgb")
        assert np.shares_memory(image.pixels, RGB)


class TestPil:
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_pil_image_is_turned_as_a_path_is(self, tmp_path, orientation):
        exif = PIL.Image.Exif()
        exif[EXIF_ORIENTATION] = orientation
        path = tmp_path / "turned.jpg"
        PIL.Image.fromarray(RGB).save(path, exif=exif, quality=95)
        by_path = rgb_of(as_image(path))
        np.testing.assert_array_equal(rgb_of(as_image(PIL.Image.open(path))), by_path)
        assert by_path.shape[:2] == ((20, 30) if orientation < 5 else (30, 20))

    def test_tiff_is_turned_once(self, tmp_path):
        exif = PIL.Image.Exif()
        exif[EXIF_ORIENTATION] = 6
        path = tmp_path / "turned.tiff"
        PIL.Image.fromarray(RGB).save(path, exif=exif)
        expected = np.rot90(RGB, -1)
        np.testing.assert_array_equal(rgb_of(as_image(path)), expected)
        np.testing.assert_array_equal(rgb_of(as_image(PIL.Image.open(path))), expected)

    @pytest.mark.parametrize("quarters", range(4))
    def test_avif_is_turned_as_a_path_is(self, tmp_path, quarters):
        pytest.importorskip("PIL._avif")
        path = tmp_path / "turned.avif"
        exif = PIL.Image.Exif()
        exif[EXIF_ORIENTATION] = (1, 8, 3, 6)[quarters]  # which Pillow writes as irot
        smooth = np.zeros((32, 48, 3), np.uint8)
        smooth[:16, :24] = 200
        PIL.Image.fromarray(smooth).save(path, exif=exif, quality=95)
        expected = np.rot90(smooth, quarters).astype(int)
        for given in (path, PIL.Image.open(path)):
            np.testing.assert_allclose(rgb_of(as_image(given)).astype(int), expected, atol=8)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"])
    def test_every_mode_of_8_bits(self, mode):
        gray = PIL.Image.fromarray(np.full((20, 30), 255, np.uint8)).convert("RGB").convert(mode)
        assert np.all(as_image(gray).pixels > 250)

    @pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B"])
    def test_16_bits_are_scaled(self, mode):
        values = (np.arange(600, dtype=np.uint16) * 100).reshape(20, 30)
        image = PIL.Image.fromarray(values)
        if mode == "I;16B":
            image = PIL.Image.frombytes(mode, (30, 20), values.astype(">u2").tobytes())
        np.testing.assert_array_equal(as_image(image).pixels[..., 0], values >> 8)

    @pytest.mark.parametrize("mode", ["I", "F"])
    def test_values_of_unknown_range_are_refused(self, mode):
        with pytest.raises(TypeError, match=rf"PIL's mode '{mode}', whose range is unknown"):
            as_image(PIL.Image.new(mode, (30, 20)))


class TestTensors:
    torch = pytest.importorskip("torch")

    @pytest.mark.parametrize("layout", ["CHW", "HWC"])
    def test_a_tensor_is_rgb(self, layout):
        tensor = self.torch.from_numpy(RGB.copy())
        tensor = tensor.permute(2, 0, 1) if layout == "CHW" else tensor
        for one in (tensor, tensor.contiguous()):
            np.testing.assert_array_equal(rgb_of(as_image(one)), RGB)

    def test_gray_and_alpha(self):
        gray = self.torch.from_numpy(RGB[..., 0].copy())
        for one in (gray, gray[None], gray[..., None]):
            np.testing.assert_array_equal(as_image(one).pixels[..., 1], RGB[..., 0])
        opaque = np.dstack([RGB, np.full((20, 30), 255, np.uint8)])
        tensor = self.torch.from_numpy(opaque).permute(2, 0, 1)
        np.testing.assert_array_equal(rgb_of(as_image(tensor)), RGB)

    @pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
    def test_floats_are_refused_with_both_conversions(self, dtype):
        tensor = self.torch.zeros((3, 20, 30), dtype=getattr(self.torch, dtype))
        with pytest.raises(TypeError) as raised:
            as_image(tensor)
        assert str(raised.value) == (
            f"image: expected a tensor of torch.uint8, not torch.{dtype}; with values from 0 to 1 "
            "give (tensor * 255).round().to(torch.uint8), with values from 0 to 255 "
            "tensor.round().to(torch.uint8)"
        )

    def test_other_integers_are_refused(self):
        with pytest.raises(TypeError, match=r"expected a tensor of torch\.uint8, not torch\.int64"):
            as_image(self.torch.zeros((3, 20, 30), dtype=self.torch.int64))

    @pytest.mark.parametrize(
        ("shape", "message"),
        [
            ((3, 20, 3), r"may be \(C, H, W\) or \(H, W, C\)"),
            ((5, 20, 30), r"expected a tensor of shape .* not \(5, 20, 30\)"),
            ((20,), r"not \(20,\)"),
            ((2, 3, 20, 30), r"a batch of shape \(2, 3, 20, 30\), which `detect_batch` takes"),
        ],
    )
    def test_other_shapes_are_refused(self, shape, message):
        with pytest.raises(ValueError, match=message):
            as_image(self.torch.zeros(shape, dtype=self.torch.uint8))


@pytest.fixture(scope="module")
def detector():
    return MTCNN(min_face_size=40)


class TestBatches:
    def test_every_kind_in_one_list(self, detector, sample_frame, tmp_path):
        photo = sample_frame
        torch = pytest.importorskip("torch")
        rgb = np.ascontiguousarray(photo[..., ::-1])
        path = tmp_path / "photo.png"
        cv2.imwrite(str(path), photo)
        kinds = [
            *(photo, path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())),
            *(PIL.Image.fromarray(rgb), torch.from_numpy(rgb), photo[:200, :300]),
        ]
        expected = detector.detect(photo)
        assert len(expected) >= 4
        *same, part = detector.detect_batch(kinds)
        for faces in same:
            np.testing.assert_array_equal(faces.boxes, expected.boxes)
        np.testing.assert_array_equal(part.boxes, detector.detect(photo[:200, :300]).boxes)

    def test_arrays_and_tensors_of_four_dimensions(self, detector, sample_frame):
        photo = sample_frame
        torch = pytest.importorskip("torch")
        batch = np.stack([photo, photo[::-1]])
        expected = [faces.boxes.tolist() for faces in detector.detect_batch(list(batch))]
        rgb = torch.from_numpy(batch[..., ::-1].copy())
        for images in (batch, rgb, rgb.permute(0, 3, 1, 2), iter(batch)):
            assert [one.boxes.tolist() for one in detector.detect_batch(images)] == expected

    def test_images_and_paths_in_arrays(self, detector, sample_frame, tmp_path):
        photo = sample_frame
        path = tmp_path / "photo.png"
        cv2.imwrite(str(path), photo)
        objects = np.empty(2, object)
        objects[:] = [photo, photo[:200, :300]]
        expected = [faces.boxes.tolist() for faces in detector.detect_batch(list(objects))]
        assert len(expected[0]) == 4
        found = [faces.boxes.tolist() for faces in detector.detect_batch(objects)]
        assert found == expected
        for images in (np.array([str(path)]), np.array([path]), memoryview(photo[np.newaxis])):
            [faces] = detector.detect_batch(images)
            assert faces.boxes.tolist() == expected[0]

    @pytest.mark.parametrize("given", [None, 3, object()])
    def test_what_has_no_images_is_refused(self, detector, given):
        message = f"^images: expected several images, not {type(given).__name__}$"
        with pytest.raises(TypeError, match=message):
            detector.detect_batch(given)

    @pytest.mark.parametrize("one", [encoded(), bytearray(encoded()), io.BytesIO(encoded())])
    def test_one_image_is_refused(self, detector, one):
        with pytest.raises(TypeError, match="images: expected several images, not one"):
            detector.detect_batch(one)

    def test_one_tensor_is_refused(self, detector):
        torch = pytest.importorskip("torch")
        with pytest.raises(TypeError, match="images: expected several images, not one"):
            detector.detect_batch(torch.zeros((3, 20, 30), dtype=torch.uint8))


class TestChannelOrder:
    def test_an_array_of_a_pil_image_without_its_channel_order_warns(self):
        array = np.asarray(PIL.Image.fromarray(RGB))
        with pytest.warns(UserWarning, match="pass color='rgb', or the image itself") as caught:
            as_image(array)
        assert caught[0].filename == __file__

    def test_the_warning_names_the_line_of_the_caller(self):
        array = np.asarray(PIL.Image.fromarray(RGB))
        with pytest.warns(UserWarning, match="color") as caught:
            MTCNN(min_face_size=20).detect(array)
        assert caught[0].filename == __file__

    def test_no_other_array_warns(self):
        pil = PIL.Image.fromarray(RGB)
        gray = np.asarray(pil.convert("L"))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            as_image(np.asarray(pil), "rgb")
            for array in (RGB, RGB.copy(), gray, np.frombuffer(RGB.tobytes(), np.uint8)):
                as_image(array.reshape(20, 30, -1))

    @pytest.mark.parametrize("protocol", [2, 3, 4, 5])
    def test_an_array_from_another_process_does_not_warn(self, protocol):
        """NumPy builds it on the bytes of the message, as `np.asarray` does on a PIL image's."""
        sent = pickle.loads(pickle.dumps(np.full((200, 300, 3), 7, np.uint8), protocol))
        assert (protocol == 5) != isinstance(sent.base, bytes)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert as_image(sent).size == (200, 300)

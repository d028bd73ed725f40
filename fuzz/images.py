"""Decodes and searches mutated image files: faces, or a ValueError that names the file."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO

import cv2
import numpy as np
import PIL.Image

from mtcnn_rt import MTCNN
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images import heic
from mtcnn_rt._images.codecs import Wanted, with_pillow, with_pyav
from mtcnn_rt._images.decoding import decode
from mtcnn_rt._images.headers import read_header

NAME = "the name of the file"
MOST = 1_000_000  # pixels
SEARCHED = 100_000
"""Most pixels of an image that is searched, too; larger ones take long."""

PIL.Image.init()
_OTHERS = (with_pillow.codec(), with_pyav.codec())
_detector = MTCNN(engine="native", threads=1)


def target(content: bytes) -> None:
    """Decodes the content as annotations and as the commands do."""
    for upright, only_frame in ((True, True), (False, False)):
        try:
            decoded = decode(content, NAME, upright, MOST, only_frame)
        except ValueError as error:
            assert str(error).startswith(f"cannot read {NAME}: "), error
            assert "\n" not in str(error), error
        else:
            height, width, channels = decoded.pixels.shape
            assert decoded.pixels.dtype == np.uint8
            assert (channels, 0 < width * height <= MOST) == (3, True)
            if width * height <= SEARCHED:
                assert np.isfinite(_detector.detect(decoded.pixels).boxes).all()

    _decode_without_opencv(content)


def _decode_without_opencv(content: bytes) -> None:
    """Decodes the content with the libraries that take OpenCV's place; PyAV takes long."""
    for codec in _OTHERS if sum(content) % 10 == 0 else _OTHERS[:1]:
        with suppress(ValueError):
            header = read_header(content)
            codec.decode(content, Wanted(header, upright=True, alpha=False, max_pixels=MOST))


def seeds() -> list[bytes]:
    """Returns a small file in every format that OpenCV or Pillow writes, in several modes."""
    generator = np.random.default_rng(0)
    image = cv2.resize(generator.integers(0, 256, (4, 5, 4), np.uint8), (24, 18))
    larger = cv2.resize(image, (48, 40))  # JPEG 2000 has a least size
    found = []
    for extension in (".png", ".tiff", ".webp", ".jp2", ".avif", ".bmp", ".gif"):
        given = larger if extension == ".jp2" else image
        for channels in (given, given[..., :3], given[..., 0]):
            try:
                encoded, content = cv2.imencode(extension, np.ascontiguousarray(channels))
            except cv2.error:  # this format does not have it
                continue
            if encoded:
                found.append(content.tobytes())
    for extension in (".jpg", ".ppm", ".pgm", ".ras"):
        channels = image[..., 0] if extension == ".pgm" else image[..., :3]
        found.append(cv2.imencode(extension, np.ascontiguousarray(channels))[1].tobytes())
    floats = np.ascontiguousarray(image[..., :3]).astype(np.float32)
    found += [cv2.imencode(extension, floats)[1].tobytes() for extension in (".hdr", ".pfm")]
    return found + _seeds_of_pillow(image) + _seeds_of_heic(image)


def _seeds_of_pillow(image: Pixels) -> list[bytes]:
    found = []
    for form in sorted(set(PIL.Image.SAVE) - {"PDF"}):
        for mode in ("RGBA", "RGB", "P", "LA", "1"):
            content = BytesIO()
            with suppress(Exception):  # each format refuses other modes, with errors of many kinds
                PIL.Image.fromarray(image).convert(mode).save(content, form)
                found.append(content.getvalue())
    return found


def _seeds_of_heic(image: Pixels) -> list[bytes]:
    if not heic.is_decodable():
        return []
    import pillow_heif

    found = []
    for mode in ("RGBA", "RGB", "L"):
        content = BytesIO()
        file = pillow_heif.from_pillow(PIL.Image.fromarray(image).convert(mode))
        file.add_from_pillow(PIL.Image.fromarray(image[::2]).convert("RGB"))
        file.save(content)
        found.append(content.getvalue())
    return found

"""Decodes and encodes images with PyAV, where OpenCV is missing and Pillow does not know them."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._image_codecs import NO_ALPHA, Decoded
from mtcnn_rt._image_headers import ORIENTATIONS, ImageHeader, exif_orientation

_JPEG = (".jpg", ".jpeg", ".jpe")
_LAMBDA = 118  # FFmpeg's FF_QP2LAMBDA, in which it counts the quality


class PyAV:
    """See `Codec`."""

    name = "PyAV"

    def decode(
        self, content: bytes, header: ImageHeader | None, upright: bool, alpha: bool
    ) -> Decoded | None:
        """Decodes the content of an image file, see `Codec.decode`."""
        if alpha and header is not None and header.format == "TIFF":
            raise ValueError(NO_ALPHA.format(self.name))
        try:
            with av.open(BytesIO(content), "r") as container:
                frame = next(container.decode(video=0))
                decoded = frame.to_ndarray(format="bgra" if alpha else "bgr24")
        except (FFmpegError, StopIteration, IndexError, ValueError):
            return None
        pixels = np.asarray(decoded, np.uint8)
        if upright and header is not None:
            tiff = header.format == "TIFF"
            pixels = ORIENTATIONS[exif_orientation(content) if tiff else header.orientation](pixels)
        colors = np.ascontiguousarray(pixels[..., :3])
        return Decoded(colors, pixels[..., 3] if alpha else None)

    def encode(self, extension: str, image: Pixels) -> bytes | None:
        """Encodes an image, see `Codec.encode`."""
        jpeg = extension.lower() in _JPEG
        if not jpeg and extension.lower() != ".png":
            return None
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
        try:
            encoder = VideoCodecContext.create("mjpeg" if jpeg else "png", "w")
            encoder.width, encoder.height = frame.width, frame.height
            encoder.time_base = Fraction(1, 1)
            encoder.pix_fmt = "yuvj420p" if jpeg else "rgb24"
            if jpeg:
                encoder.flags |= Flags.qscale
                encoder.global_quality = 2 * _LAMBDA
            frame = frame.reformat(format=encoder.pix_fmt)
            packets = [*encoder.encode(frame), *encoder.encode(None)]
        except (FFmpegError, ValueError) as error:
            raise ValueError(f"PyAV cannot encode it: {error}") from error
        return b"".join(bytes(packet) for packet in packets)


def codec() -> PyAV:
    """Returns the codec."""
    return PyAV()

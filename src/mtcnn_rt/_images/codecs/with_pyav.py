"""Decodes and encodes images with PyAV, where OpenCV is missing and Pillow does not know them."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from struct import unpack_from

import av
import numpy as np
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images.codecs import (
    NO_ALPHA,
    CodecImage,
    TooManyPixelsError,
    Wanted,
    refuse_too_large,
)
from mtcnn_rt._images.headers import ORIENTATIONS, ImageHeader, exif_orientation
from mtcnn_rt.video.pixel_limit import pixel_limit
from mtcnn_rt.video.sources.lengths.chunked import gif
from mtcnn_rt.video.sources.lengths.reading import END_MISSING

_IMAGES = (
    *("apng", "bmp_pipe", "dds_pipe", "gif", "gif_pipe", "hdr_pipe", "ico", "j2k_pipe"),
    *("jpeg_pipe", "jpegls_pipe", "jpegxl_pipe", "mjpeg", "pam_pipe", "pbm_pipe", "pcx_pipe"),
    *("pfm_pipe", "pgm_pipe", "photocd_pipe", "png_pipe", "ppm_pipe", "psd_pipe", "qoi_pipe"),
    *("sgi_pipe", "sunrast_pipe", "tiff_pipe", "webp", "webp_pipe"),
)
"""FFmpeg's names of image formats."""
_SUN = b"\x59\xa6\x6a\x95"
_JPEG = (".jpg", ".jpeg", ".jpe")
_LAMBDA = 118  # FFmpeg's FF_QP2LAMBDA, in which it counts the quality


class PyAV:
    """See `Codec`."""

    name = "PyAV"

    def decode(self, content: bytes, wanted: Wanted) -> CodecImage | None:
        """Decodes the content of an image file, see `Codec.decode`."""
        header, upright, alpha, max_pixels = wanted
        if header is not None and header.unscaled:  # FFmpeg cuts off values beyond 1
            return None
        if _is_cut(content):
            return None
        if alpha and header is not None and header.format == "TIFF":
            raise ValueError(NO_ALPHA.format(self.name))
        try:
            frame = _first_frame(content, max_pixels, _formats(header))
            if frame is None:
                return None
            found = _has_alpha(frame)
            has_alpha = found and (alpha or header is None)
            pixels = np.asarray(frame.to_ndarray(format="bgra" if has_alpha else "bgr24"), np.uint8)
        except TooManyPixelsError:
            raise
        except (FFmpegError, AttributeError, IndexError, ValueError):  # PyAV's streams lack parts
            return None
        if alpha and not found:  # such as that of AVIF, which is an image of its own
            raise ValueError(NO_ALPHA.format(self.name))
        if upright and header is not None:
            tiff = header.format == "TIFF"
            pixels = ORIENTATIONS[exif_orientation(content) if tiff else header.orientation](pixels)
        colors = np.ascontiguousarray(pixels[..., :3])
        return CodecImage(colors, pixels[..., 3] if has_alpha else None)

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


codec = PyAV
"""Makes the codec of this module."""


def _formats(header: ImageHeader | None) -> str:
    """Returns the formats that a file may have: no playlist, which would open other files."""
    avif = header is not None and header.format == "AVIF"
    return "mov" if avif else ",".join(_IMAGES)


def _first_frame(content: bytes, max_pixels: int, formats: str) -> VideoFrame | None:
    options = {**pixel_limit(max_pixels), "format_whitelist": formats}
    with av.open(BytesIO(content), "r", options=options) as container:
        video = container.streams.video[0].codec_context
        refuse_too_large((video.width, video.height), max_pixels)
        video.options = pixel_limit(max_pixels)
        return next(container.decode(video=0), None)


def _is_cut(content: bytes) -> bool:
    """Returns true for files without their end that FFmpeg decodes without an error."""
    if content.startswith(b"GIF8"):
        return gif(BytesIO(content), len(content)) == END_MISSING
    if content.startswith(b"qoif"):
        return not content.endswith(bytes(7) + b"\1")
    if content.startswith(_SUN) and len(content) >= 32:
        length, _, _, colors = unpack_from(">4I", content, 16)
        return bool(len(content) < 32 + colors + length)
    return False


def _has_alpha(frame: VideoFrame) -> bool:
    return frame.format.has_palette or any(part.is_alpha for part in frame.format.components)

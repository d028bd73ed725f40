"""Encodes frames to a video stream that keeps their times, size and colors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter
from av.video.stream import VideoStream

from mtcnn_rt.video.field_marks import FieldMarks
from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.planar_frame import PlanarFrame
from mtcnn_rt.video.sinks.encoder_opening import open_encoder
from mtcnn_rt.video.sinks.encoder_options import (
    Options,
    keeps_fields,
    options_of,
    set_header,
    without_delay,
    works,
)

_H264 = ("libx264", "libopenh264", "h264_videotoolbox", "mpeg4")
CODECS = {
    ".mp4": _H264,
    ".mov": _H264,
    ".mkv": _H264,
    ".webm": ("libvpx-vp9", "libvpx", "libsvtav1"),
    ".gif": ("gif",),
}
"""File types that can be written, by extension, each with FFmpeg's names of its usual encoder and
of the encoders that replace it if this build of FFmpeg lacks it."""

# The color matrices that swscale supports; any other becomes "unspecified", its default.
_MATRICES = (1, 4, 5, 6, 7, 9)
_HAVE_ASPECT = ("h264", "hevc", "mpeg4", "mpeg2video")  # in the video stream itself
_HAVE_RANGE = ("h264", "hevc", "vp9", "av1")
_JOIN_SECONDS = 2  # between frames at which a receiver of a live video can begin
_MPEG4_FINEST = 65535  # units of time per second, by its standard


class VideoEncoder:
    """Adds a video stream to an output, and encodes frames for it.

    Args:
        output: The output.
        video: The properties that all frames share.
        codec: FFmpeg's name of an encoder.
        quality: Constant rate factor on the scale of H.264, 0 to 51, lower is better; None is the
            encoder's usual one.
        preset: Speed of the encoder by x264's names, see `PRESETS`; None is the usual one.
        live: True encodes each frame at once, and lets receivers join within two seconds.

    Raises:
        VideoError: The encoder is missing, or refuses the frames or an option.
    """

    def __init__(
        self,
        output: OutputContainer,
        video: VideoFormat,
        codec: str,
        quality: int | None,
        preset: str | None,
        live: bool = False,
    ) -> None:
        with naming_encoder(codec, video.size):
            options = options_of(codec, video, quality, preset)
            if live:
                options = without_delay(codec, options)
            self._stream = _new_stream(output, video, codec, options)
            if live:
                self._stream.codec_context.gop_size = max(1, round(_JOIN_SECONDS * video.fps))
            open_encoder(self._stream.codec_context)
        self._range = self._stream.codec_context.color_range
        self._reformatter = VideoReformatter()
        self._marks: FieldMarks | None = None
        if video.fields and keeps_fields(codec, video):
            size = (self._stream.width, self._stream.height)
            self._marks = FieldMarks(
                size, str(self._stream.pix_fmt), video.marked_fields or video.fields
            )

    def encode(self, frame: Frame) -> list[Packet[VideoStream]]:
        """Returns the packets that a frame makes ready.

        Raises:
            av.FFmpegError: The frame cannot be encoded.
        """
        converted = self._converted(frame)
        if self._marks is not None:
            converted = self._marks.mark(converted)
        converted.pts, converted.duration = frame.pts, frame.duration
        converted.time_base = frame.time_base
        return self._stream.encode(converted)

    def _converted(self, frame: Frame) -> VideoFrame:
        """Returns a frame in the size and pixel format of the stream."""
        stream = self._stream
        matrix = stream.codec_context.colorspace
        planes = frame.planes if isinstance(frame, PlanarFrame) else None
        if planes is not None and planes.video_frame.colorspace != matrix:
            planes = None  # its luma means other colors than the stream's
        if planes is None:
            pixels = np.ascontiguousarray(frame.image)  # which PyAV needs
            given = VideoFrame.from_numpy_buffer(pixels, format="bgr24")
            given.colorspace = matrix
        else:
            given = planes.video_frame
        form = (given.width, given.height, given.format.name)
        same = form == (stream.width, stream.height, stream.pix_fmt)
        if same and given.color_range == self._range:
            return given
        return self._reformatter.reformat(
            given,
            stream.width,
            stream.height,
            stream.pix_fmt,
            src_color_range=None if planes is None else given.color_range,
            dst_color_range=self._range,
        )

    def finish(self) -> list[Packet[VideoStream]]:
        """Returns the packets that are left at the end.

        Raises:
            av.FFmpegError: The last frames cannot be encoded.
        """
        return self._stream.encode(None)


@contextmanager
def naming_encoder(codec: str, size: tuple[int, int]) -> Iterator[None]:
    """Turns the errors that FFmpeg raises in the block into a VideoError that names the encoder.

    Args:
        codec: Name of the encoder.
        size: Width and height of the frames in pixels, of which some encoders take less.
    """
    try:
        yield
    except UnknownCodecError as error:
        raise VideoError(
            f"cannot encode with {codec!r}: this build of FFmpeg has no such encoder"
        ) from error
    except av.FFmpegError as error:
        frames = "frames of {} x {}".format(*size)
        raise VideoError(f"cannot encode {frames} with {codec!r}: {error.strerror}") from error
    except ValueError as error:
        raise VideoError(f"cannot encode with {codec!r}: {error}") from error


def usual_codec(extension: str, video: VideoFormat) -> str:
    """Returns the encoder to use for a file type.

    It is the first one of `CODECS` if this build of FFmpeg has it, else the first other one that
    works, else the first one again.

    Args:
        extension: A key of `CODECS`.
        video: The properties that all frames share.
    """
    first, *others = CODECS[extension]
    if first in av.codecs_available:
        return first
    return next((name for name in others if works(name, video)), first)


def container_options(video: VideoFormat) -> dict[str, str]:
    """Returns FFmpeg's options for a container that keeps the times of the frames.

    MP4 counts in the time base of the frames. Its edit list, which has the start of each stream,
    counts in a multiple that is fine enough for audio. Other file types ignore these options.
    """
    unit = video.time_base.denominator
    options = {
        "movflags": "+faststart",
        "video_track_timescale": str(unit),
        "movie_timescale": str(unit * math.ceil(10_000 / unit)),
    }
    if video.start < 0:  # else players would drop the frames before 0
        options["avoid_negative_ts"] = "make_non_negative"
    return options


def _new_stream(
    output: OutputContainer, video: VideoFormat, codec: str, options: Options
) -> VideoStream:
    """Adds a video stream to the output and sets its encoder up."""
    if av.Codec(codec, "w").type != "video":
        raise ValueError("it is no video encoder")
    stream = output.add_stream(codec, rate=video.fps, options=options.by_name)
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    if options.bit_rate:
        context.bit_rate = options.bit_rate
    size, context.sample_aspect_ratio = video.size, video.aspect
    if video.aspect != 1 and not _keeps_aspect(output, stream):
        size, context.sample_aspect_ratio = _square(size, video.aspect), Fraction(1)
    context.width, context.height = size
    context.pix_fmt = _pixel_format(stream, size)
    stream.time_base = context.time_base = Fraction(1, _units(codec, video.time_base.denominator))
    # Keeps the duration of the last frame. No B-frames, since MP4 takes the length of a stream from
    # the distances of its packets, which have to be those of the frames.
    context.flags |= Flags.frame_duration
    set_header(output, context)
    context.max_b_frames = 0
    matrix, context.color_trc, context.color_primaries = video.colors
    context.colorspace = matrix if matrix in _MATRICES else 2
    full = video.full_range and stream.codec.canonical_name in _HAVE_RANGE
    context.color_range = ColorRange.JPEG if full else ColorRange.MPEG
    return stream


def _keeps_aspect(output: OutputContainer, stream: VideoStream) -> bool:
    """Returns True if the shape of the pixels gets into a file: through PyAV, Matroska has none."""
    matroska = output.format.name in ("matroska", "webm")
    return not matroska or stream.codec.canonical_name in _HAVE_ASPECT


def _square(size: tuple[int, int], aspect: Fraction) -> tuple[int, int]:
    """Returns the size of frames of the same shape with square pixels, which loses none."""
    width, height = size
    if aspect > 1:
        return round(width * aspect / 2) * 2, height
    return width, round(height / aspect / 2) * 2


def _pixel_format(stream: VideoStream, size: tuple[int, int]) -> str:
    """Returns the pixel format of a stream.

    H.264 and HEVC crop by whole chroma pixels, so that an odd side needs full chroma resolution.
    """
    known = [form.name for form in stream.codec.video_formats or ()]
    odd = any(side % 2 for side in size)
    if odd and stream.codec.canonical_name in ("h264", "hevc") and "yuv444p" in known:
        return "yuv444p"
    if not known or "yuv420p" in known:
        return "yuv420p"
    best, _ = av.codec.codec.find_best_pix_fmt_of_list(known, "bgr24")
    return best.name if best else known[0]


def _units(codec: str, units: int) -> int:
    """Returns the units of time per second that an encoder takes.

    They are those of the frames, or the most, within the encoder's limit, that divide them.
    """
    if codec != "mpeg4" or units <= _MPEG4_FINEST:
        return units
    parts = (n for n in range(-(-units // _MPEG4_FINEST), units + 1) if units % n == 0)
    return units // next(parts)

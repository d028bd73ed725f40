"""A video stream that keeps the times, the size and the colors of its frames."""

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

from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.sinks.encoder_options import Options, options_of, works

_H264 = ("libx264", "libopenh264", "h264_videotoolbox", "mpeg4")
CODECS = {
    ".mp4": _H264,
    ".mov": _H264,
    ".mkv": _H264,
    ".webm": ("libvpx-vp9", "libvpx", "libsvtav1"),
    ".gif": ("gif",),
}
"""The file types that can be written, each with FFmpeg's names of its usual encoder and of those
that take its place where FFmpeg was built without it."""

# The matrices that swscale can make; another one becomes unspecified, its default.
_MATRICES = (1, 4, 5, 6, 7, 9)
_MPEG4_FINEST = 65535  # units a second, by its standard


class VideoEncoder:
    """Encodes frames. Raises VideoError where the encoder is missing or refuses them.

    quality  a constant rate factor on the scale of H.264, 0 to 51, lower is better; None is usual.
    preset   how much time to take, by x264's names, such as veryfast or slow; None is usual.
    """

    def __init__(
        self,
        output: OutputContainer,
        video: VideoFormat,
        codec: str,
        quality: int | None,
        preset: str | None,
    ) -> None:
        with naming_encoder(codec):
            options = options_of(codec, video, quality, preset)
            self._stream = _new_stream(output, video, codec, options)
            self._stream.codec_context.open()
        self._reformatter = VideoReformatter()

    def encode(self, frame: Frame) -> list[Packet[VideoStream]]:
        """The packets that are ready. Raises av.FFmpegError."""
        stream = self._stream
        pixels = np.ascontiguousarray(frame.image)  # or PyAV refuses it
        bgr = VideoFrame.from_numpy_buffer(pixels, format="bgr24")
        bgr.colorspace = stream.codec_context.colorspace
        picture = self._reformatter.reformat(
            bgr, stream.width, stream.height, stream.pix_fmt, dst_color_range=ColorRange.MPEG
        )
        picture.pts, picture.duration = frame.pts, frame.duration
        picture.time_base = frame.time_base
        return stream.encode(picture)

    def finish(self) -> list[Packet[VideoStream]]:
        return self._stream.encode(None)


@contextmanager
def naming_encoder(codec: str) -> Iterator[None]:
    """Turns what FFmpeg raises about an encoder into a VideoError."""
    try:
        yield
    except UnknownCodecError as error:
        raise VideoError(
            f"cannot encode with {codec!r}: FFmpeg here has no such encoder"
        ) from error
    except av.FFmpegError as error:
        raise VideoError(f"cannot encode with {codec!r}: {error.strerror}") from error
    except ValueError as error:
        raise VideoError(f"cannot encode with {codec!r}: {error}") from error


def usual_codec(extension: str, video: VideoFormat) -> str:
    """The first of `CODECS` if it is there, else the next one that works, else the first."""
    first, *others = CODECS[extension]
    if first in av.codecs_available:
        return first
    return next((name for name in others if works(name, video)), first)


def container_options(video: VideoFormat) -> dict[str, str]:
    """Times as they are: MP4 counts in the units of the frames, and its edit list, which has the
    start of each stream, in a multiple fine enough for audio. Other file types ignore these."""
    unit = video.time_base.denominator
    options = {
        "movflags": "+faststart",
        "video_track_timescale": str(unit),
        "movie_timescale": str(unit * math.ceil(10_000 / unit)),
    }
    if video.start < 0:  # or players would drop the frames before 0
        options["avoid_negative_ts"] = "make_non_negative"
    return options


def _new_stream(
    output: OutputContainer, video: VideoFormat, codec: str, options: Options
) -> VideoStream:
    if av.Codec(codec, "w").type != "video":
        raise ValueError("it is no video encoder")
    stream = output.add_stream(codec, rate=video.fps, options=options.by_name)
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    if options.bit_rate:
        context.bit_rate = options.bit_rate
    context.width, context.height = video.size
    context.pix_fmt = _pixel_format(stream, video.size)
    context.sample_aspect_ratio = video.aspect
    stream.time_base = context.time_base = Fraction(1, _units(codec, video.time_base.denominator))
    # The last frame lasts as long as it says. No B-frames, since MP4 takes the length of a stream
    # from the distances of its packets, which have to be those of the frames.
    context.flags |= Flags.frame_duration
    context.max_b_frames = 0
    matrix, context.color_trc, context.color_primaries = video.colors
    context.colorspace = matrix if matrix in _MATRICES else 2
    context.color_range = ColorRange.MPEG
    return stream


def _pixel_format(stream: VideoStream, size: tuple[int, int]) -> str:
    """H.264 and HEVC cut a picture by whole chroma pixels: an odd side needs full chroma."""
    known = [form.name for form in stream.codec.video_formats or ()]
    odd = any(side % 2 for side in size)
    if odd and stream.codec.canonical_name in ("h264", "hevc") and "yuv444p" in known:
        return "yuv444p"
    if not known or "yuv420p" in known:
        return "yuv420p"
    best, _ = av.codec.codec.find_best_pix_fmt_of_list(known, "bgr24")
    return best.name if best else known[0]


def _units(codec: str, units: int) -> int:
    """Of time a second: those of the frames, or the finest of which they are a multiple."""
    if codec != "mpeg4" or units <= _MPEG4_FINEST:
        return units
    parts = (n for n in range(-(-units // _MPEG4_FINEST), units + 1) if units % n == 0)
    return units // next(parts)

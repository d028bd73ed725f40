"""A video stream that keeps the times, the size and the colours of its frames."""

from __future__ import annotations

import math
from fractions import Fraction

import av
from av.codec.codec import UnknownCodecError
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from mtcnn_rt.video.frame import VideoError, VideoFormat

_OPTIONS = {
    "libx264": {"crf": "20", "preset": "veryfast"},
    "libx265": {"crf": "23", "preset": "veryfast", "x265-params": "log-level=none"},
    "libvpx-vp9": {"crf": "32", "deadline": "good", "cpu-used": "5", "row-mt": "1"},
}
_MATRICES = (
    1,
    4,
    5,
    6,
    7,
    9,
)  # that swscale can make; another one becomes unspecified, its default


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


def add_video_stream(
    output: OutputContainer, video: VideoFormat, codec: str, quality: int | None
) -> VideoStream:
    try:
        stream = _new_stream(output, video.fps, codec, quality)
        _set_up(stream, video)
        stream.codec_context.open()
    except UnknownCodecError as error:
        raise VideoError(
            f"cannot encode with {codec!r}: FFmpeg here has no such encoder"
        ) from error
    except av.FFmpegError as error:
        raise VideoError(f"cannot encode with {codec!r}: {error.strerror}") from error
    except ValueError as error:
        raise VideoError(f"cannot encode with {codec!r}: {error}") from error
    return stream


def _new_stream(
    output: OutputContainer, fps: Fraction, codec: str, quality: int | None
) -> VideoStream:
    if av.Codec(codec, "w").type != "video":
        raise ValueError("it is no video encoder")
    options = dict(_OPTIONS.get(codec, {}))
    if quality is not None:
        options["crf"] = str(quality)
    stream = output.add_stream(codec, rate=fps, options=options)
    assert isinstance(stream, VideoStream)
    return stream


def _set_up(stream: VideoStream, video: VideoFormat) -> None:
    context = stream.codec_context
    context.width, context.height = video.size
    context.pix_fmt = _pixel_format(stream, video.size)
    context.sample_aspect_ratio = video.aspect
    stream.time_base = context.time_base = Fraction(1, video.time_base.denominator)
    # The last frame lasts as long as it says. No B-frames, since MP4 takes the length of a stream
    # from the distances of its packets, which have to be those of the frames.
    context.flags |= Flags.frame_duration
    context.max_b_frames = 0
    matrix, context.color_trc, context.color_primaries = video.colours
    context.colorspace = matrix if matrix in _MATRICES else 2
    context.color_range = ColorRange.MPEG


def _pixel_format(stream: VideoStream, size: tuple[int, int]) -> str:
    """H.264 and HEVC cut a picture by whole chroma pixels: an odd side needs full chroma."""
    odd = any(side % 2 for side in size)
    return "yuv444p" if odd and stream.codec.canonical_name in ("h264", "hevc") else "yuv420p"

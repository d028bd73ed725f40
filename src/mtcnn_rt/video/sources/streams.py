"""Sets the decoding of the streams that are used up, and tells what a video stream is like."""

from __future__ import annotations

from fractions import Fraction

from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from mtcnn_rt.video.codec_threads import open_codec
from mtcnn_rt.video.field_marks import marked_fields
from mtcnn_rt.video.frame import VideoFormat
from mtcnn_rt.video.pixel_limit import pixel_limit
from mtcnn_rt.video.planar_frame import is_full_range
from mtcnn_rt.video.sources import timing
from mtcnn_rt.video.sources.choosing import THUMBNAILS, audio_of, is_avif, transparency_of
from mtcnn_rt.video.sources.decoding import Decoded, Decoding
from mtcnn_rt.video.sources.side_streams import SideStreams
from mtcnn_rt.video.sources.span import Span
from mtcnn_rt.video.sources.transparency import alpha_decoder
from mtcnn_rt.video.sources.upright import UprightConverter, upright_fields

_LARGE = 1 << 25  # pixels of a frame, as of 8K video


def decoding_of(
    container: InputContainer, stream: VideoStream, span: Span, notes: list[str]
) -> Decoding:
    """Returns what decodes a video stream; lets FFmpeg pass over the streams not used.

    Args:
        container: The input.
        stream: The video stream.
        span: The time that is wanted.
        notes: Gets a line if there are several video streams.
    """
    mask = transparency_of(container, stream)
    videos = [s for s in container.streams.video if not s.disposition & THUMBNAILS]
    if len(videos) > 1 and not is_avif(container):
        size = f"{stream.codec_context.width} x {stream.codec_context.height}"
        number = container.streams.video.index(stream)
        notes.append(f"video stream {number} ({size}) is used, of {len(videos)}")
    audio = audio_of(container, stream)
    side_streams = SideStreams(container, stream, audio, span)
    used = {stream.index, *(s.index for s in side_streams.streams)}
    used |= {mask.index} if mask else set()
    for other in container.streams:
        if other.index not in used:
            other.discard = Discard.all  # or all qualities of an HLS playlist are loaded
    clock = timing.new_clock(container, span.start, stream, audio)
    return Decoding(container, stream, side_streams, clock, alpha_decoder(stream), mask)


def open_decoder(stream: VideoStream, max_pixels: int) -> None:
    """Opens the decoder of a stream, for which a frame of more pixels is an error in the data.

    Raises:
        av.FFmpegError: It cannot be opened.
    """
    context = stream.codec_context
    context.options = pixel_limit(max_pixels)
    # Frame threads hold a frame each.
    stream.thread_type = "SLICE" if context.width * context.height > _LARGE else "AUTO"
    open_codec(context)


def format_of(
    stream: VideoStream,
    first: Decoded,
    converter: UprightConverter,
    fps: Fraction,
    time_base: Fraction,
    *,
    from_0: bool,
) -> VideoFormat:
    """Returns what all frames of a stream share.

    Args:
        stream: The stream.
        first: The first frame, and its transparency.
        converter: Turns the frames upright.
        fps: Frames per second.
        time_base: Seconds per unit of the times.
        from_0: True if the times begin at 0, wherever the first frame is.
    """
    context, (frame, _) = stream.codec_context, first
    aspect = timing.fraction(stream.sample_aspect_ratio) or Fraction(1)
    return VideoFormat(
        size=converter.size,
        fps=fps,
        time_base=time_base,
        start=0 if from_0 else frame.pts or 0,
        aspect=1 / aspect if converter.transposed else aspect,
        colors=(context.colorspace, context.color_trc, context.color_primaries),
        fields=upright_fields(timing.fields(frame, context), converter),
        marked_fields=upright_fields(marked_fields(frame), converter),
        full_range=converter.has_planes(*first) and is_full_range(frame),
    )

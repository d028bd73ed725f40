"""Chooses the streams of an input that are used, and sets their decoding up."""

from __future__ import annotations

from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from mtcnn_rt.video.sources import timing
from mtcnn_rt.video.sources.choosing import THUMBNAILS, audio_of, is_avif, transparency_of
from mtcnn_rt.video.sources.decoding import Decoding
from mtcnn_rt.video.sources.side_streams import SideStreams
from mtcnn_rt.video.sources.span import Span
from mtcnn_rt.video.sources.transparency import alpha_decoder


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

"""Chooses the video stream of an input, and the audio that belongs to it."""

from __future__ import annotations

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

THUMBNAILS = Disposition.attached_pic | Disposition.timed_thumbnails
"""Marks of cover images and thumbnails, which are video streams to FFmpeg."""
VARIANT = "variant_bitrate"
"""Metadata that the streams of one quality of an HLS playlist have."""
_BRANDS = ("major_brand", "compatible_brands")
_GRAY = ("gray", "gray10le", "gray12le")


def choose_video(container: InputContainer, number: int | None) -> VideoStream:
    """Returns the video stream with the largest frames, or the one with a number.

    Of streams with frames of one size it is the one that the container marks as default, then the
    one with more frames, then the first. Cover images, thumbnails and streams without a decoder
    are chosen by their number only.

    Args:
        container: The input.
        number: Number of the stream among the video streams, from 0; None chooses.

    Raises:
        ValueError: There is no such stream, or no decoder for it.
    """
    streams = container.streams.video
    if number is not None:
        if not 0 <= number < len(streams):
            raise ValueError(f"no video stream {number}, only {len(streams)}, counted from 0")
        chosen = streams[number]
    else:
        videos = [stream for stream in streams if not stream.disposition & THUMBNAILS]
        if not videos:
            raise ValueError("no video stream")
        chosen = max(videos, key=_importance)
    if chosen.codec_context is None:
        raise ValueError("no decoder for its video stream")
    return chosen


def _importance(stream: VideoStream) -> tuple[int, int, int, int]:
    """Returns what to choose a video stream by, in order."""
    if stream.codec_context is None:
        return (-1, 0, 0, -stream.index)
    pixels = stream.codec_context.width * stream.codec_context.height
    default = bool(stream.disposition & Disposition.default)
    return (pixels, default, stream.frames, -stream.index)


def is_avif(container: InputContainer) -> bool:
    """Returns True for AVIF, whose first frame may be a video stream of its own."""
    brands = [container.metadata.get(name, "") for name in _BRANDS]
    return any("avif" in brand or "avis" in brand for brand in brands)


def transparency_of(container: InputContainer, stream: VideoStream) -> VideoStream | None:
    """Returns the stream that has the transparency of another one, as in AVIF; None if none has."""
    if not is_avif(container):
        return None
    size = (stream.codec_context.width, stream.codec_context.height)
    for other in container.streams.video:
        context = other.codec_context
        if other.index == stream.index or context is None or other.frames != stream.frames:
            continue
        if context.pix_fmt in _GRAY and (context.width, context.height) == size:
            return other
    return None


def audio_of(container: InputContainer, video: VideoStream) -> tuple[AudioStream, ...]:
    """Returns the audio streams that belong to a video stream.

    These are all, except where an input has several programs, or one video in several qualities.
    """
    audio = container.streams.audio
    variant = video.metadata.get(VARIANT)
    if variant:
        return tuple(s for s in audio if s.metadata.get(VARIANT, variant) == variant)
    own = container.streams.best("audio", related=video)
    others = [
        container.streams.best("audio", related=other)
        for other in container.streams.video
        if not other.disposition & THUMBNAILS
    ]
    if own is None or all(other is None or other.index == own.index for other in others):
        return audio
    return tuple(stream for stream in audio if stream.index == own.index)

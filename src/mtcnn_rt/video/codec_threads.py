"""Opens decoders and encoders also where the system starts no more threads."""

from __future__ import annotations

from contextlib import suppress

from av.codec.context import CodecContext
from av.error import BlockingIOError, ExternalError, FFmpegError


def open_codec(context: CodecContext) -> None:
    """Opens a decoder or an encoder, with one thread if it cannot start those that it wants.

    FFmpeg's own codecs then report EAGAIN, and x264 an error of its library. Containers with a
    limit of processes, and `ulimit -u`, are such places.

    Args:
        context: The codec, which is not open.

    Raises:
        av.FFmpegError: It cannot be opened.
    """
    try:
        context.open()
    except (BlockingIOError, ExternalError):
        context.thread_count = 1
        context.open()


def try_to_open(context: CodecContext) -> None:
    """Opens a decoder as `open_codec` does; if it fails, decoding has the reason."""
    with suppress(FFmpegError):
        open_codec(context)

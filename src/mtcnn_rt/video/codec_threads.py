"""Opens decoders and encoders also where the system starts no more threads."""

from __future__ import annotations

from av.codec.codec import UnknownCodecError
from av.codec.context import CodecContext
from av.error import BlockingIOError, ExternalError


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
        if not _opens_again(context):
            raise
        context.thread_count = 1
        context.open()


def _opens_again(context: CodecContext) -> bool:
    """Returns False if FFmpeg took the codec from a context that did not open, as from 9 on.

    PyAV would then crash at the next attempt.
    """
    try:
        return context.codec is not None
    except UnknownCodecError:
        return False

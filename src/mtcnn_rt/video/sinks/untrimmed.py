"""Describes sound without the edits of its file."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from av.stream import Stream

from mtcnn_rt.video.sinks.described import described
from mtcnn_rt.video.sources.side_streams import PRIMING

_Stream = TypeVar("_Stream", bound=Stream)


def untrimmed(stream: _Stream) -> _Stream:
    """Returns a stream whose sound is heard from its first packet on.

    FFmpeg from 9 on takes what an edit list of MOV cuts off the beginning for the padding that an
    encoder makes. A copy, whose first packet comes behind it, would lose as much once more. A
    stream in a file without edits has the same codec and no such padding.

    Args:
        stream: A stream of an input.
    """
    context: Any = stream.codec_context
    padding = getattr(context, "initial_padding", 0)  # PyAV before 19 has none
    if not padding or padding <= PRIMING * context.sample_rate:
        return stream
    plain = described("mov", lambda output: output.add_stream_from_template(stream))
    return cast(_Stream, plain.streams[0])

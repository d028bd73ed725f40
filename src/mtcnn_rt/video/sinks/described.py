"""Writes the descriptions of streams into memory, and reads them as a player would."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import av
from av.container import InputContainer, OutputContainer


def described(file_type: str, add: Callable[[OutputContainer], object]) -> InputContainer:
    """Returns a file of MP4 or MOV that has streams, but no packets.

    Args:
        file_type: FFmpeg's name.
        add: Adds the streams.
    """
    file = BytesIO()
    # With fragments, the description of the streams comes before there are packets.
    with av.open(file, "w", format=file_type, options={"movflags": "+empty_moov"}) as output:
        add(output)
        output.start_encoding()
    file.seek(0)
    return av.open(file, "r")

"""How files are opened with PyAV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

# Titles and the like that are no UTF-8 are no reason to refuse a video. PyAV 19 takes them always.
_LENIENT: dict[str, Any] = (
    {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
)


def open_input(path: str | Path) -> InputContainer:
    """Raises av.FFmpegError or OSError.

    The path is made absolute, since FFmpeg takes what stands before a colon for a protocol."""
    return av.open(Path(path).resolve(), "r", **_LENIENT)

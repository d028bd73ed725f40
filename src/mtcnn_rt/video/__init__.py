"""Reads, searches and writes videos: sources of frames, the pipeline, and sinks.

Names are loaded on first use, since FFmpeg takes time to load.

Example:
    >>> from pathlib import Path
    >>> import mtcnn_rt
    >>> from mtcnn_rt.video import FileSource
    >>> with FileSource(Path(mtcnn_rt.__file__).with_name("sample.mp4")) as source:
    ...     source.size, source.frame_count
    ((640, 360), 125)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mtcnn_rt._packages import needs

if TYPE_CHECKING:
    from mtcnn_rt.video.frame import Frame, Source, VideoError, VideoFormat
    from mtcnn_rt.video.pipeline import FrameResult, stream
    from mtcnn_rt.video.sinks.crops import CropWriter
    from mtcnn_rt.video.sinks.file import FileSink
    from mtcnn_rt.video.sinks.records import CsvWriter, JsonLinesWriter
    from mtcnn_rt.video.sources.camera import CameraSource
    from mtcnn_rt.video.sources.file import FileSource
    from mtcnn_rt.video.sources.paced import PacedSource
    from mtcnn_rt.video.sources.reconnecting import Reconnecting

__all__ = [
    "CameraSource",
    "CropWriter",
    "CsvWriter",
    "FileSink",
    "FileSource",
    "Frame",
    "FrameResult",
    "JsonLinesWriter",
    "PacedSource",
    "Reconnecting",
    "Source",
    "VideoError",
    "VideoFormat",
    "stream",
]

_HOMES = {
    "CameraSource": "sources.camera",
    "CropWriter": "sinks.crops",
    "CsvWriter": "sinks.records",
    "FileSink": "sinks.file",
    "FileSource": "sources.file",
    "Frame": "frame",
    "FrameResult": "pipeline",
    "JsonLinesWriter": "sinks.records",
    "PacedSource": "sources.paced",
    "Reconnecting": "sources.reconnecting",
    "Source": "frame",
    "VideoError": "frame",
    "VideoFormat": "frame",
    "stream": "pipeline",
}


def __getattr__(name: str) -> Any:
    """Loads a public name, and with it FFmpeg or OpenCV, on its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with needs(f"{__name__}.{name}"):
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Lists the public names, loaded or not."""
    return list(__all__)

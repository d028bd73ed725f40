"""Videos and cameras: sources of frames, the pipeline through a detector, and sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtcnn_rt.video.pipeline import FrameResult, stream

__all__ = ["FrameResult", "stream"]


def __getattr__(name: str) -> Any:
    """Loads the pipeline, and with it FFmpeg, when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mtcnn_rt.video import pipeline

    return getattr(pipeline, name)

"""Follows faces through a video: stable ids, smooth boxes, and far fewer full detections."""

from mtcnn_rt.tracking.tracked import Tracked
from mtcnn_rt.tracking.tracker import Tracker

__all__ = ["Tracked", "Tracker"]


def __dir__() -> list[str]:
    """Lists the public names."""
    return list(__all__)

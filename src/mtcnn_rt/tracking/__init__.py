"""Faces through a video: an id for each, smooth boxes, and far fewer full detections."""

from mtcnn_rt.tracking.tracked import Tracked
from mtcnn_rt.tracking.tracker import Tracker

__all__ = ["Tracked", "Tracker"]

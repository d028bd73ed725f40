"""Gives the frames of a video as items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from mtcnn_rt._files.extensions import VIDEOS
from mtcnn_rt.batch.items import FrameOf, Item, Unreadable


def is_video_name(name: str) -> bool:
    """Returns true for a name with the extension of a video."""
    return PurePath(name).suffix.lower() in VIDEOS


def frames_of(path: str, max_pixels: int, every: int) -> Iterator[Item]:
    """Yields the frames of a video, and an item with the reason where it breaks off.

    Args:
        path: The video.
        max_pixels: Most pixels of a frame.
        every: 1 is every frame, 2 every second one, ...
    """
    from mtcnn_rt.video import FileSource, VideoError

    try:
        with FileSource(Path(path), max_pixels=max_pixels) as source:
            for frame in source:
                if frame.index % every == 0:
                    yield Item(path, FrameOf(frame.index, round(frame.time, 6), frame.image))
            if source.errors:
                reason = f"{source.errors} errors in its data, whose frames are missing"
                yield Item(path, Unreadable(f"{path}: {reason}"))
            if source.incomplete:
                yield Item(path, Unreadable(f"{path}: {source.incomplete}"))
    except (VideoError, OSError) as error:
        yield Item(path, Unreadable(str(error)))


def frame_count(path: str, every: int) -> int:
    """Returns about how many frames a video has; 0 if it cannot be read."""
    from mtcnn_rt.video import FileSource, VideoError

    try:
        with FileSource(Path(path)) as source:
            return -(-source.frame_count // every)
    except (VideoError, OSError):
        return 0

"""Plays a file at its own rate, as if it were a camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from time import perf_counter

from mtcnn_rt._closing import Closing
from mtcnn_rt.video.frame import Frame, Source, VideoError
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.timeline import Timeline

_PATIENCE = 0.5  # seconds by which a reader may fall behind a file and still catch up


class PacedSource(Closing, Source):
    """Gives the frames of a file, none before its time, as a camera would.

    A reader that falls behind by more than half a second goes on from there at the file's rate.

    Args:
        source: The file. Closing the paced source closes it.
        loop: True starts the file again at its end, forever; times and indices go on.

    Attributes:
        name: Of the file.
        format: The properties that all frames share.
        notes: Those of the file.
        live: True: a slow reader should skip frames.

    Raises:
        VideoError: `loop` is True and the source is no file, so that it comes only once; later: the
            file cannot be opened again.

    Example:
        >>> from pathlib import Path
        >>> import mtcnn_rt
        >>> clip = FileSource(Path(mtcnn_rt.__file__).with_name("sample.mp4"))
        >>> with PacedSource(clip, loop=True) as camera:
        ...     for frame in camera:
        ...         if frame.time >= 0.2:
        ...             break
        >>> frame.index
        5
    """

    live = True

    def __init__(self, source: FileSource, loop: bool = False) -> None:
        if loop and source.path is None:
            raise VideoError(f"{source.name}: cannot start again, only a file can")
        self.name, self.format, self.notes = source.name, source.format, source.notes
        self._source = source
        self._loop = loop
        self._stop = Event()

    def stop(self) -> None:
        """Ends the frames at once, also for a reader that waits; may be called from any thread."""
        self._stop.set()

    def close(self) -> None:
        """Closes the file; not while another thread waits for a frame."""
        self._source.close()

    def __iter__(self) -> Iterator[Frame]:
        """Gives the frames, each at its time."""
        began: float | None = None
        for frame in self._frames():
            now = perf_counter()
            if began is None or now - began - frame.time > _PATIENCE:
                began = now - frame.time
            if self._stop.wait(max(0, began + frame.time - now)):
                return
            yield replace(frame, captured=perf_counter())

    def _frames(self) -> Iterator[Frame]:
        """Gives the frames without waiting."""
        timeline = Timeline(self.format)
        yield from map(timeline.place, self._source)
        while self._loop and not self._stop.is_set():
            self._source.close()
            self._source = self._source.reopened()
            timeline.restart(timeline.end)
            yield from map(timeline.place, self._source)

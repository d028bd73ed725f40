"""Plays a file at its own rate, in the place of a camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from time import perf_counter

from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.timeline import Timeline

_PATIENCE = 0.5  # seconds that a reader may fall behind a file and catch up


class PacedSource:
    """The frames of a file, none before its time: a file in the place of a camera.

        with PacedSource(FileSource("clip.mp4"), loop=True) as camera:
            for frame in camera:
                ...

    A reader that falls behind by more than half a second goes on from there at the file's rate.
    With `loop` the file starts again at its end, for ever; times and indices grow on. Raises
    VideoError where it cannot be opened again. Closing it closes the file.
    """

    name: str
    format: VideoFormat
    notes: list[str]
    live = True

    def __init__(self, source: FileSource, loop: bool = False) -> None:
        """Raises VideoError: `loop`, and the source is no file, so that it comes only once."""
        if loop and source.path is None:
            raise VideoError(f"{source.name}: cannot start again, only a file can")
        self.name, self.format, self.notes = source.name, source.format, source.notes
        self._source, self._path = source, source.path
        self._loop = loop
        self._stop = Event()

    def __enter__(self) -> PacedSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """No frame comes any more. From any thread; who waits for one waits no longer."""
        self._stop.set()

    def close(self) -> None:
        """Not while another thread waits for a frame."""
        self._source.close()

    def __iter__(self) -> Iterator[Frame]:
        began: float | None = None
        for frame in self._frames():
            now = perf_counter()
            if began is None or now - began - frame.time > _PATIENCE:
                began = now - frame.time
            if self._stop.wait(max(0, began + frame.time - now)):
                return
            yield replace(frame, captured=perf_counter())

    def _frames(self) -> Iterator[Frame]:
        timeline = Timeline(self.format)
        yield from map(timeline.place, self._source)
        while self._loop and self._path and not self._stop.is_set():
            self._source.close()
            self._source = FileSource(self._path)
            timeline.restart(timeline.end)
            yield from map(timeline.place, self._source)

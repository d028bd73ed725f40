"""Opens a camera or a stream again whenever it breaks off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from threading import Event
from time import perf_counter

from mtcnn_rt.video.frame import Frame, Source, VideoError, VideoFormat
from mtcnn_rt.video.sources.timeline import Timeline


class Reconnecting:
    """The frames of a source that is opened again whenever it breaks off or ends.

        with Reconnecting(lambda: FileSource("rtsp://camera/1"), print) as camera:
            for frame in camera:
                ...

    open_source  opens it; may raise VideoError.
    tell         hears, in a line each, that it broke off and when it is tried again, and that it is
                 back.
    first, most  seconds to wait before it is opened again: `first`, then twice as long each time
                 that this fails, up to `most`.

    Raises VideoError where the source cannot be opened at first; afterwards only `stop` ends it.
    Frames keep the size of the first one, their indices grow on, and their times leave out as much
    as the source was away.
    """

    name: str
    format: VideoFormat
    notes: list[str]
    live = True

    def __init__(
        self,
        open_source: Callable[[], Source],
        tell: Callable[[str], None] = lambda line: None,
        *,
        first: float = 1,
        most: float = 30,
    ) -> None:
        self._open_source = open_source
        self._tell = tell
        self._first, self._most, self._delay = first, most, first
        self._why = ""
        self._stop = Event()
        self._source = open_source()
        self.name, self.format = self._source.name, self._source.format
        self.notes = self._source.notes

    def __enter__(self) -> Reconnecting:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """No frame comes any more. From any thread; it takes no longer than the source waits for
        data."""
        self._stop.set()
        self._source.stop()

    def close(self) -> None:
        """Not while another thread waits for a frame."""
        self._source.close()

    def __iter__(self) -> Iterator[Frame]:
        timeline = Timeline(self.format)
        while not self._stop.is_set():
            yield from self._until_it_breaks(timeline)
            away = perf_counter()
            self._come_back()
            timeline.restart(timeline.end + Fraction(perf_counter() - away))

    def _until_it_breaks(self, timeline: Timeline) -> Iterator[Frame]:
        try:
            for frame in self._source:
                self._delay = self._first
                yield timeline.place(frame)
                if self._stop.is_set():
                    return
            self._why = f"{self.name}: {self._source.notes[-1] if self._source.notes else 'ended'}"
        except VideoError as error:
            self._why = str(error)

    def _come_back(self) -> None:
        """Tries until it is open or nobody wants it any more."""
        self._source.close()
        while not self._stop.is_set():
            self._tell(f"{self._why}; trying again in {self._delay:g} s")
            if self._stop.wait(self._delay):
                return
            self._delay = min(2 * self._delay, self._most)
            try:
                self._source = self._open_source()
            except VideoError as error:
                self._why = str(error)
            else:
                self._tell(f"{self.name}: is back")
                return

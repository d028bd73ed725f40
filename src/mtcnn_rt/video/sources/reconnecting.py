"""Opens a camera or a network stream again whenever it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from threading import Event
from time import perf_counter

from mtcnn_rt._closing import Closing
from mtcnn_rt._packages import importing
from mtcnn_rt.video.frame import Frame, Source, VideoError

with importing(__name__):
    from mtcnn_rt.video.sources.timeline import Timeline


class Reconnecting(Closing, Source):
    """Gives the frames of a source that it opens again whenever the source fails or ends.

    Only `stop` ends the frames. They keep the size of the first one, their indices go on, and their
    times have a gap as long as the source was away.

    Args:
        open_source: Opens the source; may raise VideoError.
        report: Gets a line when the source fails, with the time until the next try, and another one
            when it is back.
        first_delay: Time to wait before the source is opened again, in seconds. It doubles with
            each try that fails.
        longest_delay: Limit of that time, in seconds.

    Attributes:
        name: Of the source.
        format: The properties that all frames share.
        notes: Those of the source.
        live: True: a slow reader should skip frames.

    Raises:
        VideoError: The source cannot be opened at first.

    Example:
        Read from a network camera for as long as the program runs:

            from mtcnn_rt.video import FileSource, Reconnecting

            with Reconnecting(lambda: FileSource("rtsp://camera/1"), print) as camera:
                for frame in camera:
                    print(frame.time)
    """

    live = True

    def __init__(
        self,
        open_source: Callable[[], Source],
        report: Callable[[str], None] = lambda line: None,
        *,
        first_delay: float = 1,
        longest_delay: float = 30,
    ) -> None:
        self._open_source = open_source
        self._report = report
        self._first_delay, self._longest_delay = first_delay, longest_delay
        self._delay = first_delay
        self._why = ""
        self._stop = Event()
        self._source = open_source()
        self.name, self.format = self._source.name, self._source.format
        self.notes = self._source.notes

    def stop(self) -> None:
        """Ends the frames; may be called from any thread.

        This takes no longer than the source waits for data.
        """
        self._stop.set()
        self._source.stop()

    def close(self) -> None:
        """Closes the source; not while another thread waits for a frame."""
        self._source.close()

    def __iter__(self) -> Iterator[Frame]:
        """Gives the frames until `stop`."""
        timeline = Timeline(self.format)
        while not self._stop.is_set():
            yield from self._until_it_fails(timeline)
            away = perf_counter()
            self._reopen()
            timeline.restart(timeline.end + Fraction(perf_counter() - away))

    def _until_it_fails(self, timeline: Timeline) -> Iterator[Frame]:
        """Gives frames until the source fails or ends; keeps the reason."""
        try:
            for frame in self._source:
                self._delay = self._first_delay
                yield timeline.place(frame)
                if self._stop.is_set():
                    return
            self._why = f"{self.name}: {self._source.notes[-1] if self._source.notes else 'ended'}"
        except VideoError as error:
            self._why = str(error)

    def _reopen(self) -> None:
        """Tries to open the source until that succeeds or `stop` is called."""
        self._source.close()
        while not self._stop.is_set():
            self._report(f"{self._why}; trying again in {self._delay:g} s")
            if self._stop.wait(self._delay):
                return
            self._delay = min(2 * self._delay, self._longest_delay)
            try:
                self._source = self._open_source()
            except VideoError as error:
                self._why = str(error)
            else:
                self._report(f"{self.name}: is back")
                return

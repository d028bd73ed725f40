"""Results that a thread makes while others are shown."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import replace
from threading import Condition, Event, Thread
from types import TracebackType
from typing import cast

from mtcnn_rt.tracking import Tracker
from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.pipeline import Detector, Result, stream


class Feed:
    """The newest of `results`, a generator that a thread runs, whoever waits for its frames.

    A result that nobody has taken when the next one comes counts as dropped, too. The `with` block
    ends the thread, with the next frame of the source or its end."""

    def __init__(self, results: Generator[Result]) -> None:
        self._results = results
        self._changed = Condition()
        self._newest: Result | None = None
        self._replaced = 0
        self._ended = self._stopped = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="mtcnn-rt feed", daemon=True)

    def __enter__(self) -> Feed:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._stopped = True
        self._thread.join()

    @property
    def ended(self) -> bool:
        """There is no result left, nor an error to raise, and there will be none."""
        with self._changed:
            return self._ended and self._newest is None and self._error is None

    def take(self, timeout: float) -> Result | None:
        """The newest result, or None if there is none within `timeout` seconds. Raises what the
        source or the detector has raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._ended, timeout)
            result, self._newest = self._newest, None
            if result is None and self._error is not None:
                raise self._error
            return result and replace(result, dropped=result.dropped + self._replaced)

    def _run(self) -> None:
        try:
            with closing(self._results):
                for result in self._results:
                    if not self._put(result):
                        break
        except BaseException as error:
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _put(self, result: Result) -> bool:
        """Whether more results are wanted."""
        with self._changed:
            self._replaced += self._newest is not None
            self._newest = result
            self._changed.notify_all()
            return not self._stopped


def live_results(
    source: Iterable[Frame], alone: Detector, tracker: Tracker, tracking: Event
) -> Generator[Result]:
    """`stream` of a live source, with `tracker` while `tracking` is set and with `alone` while it
    is not."""
    frames = iter(source)  # once, since it goes on where the stream before has ended
    dropped = 0
    while True:
        tracked = tracking.is_set()
        found = stream(frames, tracker if tracked else alone, live=True)
        last = 0
        with closing(cast("Generator[Result]", found)):
            for result in found:
                last = result.dropped
                yield replace(result, dropped=dropped + last)
                if tracking.is_set() != tracked:
                    break
            else:
                return
        dropped += last

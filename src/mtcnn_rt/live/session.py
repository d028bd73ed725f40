"""A live video on a view: what is shown, recorded, and done on request."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.faces import Faces
from mtcnn_rt.live.snapshot import save_snapshot
from mtcnn_rt.live.status import News, Rates
from mtcnn_rt.live.view import Action, Status, View
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.video.frame import Frame, VideoError
from mtcnn_rt.video.pipeline import Detector, FrameResult, stream
from mtcnn_rt.video.reader import Reader
from mtcnn_rt.video.sinks.file import FileSink

Pixels = NDArray[np.uint8]
Paint = Callable[[Pixels, Faces, NDArray[np.int64] | None, NDArray[np.float32]], None]

PATIENCE = 0.01
"""Seconds to wait for a result before the view is asked what is wanted."""


@dataclass
class Choices:
    """What somebody in front of the view can change.

    look      a key of the session's looks.
    tracking  a flag, set while faces have ids, for the thread that looks for them."""

    look: str
    tracking: Event = field(default_factory=Event)
    paused: bool = False

    def toggle_tracking(self) -> None:
        if self.tracking.is_set():
            self.tracking.clear()
        else:
            self.tracking.set()


class Session:
    """Shows the results of `feed` on `view`, and writes what is shown to `sink`.

    looks   ways to paint faces on a picture; "anonymize" goes from one to the next.
    folder  where snapshots go.

    While it is paused the view and the recording keep the last picture."""

    recorded: int
    """Frames written so far."""

    def __init__(
        self,
        feed: Reader[FrameResult],
        view: View,
        looks: Mapping[str, Paint],
        choices: Choices,
        sink: FileSink | None,
        news: News,
        folder: Path,
    ) -> None:
        self._feed, self._view, self._sink = feed, view, sink
        self._looks, self._choices, self._news, self._folder = looks, choices, news, folder
        self._rates = Rates()
        self._last: FrameResult | None = None
        self._painted: Pixels | None = None
        self._dropped = 0
        self._shown = Status()
        self.recorded = 0

    def run(self, stopped: Callable[[], bool]) -> VideoError | None:
        """Until `stopped`, the end of the feed, or a request. Gives the error that ended the source
        if there was one: what is recorded is worth keeping. Raises other errors, such as those of
        the sink."""
        while not (stopped() or self._feed.ended):
            for action in self._show(self._feed.take(PATIENCE)):
                if action == "quit":
                    return None
                self._do(action)
        try:
            self._feed.check()
        except VideoError as error:
            return error
        return None

    def _show(self, result: FrameResult | None) -> list[Action]:
        if result is not None:
            self._dropped = result.dropped + self._feed.dropped
        fresh = None if self._choices.paused else result
        if fresh is not None:
            self._last = fresh
            self._paint()
            self._rates.shown(fresh.frame.captured)
        status = self._status()
        renewed = fresh is not None or _words(status) != _words(self._shown)
        self._shown = status
        actions = self._view.show(self._painted if renewed else None, status)
        if fresh is not None:
            self._record(fresh)
        return actions

    def _record(self, result: FrameResult) -> None:
        if self._sink is None or self._painted is None:
            return
        self._sink.write(replace(result.frame, image=self._painted))
        self.recorded += 1

    def _paint(self) -> None:
        last = self._last
        if last is None:
            return
        self._painted = last.image.copy()  # the frame's own may be painted otherwise later
        self._looks[self._choices.look](self._painted, last.faces, last.ids, last.hidden)

    def _status(self) -> Status:
        fps, latency = self._rates.lately()
        return Status(
            fps=fps,
            latency=latency,
            dropped=self._dropped,
            faces=0 if self._last is None else len(self._last.faces),
            paused=self._choices.paused,
            tracking=self._choices.tracking.is_set(),
            anonymize=self._choices.look,
            recording=self._sink is not None,
            message=self._news.line,
        )

    def _do(self, action: Action) -> None:
        if action == "snapshot":
            self._save()
        elif action == "pause":
            self._choices.paused = not self._choices.paused
        elif action == "tracking":
            self._choices.toggle_tracking()
        elif action == "anonymize":
            looks = list(self._looks)
            self._choices.look = looks[(looks.index(self._choices.look) + 1) % len(looks)]
            self._paint()

    def _save(self) -> None:
        if self._painted is None:
            return
        try:
            news = f"saved {save_snapshot(self._painted, self._folder).name}"
        except VideoError as error:
            news = str(error)
        self._news.tell(news)


def live_results(
    source: Iterable[Frame], alone: Detector, tracker: Tracker, tracking: Event
) -> Generator[FrameResult]:
    """`stream` of a live source, with `tracker` while `tracking` is set and with `alone` while it
    is not."""
    frames = iter(source)  # once, since it goes on where the stream before has ended
    dropped = 0
    while True:
        tracked = tracking.is_set()
        found = stream(frames, tracker if tracked else alone, live=True)
        last = 0
        with closing(cast("Generator[FrameResult]", found)):
            for result in found:
                last = result.dropped
                yield replace(result, dropped=dropped + last)
                if tracking.is_set() != tracked:
                    break
            else:
                return
        dropped += last


def _words(status: Status) -> Status:
    """What of the status has to be seen, though there is no other picture."""
    return replace(status, fps=0, latency=0, dropped=0)

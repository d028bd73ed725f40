"""Runs a live view: detects, paints, shows, records, and does what viewers ask for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from threading import Event

from mtcnn_rt._arrays import Pixels
from mtcnn_rt.drawing.painter import CoveringPainter, Found, Painter
from mtcnn_rt.live.outputs import LiveRecords
from mtcnn_rt.live.snapshot import Snapshots
from mtcnn_rt.live.status import News, Rates, Status
from mtcnn_rt.live.view import Action, View
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.video.frame import Frame, FrameWriter, VideoError
from mtcnn_rt.video.pipeline import Detector, FrameResult, stream
from mtcnn_rt.video.reader import Reader
from mtcnn_rt.video.sinks.records import RecordWriter

PATIENCE = 0.01
"""Seconds to wait for a result before the view is asked for actions."""


@dataclass
class Choices:
    """The choices that viewers can change.

    Attributes:
        painter: A key of the session's painters.
        always_covered: Faces are covered for the whole session: actions change the method alone,
            and not the tracking, which keeps faces covered that are lost for a moment.
        tracking: Is set while faces have ids; the thread that detects them reads it.
        paused: The view and the recording keep the last image.
    """

    painter: str
    always_covered: bool = False
    tracking: Event = field(default_factory=Event)
    paused: bool = False

    def toggle_tracking(self) -> None:
        """Begins or ends tracking."""
        if self.tracking.is_set():
            self.tracking.clear()
        else:
            self.tracking.set()


class Session:
    """Shows the results of a live video on a view, and records the shown images.

    Args:
        feed: Gives the results of the video.
        view: Shows the images.
        painters: Painters by name; the action "anonymize" goes from one to the next. All of them
            have to cover faces if the choices are `always_covered`.
        choices: The choices to begin with.
        sink: Records the shown images; None records nothing.
        news: Takes lines such as the name of a snapshot.
        snapshots: Saves single images, up to its limits.
        records: Takes the faces of the shown images; None takes none.

    Attributes:
        recorded: Frames written so far.

    Raises:
        ValueError: A painter does not cover faces, though they are to be always covered.
    """

    def __init__(
        self,
        feed: Reader[FrameResult],
        view: View,
        painters: Mapping[str, Painter],
        choices: Choices,
        sink: FrameWriter | None,
        news: News,
        snapshots: Snapshots,
        records: RecordWriter | LiveRecords | None = None,
    ) -> None:
        all_cover = all(isinstance(painter, CoveringPainter) for painter in painters.values())
        if choices.always_covered and not all_cover:
            raise ValueError("a painter does not cover faces, though they are to be always covered")
        self._feed, self._view, self._sink = feed, view, sink
        self._painters, self._choices, self._news = painters, choices, news
        self._snapshots, self._records = snapshots, records
        self._rates = Rates()
        self._last: FrameResult | None = None
        self._painted: Pixels | None = None
        self._dropped = 0
        self._shown = Status()
        self.recorded = 0

    def run(self, stopped: Callable[[], bool]) -> VideoError | None:
        """Runs until `stopped` returns true, the feed ends, or a viewer quits.

        Raises errors other than VideoError, such as those of the sink.

        Args:
            stopped: Is asked about 100 times per second.

        Returns:
            The error that ended the source, or None. It is not raised, because the recording up to
            there is worth keeping.
        """
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
        renewed = fresh is not None or _without_rates(status) != _without_rates(self._shown)
        self._shown = status
        actions = self._view.show(self._painted if renewed else None, status)
        if fresh is not None:
            self._record(fresh)
        return actions

    def _record(self, result: FrameResult) -> None:
        if self._records is not None:
            ids = None if result.ids is None else result.ids.tolist()
            self._records.write(result.frame.index, result.time, result.faces, ids)
        if self._sink is None or self._painted is None:
            return
        self._sink.write(replace(result.frame, image=self._painted))
        self.recorded += 1

    def _paint(self) -> None:
        last = self._last
        if last is None:
            return
        image = last.image.copy()  # another painter may paint the frame's own later
        painter = self._painters[self._choices.painter]
        painter.paint(image, Found(last.faces, last.ids, last.hidden))
        self._painted = image

    def _status(self) -> Status:
        fps, latency = self._rates.lately()
        return Status(
            fps=fps,
            latency=latency,
            dropped=self._dropped,
            faces=0 if self._last is None else len(self._last.faces),
            paused=self._choices.paused,
            tracking=self._choices.tracking.is_set(),
            anonymize=self._choices.painter,
            always_covered=self._choices.always_covered,
            recording=self._sink is not None,
            message=self._news.line,
        )

    def _do(self, action: Action) -> None:
        if action == "snapshot":
            self._save()
        elif action == "pause":
            self._choices.paused = not self._choices.paused
        elif action == "tracking" and self._choices.always_covered:
            self._news.show("tracking stays as it is with --anonymize")
        elif action == "tracking":
            self._choices.toggle_tracking()
        elif action == "anonymize":
            names = list(self._painters)
            self._choices.painter = names[(names.index(self._choices.painter) + 1) % len(names)]
            self._paint()

    def _save(self) -> None:
        if self._painted is None:
            return
        if refusal := self._snapshots.refusal():
            return self._news.show(refusal)
        try:
            line = f"saved {self._snapshots.save(self._painted).name}"
        except VideoError as error:
            line = str(error)
        self._news.add(line)


def live_results(
    source: Iterable[Frame], alone: Detector, tracker: Tracker, tracking: Event
) -> Generator[FrameResult]:
    """Yields the results of `stream` for a live source, with or without tracking.

    Args:
        source: The frames.
        alone: Detects the faces of each frame by itself while `tracking` is not set.
        tracker: Follows the faces while `tracking` is set.
        tracking: May change at any time.

    Yields:
        Results whose `dropped` counts from the beginning.
    """
    frames = iter(source)  # once, since every stream goes on where the one before has ended
    dropped = 0
    while True:
        tracked = tracking.is_set()
        results = stream(frames, tracker if tracked else alone, live=True)
        last = 0
        with closing(results):
            for result in results:
                last = result.dropped
                yield replace(result, dropped=dropped + last)
                if tracking.is_set() != tracked:
                    break
            else:
                return
        dropped += last


def _without_rates(status: Status) -> Status:
    """Returns the status without numbers whose change alone needs no new image."""
    return replace(status, fps=0, latency=0, dropped=0)

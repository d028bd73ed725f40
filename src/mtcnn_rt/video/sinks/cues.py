"""Joins subtitles that are on the screen together, for formats that show one text at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Cue:
    """A text of subtitles as a sample of MP4: its length in two bytes, the text, and its styles.

    Attributes:
        start: Time at which it comes up, in units of its stream.
        end: Time at which it goes.
        sample: The bytes.
    """

    start: int
    end: int
    sample: bytes

    @property
    def text(self) -> bytes:
        """The text, UTF-8, without the styles."""
        return self.sample[2 : 2 + int.from_bytes(self.sample[:2], "big")]


class Joined:
    """Gives cues that do not overlap: where several are on the screen, one with all of their texts.

    Cues come in the order of their starts; each is given once the next one tells how long it is
    alone.
    """

    def __init__(self) -> None:
        self._shown: list[Cue] = []
        self._given_to = -(1 << 62)  # time up to which cues are given

    def add(self, cue: Cue) -> list[Cue]:
        """Adds the next cue; returns those that end before it, or change when it comes."""
        ready = self._until(cue.start)
        self._given_to = max(cue.start, self._given_to)
        self._shown.append(cue)
        return ready

    def finish(self) -> list[Cue]:
        """Returns the cues that are left."""
        return self._until(math.inf)

    def _until(self, time: float) -> list[Cue]:
        ready = []
        while self._shown and self._given_to < time:
            change = int(min(time, *(cue.end for cue in self._shown)))
            if change > self._given_to:
                ready.append(_together(self._shown, self._given_to, change))
            self._given_to = max(change, self._given_to)
            self._shown = [cue for cue in self._shown if cue.end > change]
        return ready


def _together(cues: list[Cue], start: int, end: int) -> Cue:
    if len(cues) == 1:
        return Cue(start, end, cues[0].sample)
    text = b"\n".join(cue.text for cue in cues)[:0xFFFF]
    return Cue(start, end, len(text).to_bytes(2, "big") + text)

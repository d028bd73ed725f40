"""What a live picture is shown on: a window, or a page in browsers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

Action = Literal["quit", "snapshot", "pause", "tracking", "anonymize"]
"""What somebody in front of a view can ask for."""
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True)
class Status:
    """What a view tells beside the picture.

    fps        pictures shown a second, lately.
    latency    milliseconds from the capture of a picture until it is shown, lately.
    dropped    frames that newer ones have replaced so far.
    faces      in the picture.
    paused     the picture stands still.
    tracking   faces have ids.
    anonymize  what covers the faces: "off", or a method of `anonymize`.
    recording  what is shown is written to a file.
    message    news, such as the name of a snapshot; empty if there are none.
    """

    fps: float = 0.0
    latency: float = 0.0
    dropped: int = 0
    faces: int = 0
    paused: bool = False
    tracking: bool = False
    anonymize: str = "off"
    recording: bool = False
    message: str = ""

    def lines(self) -> list[str]:
        """For `draw_status`."""
        numbers = f"{self.fps:.1f} fps   {self.latency:.0f} ms   {self.dropped} dropped"
        states = [
            "paused" if self.paused else "",
            "recording" if self.recording else "",
            "" if self.tracking else "no tracking",
            "" if self.anonymize == "off" else self.anonymize,
        ]
        return [numbers, "   ".join(filter(None, states)), self.message]


class View(Protocol):
    def show(self, image: NDArray[np.uint8] | None, status: Status) -> list[Action]:
        """Shows a picture, (H, W, 3) uint8 BGR, which nobody changes from now on; None leaves the
        last one. Returns at once, with what was asked for since the last call."""

    def close(self) -> None:
        """Ends the view. Once or several times."""

"""Defines the protocol of a live view, which `window.py` and `browser.py` implement."""

from __future__ import annotations

from typing import Literal, Protocol, get_args

from mtcnn_rt._arrays import Pixels
from mtcnn_rt.live.status import Status

Action = Literal["quit", "snapshot", "pause", "tracking", "anonymize"]
"""An action that a viewer can ask for."""
ACTIONS: tuple[Action, ...] = get_args(Action)


class View(Protocol):
    """Shows a live video and takes the viewers' actions."""

    def show(self, image: Pixels | None, status: Status) -> list[Action]:
        """Shows an image and the status, and returns at once.

        Args:
            image: (H, W, 3) uint8 BGR, which must not change from now on; None keeps the last one.
            status: The numbers and states to show.

        Returns:
            The actions that viewers have asked for since the last call.
        """

    def close(self) -> None:
        """Ends the view. More calls do nothing."""

"""Shows a live video in a window of OpenCV."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter

import cv2

from mtcnn_rt._arrays import Pixels
from mtcnn_rt.drawing.overlay import draw_status
from mtcnn_rt.live.status import Status
from mtcnn_rt.live.view import Action

KEYS: dict[int, Action] = {
    ord("q"): "quit",
    27: "quit",  # Esc
    ord("s"): "snapshot",
    ord(" "): "pause",
    ord("t"): "tracking",
    ord("a"): "anonymize",
}
"""Actions by the codes of their keys."""

HELP = (ord("h"), ord("?"))
"""Keys that show and hide the list of keys."""

HINT_SECONDS = 5.0
"""Seconds after the opening for which the window names the key of the list."""

LARGEST = (1280, 800)
"""Width and height in pixels that a window has at most until the user enlarges it."""

_FLAGS = cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL
_PROBE = "import cv2; cv2.namedWindow('mtcnn-rt'); cv2.destroyAllWindows()"
_PROBE_SECONDS = 20.0


class Window:
    """A window with the image and the status on it.

    It opens with the first image, and closing it asks to quit. All calls must come from one
    thread, on macOS the main one.

    Args:
        title: The title of the window, which identifies it.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._open, self._helps, self._hint_end = False, False, 0.0
        self._image: Pixels | None = None

    def show(self, image: Pixels | None, status: Status) -> list[Action]:
        """Draws the image with the status, and returns the action of a pressed key.

        A key of `HELP` shows or hides the list of keys, and is no action.

        Args:
            image: (H, W, 3) uint8 BGR; None keeps the last one.
            status: The numbers and states to write on a copy of the image.
        """
        if image is not None:
            self._image = image
            self._draw(image, status)
        if not self._open or self._image is None:
            return []
        key = cv2.waitKeyEx(1)  # `waitKey` takes an arrow for a Q
        if not self._visible():
            return ["quit"]
        if _lower(key) in HELP:
            self._helps = not self._helps
            self._draw(self._image, status)
            return []
        action = KEYS.get(_lower(key))
        return [] if action is None else [action]

    def close(self) -> None:
        """Closes the window, if it is open."""
        if self._open and self._visible():
            cv2.destroyWindow(self._title)
            cv2.waitKey(1)  # or some systems leave it on the screen
        self._open = False

    def _draw(self, image: Pixels, status: Status) -> None:
        shown = image.copy()
        draw_status(shown, [line for line in (*status.lines(), *self._help_lines(status)) if line])
        if not self._open:
            cv2.namedWindow(self._title, _FLAGS)
            cv2.resizeWindow(self._title, *_first_size(image.shape[1], image.shape[0]))
            self._open, self._hint_end = True, perf_counter() + HINT_SECONDS
        elif not self._visible():  # `imshow` would open it again
            return
        cv2.imshow(self._title, shown)

    def _help_lines(self, status: Status) -> list[str]:
        if self._helps:
            return key_lines(status.always_covered)
        return ["h: keys"] if not self._open or perf_counter() < self._hint_end else []

    def _visible(self) -> bool:
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # Qt has ended with its last window
            return False


def key_lines(always_covered: bool) -> list[str]:
    """Returns a line for each key.

    Args:
        always_covered: Leave out what has no effect while faces are always covered.
    """
    methods = "blur, pixelate, solid"
    return [
        "s: save an image",
        "space: pause, go on",
        *([] if always_covered else ["t: track faces, or search every frame by itself"]),
        f"a: cover faces: {methods if always_covered else f'off, {methods}'}",
        "h: hide these lines",
        "q, Esc: end",
    ]


def why_no_window() -> str | None:
    """Returns the reason why no window can be opened, in a few words; None if one can."""
    if sys.platform.startswith("linux") and not _names_display():
        return "there is no screen here"
    if sys.platform.startswith("linux") and _pyav_was_first():
        return "PyAV was loaded before OpenCV, whose windows then hang"
    if getattr(sys, "frozen", False):  # a program of PyInstaller's: it has no Python of its own
        return None
    # In a process of its own, since Qt ends the process where it cannot reach the screen.
    try:
        probe = subprocess.run(
            [sys.executable, "-c", _PROBE], capture_output=True, timeout=_PROBE_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return "no window can be opened here"
    if b"not implemented" in probe.stderr:
        return "this OpenCV has no windows"
    return "no window can be opened here" if probe.returncode else None


def _names_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _pyav_was_first() -> bool:
    """Returns true if PyAV was loaded before OpenCV.

    Both bring libraries of X along, and those of the first serve both (PyAV issue 1050).
    """
    loaded = [name for name in sys.modules if name in ("av", "cv2")]
    return loaded[:1] == ["av"]


def _first_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, LARGEST[0] / width, LARGEST[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _lower(key: int) -> int:
    """Returns the code of the key's small letter, without modifiers; -1 if there is none."""
    code = key & 0xFFFF
    return ord(chr(code).lower()[0]) if key >= 0 and code < 128 else -1

"""Tests of the window, on a screen if there is one."""

import re
import subprocess
import sys

import numpy as np
import pytest

from mtcnn_rt.live import window
from mtcnn_rt.live.status import Status
from mtcnn_rt.live.window import KEYS, Window, why_no_window

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks for X or Wayland")


@linux
def test_a_missing_screen_is_the_reason(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert why_no_window() == "there is no screen here"


@pytest.fixture(autouse=True)
def opencv_was_first(monkeypatch):
    monkeypatch.setattr(window, "_pyav_was_first", lambda: False)


@linux
def test_pyav_before_opencv_is_the_reason(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(window.sys, "modules", {"av": 1, "cv2": 2})
    assert why_no_window() == "PyAV was loaded before OpenCV, whose windows then hang"


@linux
def test_a_screen_that_cannot_be_reached_is_the_reason(monkeypatch):
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":54321")
    assert why_no_window() == "no window can be opened here"


def test_opencv_without_windows_is_the_reason(monkeypatch):
    answer = subprocess.CompletedProcess([], 1, b"", b"The function is not implemented.")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(window.subprocess, "run", lambda *_, **__: answer)
    assert why_no_window() == "this OpenCV has no windows"


def test_a_frozen_program_is_not_started_again(monkeypatch):
    """`sys.executable` is the program itself there, which would run once more for a look."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(window.subprocess, "run", lambda *_, **__: pytest.fail("it was started"))
    assert why_no_window() is None


@pytest.fixture
def keys(monkeypatch):
    """Replaces OpenCV's functions: presses the keys in a list, and records calls in another."""
    keys, calls = [], []
    fakes = {
        "namedWindow": lambda *_: calls.append("open"),
        "resizeWindow": lambda _, *size: calls.append(size),
        "imshow": lambda _, image: calls.append(image),
        "waitKey": lambda _: -1,
        "waitKeyEx": lambda _: keys.pop(0) if keys else -1,
        "getWindowProperty": lambda *_: 1.0,
        "destroyWindow": lambda _: calls.append("close"),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(window.cv2, name, fake)
    return keys, calls


def test_keys_give_actions(keys):
    pressed, _ = keys
    view = Window("test")
    assert view.show(None, Status()) == []  # not yet open
    assert view.show(np.zeros((60, 80, 3), np.uint8), Status()) == []
    for key, action in KEYS.items():
        pressed.append(key)
        assert view.show(None, Status()) == [action]
    for key in (ord("S"), ord("Q"), 0x100000 | ord("t")):  # with Shift, with the number lock
        pressed.append(key)
        assert len(view.show(None, Status())) == 1
    for key in (ord("x"), 0, 255, 0xFF51):  # the last one is an arrow
        pressed.append(key)
        assert view.show(None, Status()) == []


def test_the_status_is_drawn_on_a_copy(keys):
    _, calls = keys
    view = Window("test")
    image = np.full((720, 1600, 3), 200, np.uint8)
    view.show(image, Status(fps=25, recording=True))
    assert (image == 200).all()
    opened, size, shown = calls
    assert opened == "open"
    assert size == (1280, 576)
    assert (shown != image).any()
    view.close()
    view.close()
    assert calls[3:] == ["close"]


def test_a_key_shows_and_hides_the_keys(keys, monkeypatch):
    pressed, calls = keys
    drawn = []
    monkeypatch.setattr(window, "draw_status", lambda _, lines: drawn.append(lines))
    view = Window("test")
    image = np.zeros((60, 80, 3), np.uint8)
    view.show(image, Status())
    assert drawn[-1][1:] == ["no tracking", "h: keys"]
    for key in (ord("h"), ord("?"), ord("H")):
        pressed.append(key)
        shown = len(calls)
        assert view.show(None, Status(always_covered=key == ord("H"))) == []
        assert len(calls) == shown + 1  # at once, also while the image stands still
        if key == ord("h"):
            assert drawn[-1][2:] == window.key_lines(False)
        elif key == ord("?"):
            assert drawn[-1][1:] == ["no tracking", "h: keys"]
    assert drawn[-1][2:] == window.key_lines(True)
    monkeypatch.setattr(window, "perf_counter", lambda: float("inf"))
    pressed.append(ord("h"))
    view.show(image, Status())
    view.show(image, Status())
    assert drawn[-1][1:] == ["no tracking"]  # the hint is there in the beginning alone


@pytest.mark.parametrize("always_covered", [False, True])
def test_the_lines_name_every_key_that_acts(always_covered):
    text = " ".join(window.key_lines(always_covered))
    names = {ord(" "): "space", 27: "Esc"}
    for key, action in KEYS.items():
        if action != "tracking" or not always_covered:
            assert re.search(rf"\b{names.get(key, chr(key))}[:,]", text), action
    assert ("off" in text) is not always_covered


def test_closing_the_window_asks_to_quit(keys, monkeypatch):
    _, calls = keys
    view = Window("test")
    image = np.zeros((60, 80, 3), np.uint8)
    view.show(image, Status())

    def gone(*_):
        raise window.cv2.error("NULL guiReceiver")

    monkeypatch.setattr(window.cv2, "getWindowProperty", gone)
    before = len(calls)
    assert view.show(image, Status()) == ["quit"]
    view.close()
    assert len(calls) == before  # it is not opened again


_SHOW = """
import numpy as np
from mtcnn_rt.live.status import Status
from mtcnn_rt.live.window import Window, why_no_window
import av  # after OpenCV, or its windows hang
if why := why_no_window():
    raise SystemExit(f"skip: {why}")
view = Window("mtcnn-rt test")
for _ in range(3):
    assert view.show(np.zeros((60, 80, 3), np.uint8), Status()) == []
view.close()
"""


def test_a_window_on_the_screen():
    shown = subprocess.run(
        [sys.executable, "-c", _SHOW], capture_output=True, text=True, timeout=30
    )
    if shown.stderr.startswith("skip: "):
        pytest.skip(shown.stderr[6:].strip())
    assert shown.returncode == 0, shown.stderr

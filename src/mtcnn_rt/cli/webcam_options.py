"""What `mtcnn-rt webcam` makes of its options: addresses, sources, views, looks."""

from __future__ import annotations

import functools
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from mtcnn_rt.cli.painting import Paint
    from mtcnn_rt.live.view import View
    from mtcnn_rt.video.frame import Source

ADDRESS = "127.0.0.1:8000"


def as_size(text: str) -> tuple[int, int]:
    """Width and height. Raises BadParameter."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text.lower())
    if match is None:
        raise click.BadParameter(f"{text!r} is not a size such as 1280x720")
    return int(match[1]), int(match[2])


def as_address(text: str) -> tuple[str, int]:
    """Host and port of HOST:PORT, HOST or PORT. Raises BadParameter."""
    host, port = ADDRESS.split(":")
    try:
        given = urlsplit(f"//:{text}" if text.isdecimal() else f"//{text}")
        found = given.hostname or host, int(port) if given.port is None else given.port
    except ValueError:
        given = None
    if given is None or not text or given.path or given.query or given.fragment or "@" in text:
        raise click.BadParameter(f"{text!r} is not an address such as {ADDRESS}")
    return found


def is_camera(name: str) -> bool:
    """Whether it is a camera's number or device, rather than a file or a URL."""
    return name.isdecimal() or Path(name).is_char_device()


def open_live(
    name: str,
    size: tuple[int, int] | None,
    fps: float | None,
    tell: Callable[[str], None],
) -> Source:
    """The frames of --camera; a camera or live stream that breaks off is opened again, which `tell`
    hears. Raises VideoError; UsageError for options without effect."""
    from mtcnn_rt.video.sources.camera import CameraSource
    from mtcnn_rt.video.sources.file import FileSource
    from mtcnn_rt.video.sources.opening import is_url
    from mtcnn_rt.video.sources.paced import PacedSource
    from mtcnn_rt.video.sources.reconnecting import Reconnecting

    if is_camera(name):
        device = int(name) if name.isdecimal() else name
        return Reconnecting(lambda: CameraSource(device, size, fps), tell)
    if size or fps:
        raise click.UsageError("--size and --fps are for cameras")
    source = FileSource(name)
    if not is_url(name) or source.duration:  # a stream that is live does not know its end
        return PacedSource(source)
    first = [source]
    return Reconnecting(lambda: first.pop() if first else FileSource(name), tell)


@contextmanager
def open_view(title: str, web: tuple[str, int] | None) -> Iterator[View]:
    """A window, or a web page at `web` or where there can be no window; tells the address."""
    from mtcnn_rt.live.browser import HOST, PORT, WebView
    from mtcnn_rt.live.window import Window, why_no_window

    why = "" if web else why_no_window()
    view = Window(title) if why is None else WebView(*(web or (HOST, PORT)))
    try:
        if isinstance(view, WebView):
            click.echo(f"{why}: watch at {view.url}" if why else f"watch at {view.url}")
        yield view
    finally:
        view.close()


@contextmanager
def stopped_by_signal() -> Iterator[Event]:
    """Ctrl-C or SIGTERM sets the event, and the block has to end; a second one interrupts it."""
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield stopped
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def all_looks(paint: Paint, given: Mapping[str, Any]) -> tuple[dict[str, Paint], str]:
    """What "anonymize" goes through, and where it begins: `paint`, which follows the options of
    the look in `given`. The other ways to paint follow those that matter to them."""
    from mtcnn_rt.drawing.covering import METHODS

    cover = {name: given[name] for name in ("shape", "margin") if given[name] is not None}
    looks: dict[str, Paint] = {"off": functools.partial(_draw, given)}
    looks |= {method: functools.partial(_cover, {"method": method, **cover}) for method in METHODS}
    begin = given["anonymize"] or "off"
    return {**looks, begin: paint}, begin


def _draw(given: Mapping[str, Any], image: Any, faces: Any, ids: Any, hidden: Any) -> None:
    from mtcnn_rt.drawing.overlay import draw

    scores, landmarks = not given["no_scores"], not given["no_landmarks"]
    draw(image, faces, ids, style=given["style"], scores=scores, landmarks=landmarks)


def _cover(look: Mapping[str, Any], image: Any, faces: Any, ids: Any, hidden: Any) -> None:
    from mtcnn_rt.drawing.covering import anonymize

    anonymize(image, faces.boxes, **look)
    anonymize(image, hidden, **look)

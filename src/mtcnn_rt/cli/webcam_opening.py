"""Opens what `mtcnn-rt webcam` reads from and gives to: its source, its view and its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt._defaults import WEB_HOST, WEB_PORT
from mtcnn_rt.cli.effects import is_given
from mtcnn_rt.cli.signals import ended_by_signals

if TYPE_CHECKING:
    from mtcnn_rt.live.outputs import LiveRecords
    from mtcnn_rt.live.view import View
    from mtcnn_rt.video.frame import Frame, Source, VideoFormat
    from mtcnn_rt.video.sinks.file import FileSink
    from mtcnn_rt.video.sinks.live import LiveSink


def is_camera(name: str) -> bool:
    """Returns true for a camera's number or device, and false for a file or a URL."""
    return name.isdecimal() or Path(name).is_char_device()


def open_source(
    name: str,
    size: tuple[int, int] | None,
    fps: float | None,
    report: Callable[[str], None],
) -> Source:
    """Opens the source of --camera; a camera or live stream that breaks off is opened again.

    Args:
        name: The value of --camera.
        size: The width and height to request from a camera.
        fps: The frame rate to request from a camera.
        report: Is called with a line when the source breaks off, and when it is back.

    Raises:
        VideoError: The source cannot be opened.
        UsageError: --size or --fps has no effect.
    """
    from mtcnn_rt.video.sources.camera import CameraSource
    from mtcnn_rt.video.sources.file import FileSource
    from mtcnn_rt.video.sources.opening import is_url
    from mtcnn_rt.video.sources.paced import PacedSource
    from mtcnn_rt.video.sources.reconnecting import Reconnecting

    if is_camera(name):
        device = int(name) if name.isdecimal() else name
        return Reconnecting(lambda: CameraSource(device, size, fps), report)
    if is_given("size") or is_given("fps"):
        raise click.UsageError("--size and --fps are for cameras")
    source = FileSource(name)
    if not is_url(name) or source.duration:  # a live stream has no duration
        return PacedSource(source)
    first = [source]
    return Reconnecting(lambda: first.pop() if first else FileSource(name), report)


def mirrored(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yields the frames with left and right swapped."""
    import cv2
    import numpy as np

    for frame in frames:  # much faster than with NumPy
        yield replace(frame, image=np.asarray(cv2.flip(frame.image, 1), np.uint8))


@contextmanager
def opened_view(
    title: str,
    web: tuple[str, int] | None,
    public: bool,
    allowed_hosts: tuple[str, ...],
    quiet: bool,
) -> Iterator[View]:
    """Opens a window, or a web page at `web` or where no window can be; prints its addresses."""
    from mtcnn_rt.live.browser import WebView
    from mtcnn_rt.live.window import Window, why_no_window

    why = "" if web else why_no_window()
    if why is None:
        view: Window | WebView = Window(title)
    else:
        view = WebView(*(web or (WEB_HOST, WEB_PORT)), public, allowed_hosts)
    try:
        if isinstance(view, WebView):
            click.echo(f"{f'{why}: ' if why else ''}watch at {view.watch_url}", err=quiet)
            click.echo(f"control at {view.control_url}", err=quiet)
        yield view
    finally:
        view.close()


def opened_records(
    path: Path | None, overwrite: bool, report: Callable[[str], None]
) -> AbstractContextManager[LiveRecords | None]:
    """Returns what writes the faces to `path`; None gives none."""
    from mtcnn_rt.live.outputs import LiveRecords
    from mtcnn_rt.video.sinks.records import JsonLinesWriter

    return nullcontext() if path is None else LiveRecords(JsonLinesWriter(path, overwrite), report)


def opened_recording(
    path: Path | None, video: VideoFormat, overwrite: bool
) -> AbstractContextManager[FileSink | None]:
    """Returns a sink that records to `path`; None gives none."""
    from mtcnn_rt.video.sinks.file import FileSink

    return nullcontext() if path is None else FileSink(path, video, overwrite=overwrite)


def opened_sender(
    output: str | None, video: VideoFormat
) -> AbstractContextManager[LiveSink | None]:
    """Returns a sink that sends to an address or a virtual camera; None gives none."""
    if output is None:
        return nullcontext()
    from mtcnn_rt.video.sinks.live import LiveSink

    with ended_by_signals():
        return LiveSink(output, video, paced=False)

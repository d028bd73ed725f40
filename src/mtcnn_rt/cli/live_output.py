"""Adds the option of an output that is a file, a network address or a virtual camera."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt.cli.option_kinds import Command, as_name
from mtcnn_rt.cli.signals import ended_by_signals
from mtcnn_rt.video.sinks.live_places import is_camera, is_live

if TYPE_CHECKING:
    from mtcnn_rt.video.sinks.file import FileSink
    from mtcnn_rt.video.sinks.live import LiveSink
    from mtcnn_rt.video.sources.file import FileSource


def as_output(text: str) -> Path | str:
    """Returns the path of a file; a URL or a virtual camera stays text.

    Raises:
        BadParameter: The text is empty.
    """
    return text if is_live(text) else Path(as_name(text))


def as_live_output(text: str) -> str:
    """Returns a URL or a virtual camera.

    Raises:
        BadParameter: The text is neither.
    """
    if not is_live(text):
        raise click.BadParameter(
            f"{text!r} is no address such as rtsp://host/live or a virtual camera such as "
            "/dev/video9 or camera:; --record writes files"
        )
    return text


def output_option(help: str, live_only: bool = False) -> Callable[[Command], Command]:
    """Returns the option -o.

    Args:
        help: The help.
        live_only: True takes no files.
    """
    kind = as_live_output if live_only else as_output
    metavar = "URL|CAMERA" if live_only else "FILE|URL|CAMERA"
    return click.option("-o", "--output", type=kind, metavar=metavar, help=help)


def file_of(output: Path | str | None) -> Path | None:
    """Returns the path of an output that is a file, None for others."""
    return output if isinstance(output, Path) else None


def name_of_output(output: Path | str) -> str:
    """Returns the name of an output for messages, without passwords."""
    from mtcnn_rt.video.sources.opening import name_of

    return str(output) if isinstance(output, Path) or is_camera(output) else name_of(output)


def opened_sink(
    output: Path | str, source: FileSource, overwrite: bool, how: dict[str, Any]
) -> FileSink | LiveSink:
    """Opens the sink of an output.

    Args:
        output: The output.
        source: The source of the frames and of the sound.
        overwrite: Replaces a file that exists.
        how: Other arguments of `FileSink`; those of a file alone are left out for others.
    """
    if isinstance(output, Path):
        from mtcnn_rt.video.sinks.file import FileSink

        return FileSink(output, source.format, source, overwrite=overwrite, **how)
    from mtcnn_rt.video.sinks.live import LiveSink

    of_files = ("subtitles", "metadata")
    live = {name: value for name, value in how.items() if name not in of_files}
    with ended_by_signals():
        return LiveSink(output, source.format, source, **live)

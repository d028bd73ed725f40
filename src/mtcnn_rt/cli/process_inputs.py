"""Finds what `mtcnn-rt process` reads, and names the copies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from glob import has_magic
from importlib.resources import files
from pathlib import Path

import click

from mtcnn_rt._files.extensions import WRITABLE, WRITABLE_VIDEOS
from mtcnn_rt.cli.found_files import find_files
from mtcnn_rt.cli.playlists import input_files

_PROTOCOL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # http:, concat: and so on; no drive of Windows


@dataclass(frozen=True)
class Input:
    """A video or an image.

    Attributes:
        place: A path, a URL, or - for standard input.
        copy: The name of its copy below the output folder; None if it has no name.
        is_video: It is no still image.
    """

    place: str
    copy: Path | None
    is_video: bool = True


@dataclass(frozen=True)
class Inputs:
    """Holds the inputs that a command line names.

    Attributes:
        all: The inputs, each once.
        problems: A line for each name that leads to none.
        unreadable: A line for each file of a folder that is an image, but cannot be decoded here.
        several: There may be several inputs, as from a folder; records then have their names.
    """

    all: list[Input]
    problems: list[str]
    unreadable: list[str]
    several: bool

    def files(self) -> Iterator[Path]:
        """Yields the files that are read for the inputs, such as those of playlists."""
        for one in self.all:
            if one.is_video:
                yield from input_files(one.place)
            else:
                yield Path(one.place)


def find_inputs(paths: Sequence[str], sample: bool, out: Path | None) -> Inputs:
    """Finds the inputs of a command line. URLs come after files.

    Args:
        paths: Files, folders, glob patterns and URLs; - is standard input.
        sample: Take the clip that comes with the package instead.
        out: The folder of the copies; None: no copies are written there.

    Raises:
        click.UsageError: There are paths and the sample, or neither, or nothing is found.
    """
    if bool(paths) is sample:
        raise click.UsageError("give either a VIDEO or --sample")
    if sample:
        clip = str(files("mtcnn_rt") / "sample.mp4")
        return Inputs([Input(clip, Path("sample.mp4"))], [], [], several=False)
    opened = [text for text in paths if text and _is_opened_as_given(text)]
    found = find_files([text for text in paths if text not in opened], out, videos=True)
    inputs = [Input(str(file.path), file.copy, file.is_video) for file in found.files]
    inputs += [Input(text, _copy_of(text)) for text in dict.fromkeys(opened)]
    if not inputs:
        raise click.UsageError("; ".join([*found.problems, *found.unreadable]))
    is_single = paths[0] in opened or os.path.isfile(paths[0])
    several = len(paths) > 1 or not is_single
    return Inputs(inputs, found.problems, found.unreadable, several)


def written_to(inputs: Inputs, output: Path | None) -> Inputs:
    """Returns the inputs with `output` as the copy of the only one, if it is given.

    An image becomes a video where the name of the copy is that of a video.

    Raises:
        click.UsageError: There are several, or the only one needs the name of a copy.
    """
    if output is None:
        nameless = [one.place for one in inputs.all if one.copy is None]
        if nameless:
            called = "this VIDEO" if len(inputs.all) == 1 else nameless[0]
            raise click.UsageError(f"give -o: {called} has no name to make another of")
        return inputs
    if len(inputs.all) != 1:
        raise click.UsageError("-o names the copy of a single VIDEO; --out FOLDER takes several")
    [only] = inputs.all
    as_video = output.suffix.lower() in WRITABLE_VIDEOS - WRITABLE
    return replace(
        inputs, all=[replace(only, copy=Path(output.name), is_video=only.is_video or as_video)]
    )


def _is_opened_as_given(text: str) -> bool:
    """Returns true for what is no file: standard input, URLs, and names that lead to nothing."""
    if os.path.exists(text):
        return False
    return bool(_PROTOCOL.match(text)) or not has_magic(text)


def _copy_of(text: str) -> Path | None:
    """Returns the name of a copy for a name that leads to nothing; None for others."""
    return None if text == "-" or _PROTOCOL.match(text) else Path(Path(text).name)

"""Knows every file that a command reads and writes, so that no output replaces an input."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import click

from mtcnn_rt._files.paths import status_of

Identity = tuple[int, int]
"""Device and inode of a file, which all its names have in common: paths, links, hard links."""

STDIN = Path("-")
"""The input of a command that reads standard input."""


class FilePlan:
    """The files that a command reads and writes.

    An output that is an input, through any links, is refused, and so are two outputs at one place,
    whatever the other options. Every command makes its plan before it opens an output, and adds
    inputs as soon as they are known, such as the images that annotations name.

    Args:
        outputs: The output files and folders by the option that names them. None is not asked for;
            "-" is standard output.

    Attributes:
        outputs: The outputs that are asked for, without standard output.

    Raises:
        click.UsageError: Two outputs are at one place.
    """

    outputs: dict[str, Path]

    def __init__(self, outputs: Mapping[str, Path | None] | None = None) -> None:
        given = {option: path for option, path in (outputs or {}).items() if path is not None}
        on_stdout = [option for option, path in given.items() if str(path) == "-"]
        if len(on_stdout) > 1:
            raise click.UsageError(f"only one of {' and '.join(on_stdout)} can be standard output")
        self.outputs = {}
        self._inputs: set[Identity] = set()
        for option, path in given.items():
            if option not in on_stdout:
                self.add_output(option, path)

    def add_output(self, option: str, path: Path) -> None:
        """Adds an output.

        Raises:
            click.UsageError: It is an input, or at the place of another output.
        """
        for other, taken in self.outputs.items():
            if _same_place(path, taken):
                raise click.UsageError(f"{other} and {option} are the same file: {path}")
        self.outputs[option] = path
        self._check(option, path)

    def add_inputs(self, paths: Iterable[Path]) -> None:
        """Adds inputs: files, and folders of which every file is read. Others are ignored.

        Raises:
            click.UsageError: An output is one of them.
        """
        for path in paths:
            self._inputs |= _stdin_identities() if path == STDIN else _identities(path)
        for option, path in self.outputs.items():
            self._check(option, path)

    def is_input(self, path: Path) -> bool:
        """Returns true if the file exists and is an input, through any links.

        Raises:
            OSError: The system cannot tell.
        """
        identity = _identity(path)
        return identity is not None and identity in self._inputs

    def is_output(self, path: Path) -> bool:
        """Returns true if the path is the place of one of the outputs."""
        return any(_same_place(path, taken) for taken in self.outputs.values())

    def refuse_inputs_within(self, option: str, folder: Path, pattern: str = "**/*") -> None:
        """Refuses a folder of outputs that has an input among the files to replace.

        Args:
            option: The option that names the folder.
            folder: The folder, which need not exist.
            pattern: Glob pattern of the files that the command may replace.

        Raises:
            click.UsageError: One of these files is an input.
        """
        for path in folder.glob(pattern):
            self._check(option, path)

    def _check(self, option: str, path: Path) -> None:
        if self.is_input(path):
            raise click.UsageError(f"{option}: {path} is an input, which is never overwritten")


def model_files(model: str | Path | None) -> list[Path]:
    """Returns the files of a model that a command may read, and those of the package's models.

    Args:
        model: The name of a model in the package, or a folder; None is the default model.
    """
    from mtcnn_rt.model import files_of, packaged_models

    return [file for each in (model, *packaged_models()) for file in files_of(each)]


def _same_place(one: Path, other: Path) -> bool:
    """Returns true if writing one file would write the other."""
    if one.resolve() == other.resolve():
        return True
    identity = _identity(one)
    return identity is not None and identity == _identity(other)


def _identities(path: Path) -> set[Identity]:
    """Returns the identity of a file, or those of all files in a folder."""
    files = [path]
    if os.path.isdir(path):
        files = [Path(above, name) for above, _, names in os.walk(path) for name in names]
    found: set[Identity] = set()
    for file in files:
        with suppress(OSError):  # whoever reads it says why it cannot be
            identity = _identity(file)
            found |= set() if identity is None else {identity}
    return found


def _identity(path: Path) -> Identity | None:
    """Returns the identity of a regular file; None for anything else.

    Raises:
        OSError: The system cannot tell.
    """
    status = status_of(path)
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    return status.st_dev, status.st_ino


def _stdin_identities() -> set[Identity]:
    """Returns the identity of the file that the shell redirects to standard input, if any."""
    try:
        status = os.fstat(0)
    except OSError:  # it is closed
        return set()
    return {(status.st_dev, status.st_ino)} if stat.S_ISREG(status.st_mode) else set()

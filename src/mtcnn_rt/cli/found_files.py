"""Finds the images and videos that a command reads, and names their copies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from mtcnn_rt._files.addresses import ADDRESS, is_address
from mtcnn_rt._files.extensions import JPEG, WRITABLE, WRITABLE_VIDEOS
from mtcnn_rt._files.paths import is_missing, why_missing
from mtcnn_rt._files.walking import matches, walk
from mtcnn_rt.cli.file_kinds import is_readable, is_video, is_wanted, why_unreadable

_WHY_NO_FILE = "a pipe or a device, which FFmpeg opens twice; pipe it into -, standard input"


@dataclass(frozen=True)
class InputFile:
    """An image or a video, and the name of its copy.

    Attributes:
        path: The file.
        copy: The name of its copy below the output folder, which no other file's copy has.
        is_video: The file is a video or an animation; only where videos are wanted.
    """

    path: Path
    copy: Path
    is_video: bool = False


@dataclass(frozen=True)
class FoundFiles:
    """The files that a command line names.

    Attributes:
        files: The files to read, each name once. Links are names of their own.
        problems: A line for each name that leads to none.
        unreadable: A line for each file of a folder that is an image, but cannot be decoded here.
    """

    files: list[InputFile]
    problems: list[str]
    unreadable: list[str]


def find_files(given: Iterable[str], out: Path | None, videos: bool = False) -> FoundFiles:
    """Finds the image files of a command line, and the videos.

    The files of a folder keep its structure. Hidden files are left out, and so is the folder `out`
    within a given folder, since it has the copies of an earlier run.

    Args:
        given: Files, folders and glob patterns.
        out: The output folder; None: no copies are written.
        videos: Videos and animations are wanted, too.
    """
    names: dict[Path, tuple[Path, Path]] = {}
    problems: list[str] = []
    unreadable: dict[Path, str] = {}
    for text in given:
        readable = False
        for path, name in _expand(text, out, videos):
            if os.path.isdir(path):
                problems.append(f"cannot read {path}: the folder cannot be opened")
                readable = True
            elif videos and os.path.exists(path) and not os.path.isfile(path):
                problems.append(f"cannot read {path}: {_WHY_NO_FILE}")
                readable = True
            elif name is None:
                exists = not is_missing(path)
                why = why_unreadable(path) if exists else _why_none(str(path), videos=True)
                unreadable[_place(path)] = f"cannot read {path}: {why}"
            else:
                names.setdefault(_place(path), (path, name))
                readable = True
        if not readable:
            problems.append(f"cannot read {text or repr(text)}: {_why_none(text, videos)}")
    files = list(_name_copies(names.values(), videos))
    return FoundFiles(files, problems, list(unreadable.values()))


def _place(path: Path) -> Path:
    """Returns what all ways of writing a name have in common.

    A link is a name of its own: in a folder of git-annex or DVC every file is one, and those of
    equal files lead to the same place.
    """
    return path.parent.resolve() / path.name


def _expand(text: str, out: Path | None, videos: bool) -> Iterator[tuple[Path, Path | None]]:
    """Yields paths, and their names relative to the given folder; None for unreadable images."""
    path = Path(text)
    if not text:  # as of an empty variable, not the current folder
        return
    if os.path.isdir(path):
        yield from _below(path, out, videos)
    elif os.path.exists(path):
        yield path, Path(path.name)
    else:
        for match in map(Path, matches(text)):
            if os.path.exists(match):
                yield from _expand(str(match), out, videos)
            elif match != path:  # a link that leads to nothing, which patterns match, too
                yield match, None


def _below(folder: Path, out: Path | None, videos: bool) -> Iterator[tuple[Path, Path | None]]:
    """Yields the files of a folder as `_expand` does, and folders that cannot be opened."""
    for found in walk(str(folder)):
        path = Path(found.path)
        if found.is_folder:
            if not found.is_open:
                yield path, None
        elif is_wanted(path, videos) and not (out and _lies_in(path, out, folder)):
            usable = is_readable(path, videos) and not is_missing(path)
            yield path, path.relative_to(folder) if usable else None


def _why_none(path: str, videos: bool) -> str:
    if is_address(path):
        return ADDRESS
    kind = "image or video" if videos else "image"
    return f"no {kind} in this folder" if os.path.isdir(path) else why_missing(path)


def _lies_in(path: Path, out: Path, folder: Path) -> bool:
    """Returns true for a file in `out` within a folder, also if a link leads there, or it is one.

    Args:
        path: The file.
        out: The output folder, which is only left out within a given folder.
        folder: The given folder.
    """
    out = out.resolve()
    is_within = out in path.resolve().parents or out in _place(path).parents
    return is_within and folder.resolve() in out.parents


def _name_copies(found: Iterable[tuple[Path, Path]], videos: bool) -> Iterator[InputFile]:
    taken: set[str] = set()
    for path, name in found:
        moving = videos and is_video(path)
        if moving and name.suffix.lower() not in WRITABLE_VIDEOS:
            name = name.with_suffix(".mp4")
        elif not moving and name.suffix.lower() not in WRITABLE:
            name = name.with_suffix(".jpg" if name.suffix.lower() in JPEG else ".png")
        yield InputFile(path, Path(free_name(stem_of(name), name.suffix, taken)), moving)


def stem_of(name: Path) -> str:
    """Returns a name without its extension; as text, since no path ends in the "." of ..jpg."""
    return str(name).removesuffix(name.suffix)


def free_name(stem: str, suffix: str, taken: set[str]) -> str:
    """Returns the first of NAME.jpg, NAME-2.jpg, NAME-3.jpg ... that is free, and takes it.

    Args:
        stem: The name without its extension.
        suffix: The extension.
        taken: The names that are taken, without case: they are one file on macOS and Windows.
    """
    stems = chain([stem], (f"{stem}-{n}" for n in count(2)))
    free = next(name for one in stems if (name := f"{one}{suffix}").casefold() not in taken)
    taken.add(free.casefold())
    return free

"""Finds the images and videos that a command reads, and names their copies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from mtcnn_rt import _first_bytes
from mtcnn_rt._addresses import ADDRESS, is_address
from mtcnn_rt._extensions import (
    EXTENSIONS,
    JPEG,
    RAW,
    UNREADABLE,
    VIDEOS,
    WITH_PILLOW,
    WRITABLE,
    WRITABLE_VIDEOS,
)
from mtcnn_rt._paths import why_missing
from mtcnn_rt._walking import matches, walk

_WHY_NO_FILE = "a pipe or a device, which FFmpeg opens twice; pipe it into -, standard input"
_WHY_UNREADABLE = "no library here decodes this format; convert it to JPEG or PNG"
_WHY_NO_HEIC = "HEIC needs pillow-heif: pip install pillow-heif; or convert it to JPEG"
_WHY_NO_PILLOW = "this format needs Pillow: pip install pillow; or convert it to JPEG"


@dataclass(frozen=True)
class ImageFile:
    """An image file, and the name of its copy.

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

    files: list[ImageFile]
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
                unreadable[_place(path)] = f"cannot read {path}: {_why_unreadable(path)}"
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
        elif _is_wanted(path, videos) and not (out and _lies_in(path, out, folder)):
            extension = path.suffix.lower()
            is_readable = (
                _is_image_file(path)
                or extension in VIDEOS
                or (videos and _first_bytes.kind_of(path) == "video")
            )
            yield path, path.relative_to(folder) if is_readable and os.path.exists(path) else None


def _is_wanted(path: Path, videos: bool) -> bool:
    """Returns true for an image, or a video, by its extension or else by its first bytes."""
    if _first_bytes.is_text(path):
        return False
    if path.suffix.lower() in EXTENSIONS | WITH_PILLOW | UNREADABLE | (VIDEOS if videos else set()):
        return os.path.isfile(path) or not os.path.exists(
            path
        )  # such as a link that leads to nothing
    if path.suffix.lower() in VIDEOS:
        return False
    kind = _first_bytes.kind_of(path)
    return kind == "photo" or (videos and kind == "video")


def _is_image_file(path: Path) -> bool:
    """Returns true for an image that may be decoded, by its extension or by its content."""
    from mtcnn_rt import _extra_formats, _heic

    extension = path.suffix.lower()
    if extension in _heic.EXTENSIONS and _heic.is_decodable():
        return True
    if extension in WITH_PILLOW and _extra_formats.is_decodable():
        return True
    return extension in EXTENSIONS or (extension not in RAW and _has_image_header(path))


def _why_unreadable(path: Path) -> str:
    from mtcnn_rt import _heic

    if not os.path.exists(path):
        return _why_none(str(path), videos=True)
    if path.suffix.lower() in WITH_PILLOW:
        return _WHY_NO_PILLOW
    return _WHY_NO_HEIC if path.suffix.lower() in _heic.EXTENSIONS else _WHY_UNREADABLE


def _has_image_header(path: Path) -> bool:
    from mtcnn_rt._image_headers import is_known

    return is_known(_first_bytes.start_of(path))


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


def _why_none(path: str, videos: bool) -> str:
    if is_address(path):
        return ADDRESS
    kind = "image or video" if videos else "image"
    return f"no {kind} in this folder" if os.path.isdir(path) else why_missing(path)


def is_video(path: Path) -> bool:
    """Returns true for a file that is no still image: a video, an animation, or anything else."""
    from mtcnn_rt import _heic
    from mtcnn_rt._extra_formats import extra_format
    from mtcnn_rt._image_headers import is_known, read_header
    from mtcnn_rt._reading import read_content

    if path.suffix.lower() in VIDEOS:
        return True
    try:
        with path.open("rb") as file:
            start = file.read(_first_bytes.LENGTH)
        if _first_bytes.is_video(start):
            return True
        if not is_known(start):
            named = path.suffix.lower() in EXTENSIONS | WITH_PILLOW
            return not (named or _heic.is_heic(start) or extra_format(start))
        content = read_content(path, check_header=False) if _may_be_animated(start) else b""
        header = read_header(content)
    except (OSError, ValueError):  # reading it as an image gives the reason
        return False
    return header is not None and header.frames > 1


def _may_be_animated(start: bytes) -> bool:
    """Returns true for the first bytes of GIF, PNG, WebP and AVIF."""
    return start.startswith((b"GIF8", b"\x89PNG", b"RIFF")) or start[4:8] == b"ftyp"


def _name_copies(found: Iterable[tuple[Path, Path]], videos: bool) -> Iterator[ImageFile]:
    taken: set[str] = set()
    for path, name in found:
        moving = videos and is_video(path)
        if moving and name.suffix.lower() not in WRITABLE_VIDEOS:
            name = name.with_suffix(".mp4")
        elif not moving and name.suffix.lower() not in WRITABLE:
            name = name.with_suffix(".jpg" if name.suffix.lower() in JPEG else ".png")
        yield ImageFile(path, free_name(name.with_suffix(""), name.suffix, taken), moving)


def free_name(stem: Path, suffix: str, taken: set[str]) -> Path:
    """Returns the first of NAME.jpg, NAME-2.jpg, NAME-3.jpg ... that is free, and takes it.

    Args:
        stem: The name without its extension.
        suffix: The extension.
        taken: The names that are taken, without case: they are one file on macOS and Windows.
    """
    numbered = (stem.with_name(f"{stem.name}-{n}") for n in count(2))
    names = (each.with_name(f"{each.name}{suffix}") for each in chain([stem], numbered))
    free = next(name for name in names if str(name).casefold() not in taken)
    taken.add(str(free).casefold())
    return free

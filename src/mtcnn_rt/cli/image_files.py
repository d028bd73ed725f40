"""Finds the image files that a command reads, and names their copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import glob
from itertools import chain, count
from pathlib import Path

_WRITABLE = {".bmp", ".jp2", ".jpe", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
EXTENSIONS = _WRITABLE | {".avif", ".dib", ".gif", ".pbm", ".pgm", ".pnm"}
"""Extensions of image files in a folder. A file that is named by itself may have any."""


@dataclass(frozen=True)
class ImageFile:
    """An image file, and the name of its copy.

    Attributes:
        path: The file.
        copy: The name of its copy below the output folder, which no other file's copy has.
    """

    path: Path
    copy: Path


def find_image_files(given: Iterable[str], out: Path | None) -> tuple[list[ImageFile], list[str]]:
    """Returns the image files that are named, each once, and a line for each name without any.

    The files of a folder keep its structure. Hidden files are left out, and so is the folder `out`
    within a given folder, since it has the copies of an earlier run.

    Args:
        given: Files, folders and glob patterns.
        out: The output folder; None: no copies are written.
    """
    names: dict[Path, tuple[Path, Path]] = {}
    problems = []
    for text in given:
        found = list(_expand(text, out))
        if not found:
            problems.append(f"cannot read {text}: {_why_none(Path(text))}")
        for path, name in found:
            names.setdefault(path.resolve(), (path, name))
    return list(_name_copies(names.values())), problems


def _expand(text: str, out: Path | None) -> Iterator[tuple[Path, Path]]:
    """Yields paths, and their names relative to the given folder."""
    path = Path(text)
    if path.is_dir():
        for below in sorted(path.rglob("*")):
            name = below.relative_to(path)
            if _is_image_file(below, name) and not (out and _lies_in(below, out, path)):
                yield below, name
    elif path.exists():
        yield path, Path(path.name)
    else:
        for match in sorted(glob(text, recursive=True)):
            yield from _expand(match, out)


def _is_image_file(path: Path, name: Path) -> bool:
    hidden = any(part.startswith(".") for part in name.parts)
    return path.suffix.lower() in EXTENSIONS and not hidden and path.is_file()


def _lies_in(path: Path, out: Path, folder: Path) -> bool:
    out = out.resolve()
    return folder.resolve() in out.parents and out in path.resolve().parents


def _why_none(path: Path) -> str:
    return "no image in this folder" if path.is_dir() else "no such file or folder"


def _name_copies(found: Iterable[tuple[Path, Path]]) -> Iterator[ImageFile]:
    taken: set[str] = set()
    for path, name in found:
        if name.suffix.lower() not in _WRITABLE:
            name = name.with_suffix(".png")
        numbered = (name.with_name(f"{name.stem}-{n}{name.suffix}") for n in count(2))
        copy = next(c for c in chain([name], numbered) if _key(c) not in taken)
        taken.add(_key(copy))
        yield ImageFile(path, copy)


def _key(name: Path) -> str:
    return str(name).casefold()  # one file on macOS and Windows

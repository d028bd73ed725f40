"""Which pictures `mtcnn-rt image` reads, and how it names their copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import glob
from itertools import chain, count
from pathlib import Path

_WRITABLE = {".bmp", ".jp2", ".jpe", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
PICTURES = _WRITABLE | {".avif", ".dib", ".gif", ".pbm", ".pgm", ".pnm"}
"""The extensions taken for pictures in a folder; a file named by itself may have any."""


@dataclass(frozen=True)
class Picture:
    """path: where it is; copy: name of its copy below the output folder, no other picture's."""

    path: Path
    copy: Path


def find_pictures(given: Iterable[str], out: Path | None) -> tuple[list[Picture], list[str]]:
    """The pictures that `given` (files, folders, glob patterns) name, each once, and a line for
    each of `given` that names none. A folder's pictures keep its structure. Leaves out hidden files
    and the folder `out` within a given folder: it has the copies of the last time."""
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
    path = Path(text)
    if path.is_dir():
        for below in sorted(path.rglob("*")):
            name = below.relative_to(path)
            if _is_picture(below, name) and not (out and _lies_in(below, out, path)):
                yield below, name
    elif path.exists():
        yield path, Path(path.name)
    else:
        for match in sorted(glob(text, recursive=True)):
            yield from _expand(match, out)


def _is_picture(path: Path, name: Path) -> bool:
    hidden = any(part.startswith(".") for part in name.parts)
    return path.suffix.lower() in PICTURES and not hidden and path.is_file()


def _lies_in(path: Path, out: Path, folder: Path) -> bool:
    out = out.resolve()
    return folder.resolve() in out.parents and out in path.resolve().parents


def _why_none(path: Path) -> str:
    return "no picture in this folder" if path.is_dir() else "no such file or folder"


def _name_copies(found: Iterable[tuple[Path, Path]]) -> Iterator[Picture]:
    taken: set[str] = set()
    for path, name in found:
        if name.suffix.lower() not in _WRITABLE:
            name = name.with_suffix(".png")
        numbered = (name.with_name(f"{name.stem}-{n}{name.suffix}") for n in count(2))
        copy = next(c for c in chain([name], numbered) if _key(c) not in taken)
        taken.add(_key(copy))
        yield Picture(path, copy)


def _key(name: Path) -> str:
    return str(name).casefold()  # one file on macOS and Windows

"""Finds the files that a playlist names: FFmpeg reads them, so they are inputs too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mtcnn_rt._files.playlists import HLS, entries_of, spellings, text_of

_URI = re.compile(r'URI="([^"]+)"')
_CONCAT = re.compile(r"""^[^\S\n]*file[^\S\n]+(?:'([^']+)'|"([^"]+)"|(\S+))""", re.MULTILINE)
_ELSEWHERE = re.compile(r"^(?!file:)[A-Za-z][A-Za-z0-9+.-]+:")  # http: and so on


def input_files(video: str) -> Iterator[Path]:
    """Yields the local files that FFmpeg reads for a video.

    These are the file itself and those that it names: the segments, keys and other playlists of an
    HLS playlist, the files of an FFmpeg list (`ffconcat`) or of `concat:a|b`, and, since a DASH
    manifest names them by patterns, all files beside it.

    Args:
        video: A path or a URL, as for `FileSource`.
    """
    names = video.removeprefix("concat:").split("|") if video.startswith("concat:") else [video]
    waiting, seen = [Path(name.removeprefix("file:")) for name in names], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        yield path
        waiting += _named_by(path)


def _named_by(path: Path) -> Iterator[Path]:
    """Yields the local files that a playlist names; none for any other file."""
    text = _playlist(path)
    if text.startswith(HLS.decode()):
        names = [*entries_of(text), *_URI.findall(text)]
    elif text.startswith("ffconcat"):
        names = [next(filter(None, match)) for match in _CONCAT.findall(text)]
    elif "<MPD" in text[:4096]:
        yield from (file for file in path.parent.iterdir() if file.is_file())
        return
    else:
        return
    for name in names:
        if not _ELSEWHERE.match(name):
            yield from spellings(path.parent, name)


def _playlist(path: Path) -> str:
    """Returns the text of a playlist; nothing of any other file."""
    with suppress(OSError, ValueError):
        if path.is_file():
            with path.open("rb") as file:
                head = file.read(4096)
                if head.startswith((HLS, b"ffconcat")) or b"<MPD" in head:
                    return text_of(file)
    return ""

"""Finds what links in a tar file lead to: other members of the file, and never anything outside."""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from mtcnn_rt.batch.tar_reading import headers_of, opened_tar

_MOST = 40  # links on the way to a file, as in Linux


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Holds the place of a file in a tar file; a `TarInfo` takes ten times the memory.

    Attributes:
        header: Position of the first byte of its header.
        start: Position of the first byte of its content.
        size: Number of bytes.
        is_sparse: It has holes.
    """

    header: int
    start: int
    size: int
    is_sparse: bool


@dataclass(frozen=True, slots=True)
class _Link:
    """A link in a tar file.

    Attributes:
        target: The name of the member that it leads to.
        before: Position in the file before which a hard link's target is; None of a symbolic one.
    """

    target: str
    before: int | None


class TarLinks:
    """The links of a tar file that is not compressed, and the files that they lead to.

    The file is searched at the first link that is asked for. Only links and their targets are then
    in memory, not the names of all members.

    Args:
        path: Path or URI of the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._links: dict[str, _Link] = {}
        self._files: dict[str, list[FilePlace]] | None = None

    def file_of(self, link: tarfile.TarInfo) -> FilePlace:
        """Returns the file that a link leads to.

        Raises:
            ValueError: It leads to no file of the archive; the message has the reason.
        """
        if self._files is None:
            self._links = dict(self._all_links())
            self._files = self._all_targets()
        way = _link_of(link)
        for _ in range(_MOST):
            found = [
                file
                for file in self._files.get(way.target, [])
                if way.before is None or file.header < way.before
            ]
            if found:  # the last one is what is there once all are unpacked
                return found[-1]
            if way.target not in self._links:
                raise ValueError(f"a link to {link.linkname}, which is no file in the archive")
            way = self._links[way.target]
        raise ValueError(f"a link to {link.linkname}, which leads through more than {_MOST} links")

    def _all_links(self) -> Iterator[tuple[str, _Link]]:
        for member in self._headers():
            if is_link(member):
                yield posixpath.normpath(member.name), _link_of(member)

    def _all_targets(self) -> dict[str, list[FilePlace]]:
        files: dict[str, list[FilePlace]] = {link.target: [] for link in self._links.values()}
        for member in self._headers():
            if member.isfile():
                name = posixpath.normpath(member.name)
                if name in files:
                    files[name].append(place_of(member))
        return files

    def _headers(self) -> Iterator[tarfile.TarInfo]:
        """Yields the headers up to the first damaged one, which has an item of its own."""
        with opened_tar(self._path) as archive:
            try:
                yield from headers_of(archive)
            except tarfile.TarError:
                return


def place_of(member: tarfile.TarInfo) -> FilePlace:
    """Returns where a member that is a file is."""
    start = member.offset_data
    return FilePlace(member.offset, start, member.size, member.issparse())


def is_link(member: tarfile.TarInfo) -> bool:
    """Returns true for a hard or symbolic link."""
    return member.islnk() or member.issym()


def _link_of(member: tarfile.TarInfo) -> _Link:
    if member.islnk():
        return _Link(posixpath.normpath(member.linkname), member.offset)
    folder = posixpath.dirname(member.name)
    return _Link(posixpath.normpath(posixpath.join(folder, member.linkname)), None)

"""Gives the images in tar and zip files, such as the shards of a WebDataset."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from mtcnn_rt._errors import EMPTY
from mtcnn_rt._extensions import EXTENSIONS, TARS, UNREADABLE, WHY_RAW, WITH_PILLOW, ZIPS, is_raw
from mtcnn_rt._reading import BYTES_A_PIXEL, HEAD, read_opened
from mtcnn_rt.batch.items import Bytes, Content, Item, Slice, SparseMember, Unreadable, ZipMember
from mtcnn_rt.batch.remote import name_of, opened, size_of
from mtcnn_rt.batch.tar_links import FilePlace, TarLinks, is_link, place_of
from mtcnn_rt.batch.tar_reading import headers_of, is_compressed, opened_tar

_WHY_NO_LINK = (
    "links in compressed tar files are not followed; decompress it to a .tar file, or unpack it"
)


def is_archive(path: str) -> bool:
    """Returns true for the name of a tar or zip file."""
    return path.lower().endswith((*TARS, *ZIPS))


def is_image(name: str) -> bool:
    """Returns true for the name of an image file that is not hidden."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") and part not in (".", "..") for part in path.parts)
    return not hidden and path.suffix.lower() in EXTENSIONS | WITH_PILLOW | UNREADABLE


def items_of(path: str, max_pixels: int, counting: bool) -> Iterator[Item]:
    """Yields the images of an archive in its order; other members are passed over.

    Members of tar files without compression and of zip files are read by the workers. An archive
    that breaks off gives an item with the reason after its last one.

    Args:
        path: The archive.
        max_pixels: Members larger than such an image can be are not read.
        counting: The items are only counted: do not read their content.
    """
    place = name_of(path)
    members = (
        _zip_items(path) if place.lower().endswith(ZIPS) else _tar_items(path, max_pixels, counting)
    )
    try:
        for name, content in members:
            if is_image(name):
                inside = f"{place}/{name}"
                why = f"cannot read {inside}: {WHY_RAW}"
                yield Item(inside, Unreadable(why) if is_raw(name) else content)
    except ImportError:  # a package that URIs need
        raise
    except Exception as error:  # what a broken archive causes shares no narrower base
        yield Item(place, Unreadable(f"cannot read {place}: {_reason(path, error)}"))


def _reason(path: str, error: Exception) -> str:
    """Returns why an archive cannot be read."""
    with suppress(Exception):  # as many as the file systems of URIs have
        if size_of(path) == 0:
            return EMPTY
    return getattr(error, "strerror", None) or str(error)


def _zip_items(path: str) -> Iterator[tuple[str, Content]]:
    with opened(path) as file, zipfile.ZipFile(file) as archive:
        for index, member in enumerate(archive.infolist()):
            if member.filename and not member.is_dir():
                yield member.filename, ZipMember(path, member.filename, index)


def _tar_items(path: str, max_pixels: int, counting: bool) -> Iterator[tuple[str, Content]]:
    compressed = is_compressed(name_of(path))
    links = TarLinks(path)
    with opened_tar(path) as archive:
        for member in headers_of(archive):
            if not is_image(member.name) or not (member.isfile() or is_link(member)):
                continue
            if counting:
                yield member.name, Unreadable("")
            elif is_link(member):
                yield member.name, _linked(path, member, None if compressed else links, max_pixels)
            elif compressed and member.size <= _most(max_pixels):
                yield member.name, _decompressed(archive, member, path, max_pixels)
            else:
                yield member.name, _stored(path, member.name, place_of(member), max_pixels)


def _most(max_pixels: int) -> int:
    """Returns the most bytes of a member."""
    return BYTES_A_PIXEL * max_pixels + HEAD


def _stored(path: str, name: str, file: FilePlace, max_pixels: int) -> Content:
    """Returns the content of a file in a tar file, of one that is not too large."""
    if file.size > _most(max_pixels):
        return Unreadable(f"larger than {_most(max_pixels)} bytes")
    if file.is_sparse:
        return SparseMember(path, name, file.header)
    return Slice(path, name, file.start, file.size)


def _linked(path: str, member: tarfile.TarInfo, links: TarLinks | None, max_pixels: int) -> Content:
    """Returns the content that a link in a tar file leads to; `links` is None in a compressed one.

    What a compressed file has before the link would have to be decompressed again for each.
    """
    try:
        if links is None:
            raise ValueError(f"a link to {member.linkname}; {_WHY_NO_LINK}")
        return _stored(path, member.name, links.file_of(member), max_pixels)
    except ValueError as error:
        return Unreadable(f"cannot read {name_of(path)}/{member.name}: {error}")


def _decompressed(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, max_pixels: int
) -> Content:
    file = archive.extractfile(member)
    if file is None:
        return Bytes(b"")
    try:
        stored = size_of(path)  # a member's own size is not known
        return Bytes(read_opened(file, f"{name_of(path)}/{member.name}", max_pixels, stored))
    except ValueError as error:
        return Unreadable(str(error))

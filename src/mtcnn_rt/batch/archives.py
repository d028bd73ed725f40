"""Gives the images in tar and zip files, such as the shards of a WebDataset."""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from mtcnn_rt._errors import EMPTY
from mtcnn_rt._files.extensions import (
    EXTENSIONS,
    MAYBE_TEXT,
    TARS,
    UNREADABLE,
    UNREADABLE_ARCHIVES,
    VIDEOS,
    WHY_RAW,
    WITH_PILLOW,
    ZIPS,
    is_raw,
)
from mtcnn_rt._images.reading import BYTES_A_PIXEL, HEAD, read_opened
from mtcnn_rt.batch.items import Bytes, Content, Item, Slice, SparseMember, Unreadable, ZipMember
from mtcnn_rt.batch.remote import is_hidden, name_of, opened, size_of
from mtcnn_rt.batch.tar_links import FilePlace, TarLinks, is_link, place_of
from mtcnn_rt.batch.tar_reading import headers_of, is_compressed, opened_tar

_WHY_NO_LINK = (
    "links in compressed tar files are not followed; decompress it to a .tar file, or unpack it"
)


WHY_NO_ARCHIVE = "an archive in a format that is not read; unpack it, or pack it as .tar or .zip"

_ZIP = b"PK\3\4"
_ZIP_END = 22 + (1 << 16)  # bytes in which the list of a zip file's members ends
_COMPRESSED = {b"\x1f\x8b": ".tar.gz", b"BZh": ".tar.bz2", b"\xfd7zXZ": ".tar.xz"}
"""The first bytes of compressed files, and the ends of the names of compressed tar files."""


def is_archive(path: str) -> bool:
    """Returns true for the name of a tar or zip file."""
    return path.lower().endswith((*TARS, *ZIPS))


def is_unreadable_archive(path: str) -> bool:
    """Returns true for the name of an archive that is neither a tar nor a zip file."""
    return path.lower().endswith(UNREADABLE_ARCHIVES)


def is_image(name: str) -> bool:
    """Returns true for the name of an image file that is not hidden."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix in EXTENSIONS | WITH_PILLOW | UNREADABLE and not is_hidden(name)


def items_of(path: str, max_pixels: int, counting: bool) -> Iterator[Item]:
    """Yields the images of an archive in its order; members that can have no faces are passed over.

    A video, an archive and a camera's raw file give an item with the reason, and so does an archive
    that breaks off, after its last one. Members of tar files without compression and of zip files
    are read by the workers.

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
            if _may_have_faces(name):
                inside, why = f"{place}/{name}", _why_unread(name)
                reason = f"cannot read {inside}: {why}"
                yield Item(inside, Unreadable(reason) if why else content)
    except ImportError:  # a package that URIs need
        raise
    except Exception as error:  # what a broken archive causes shares no narrower base
        yield Item(place, Unreadable(f"cannot read {place}: {_reason(path, error)}"))


def _may_have_faces(name: str) -> bool:
    return is_image(name) or _why_unread(name) != ""


def _why_unread(name: str) -> str:
    """Returns why a member that may have faces is not read; "" for images and all others."""
    if is_hidden(name):
        return ""
    if is_raw(name):
        return WHY_RAW
    if is_archive(name) or is_unreadable_archive(name):
        return "an archive in an archive, which is not read; unpack it"
    if PurePosixPath(name).suffix.lower() in VIDEOS - MAYBE_TEXT:
        return "a video in an archive, which is not read; unpack it"
    return ""


def _reason(path: str, error: Exception) -> str:
    """Returns why an archive cannot be read."""
    try:
        if size_of(path) == 0:
            return EMPTY
        if isinstance(error, (tarfile.ReadError, zipfile.BadZipFile)):
            with opened(path) as file:
                return _why_none(name_of(path).lower(), file) or str(error)
    except OSError as broken:  # such as of the disk, which `zipfile` takes for another format
        error = broken if broken.strerror else error
    except Exception:  # as many as the file systems of URIs have
        pass
    return getattr(error, "strerror", None) or str(error)


def _why_none(name: str, file: BinaryIO) -> str:
    """Returns why a file is no archive of the kind that its name says; "" if that is not known."""
    start = file.read(8)
    if name.endswith(ZIPS):
        file.seek(max(0, file.seek(0, os.SEEK_END) - _ZIP_END))
        file.read()  # raises what `is_zipfile` passes over
        is_cut = start.startswith(_ZIP) and not zipfile.is_zipfile(file)
        return (
            "it was cut off: its end, which has the list of its files, is missing" if is_cut else ""
        )
    if start.startswith(_ZIP):
        return "it is a zip file; name it .zip"
    packed = (end for mark, end in _COMPRESSED.items() if start.startswith(mark))
    end = "" if is_compressed(name) else next(packed, "")
    return f"it is compressed; name it {end}" if end else ""


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
            if not _may_have_faces(member.name) or not (member.isfile() or is_link(member)):
                continue
            if counting or _why_unread(member.name):
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

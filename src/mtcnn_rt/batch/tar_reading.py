"""Opens tar files and goes through their headers, and notices where one is damaged or cut off.

`tarfile` takes a header that is damaged or missing for the end of the archive, unless it is the
first one: the members after it would be lost without a word.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from mtcnn_rt._files.extensions import TARS
from mtcnn_rt.batch.remote import name_of, opened

_END: Any = tarfile.EOFHeaderError  # type: ignore[attr-defined]  # a block of zeros
_STEP = 1 << 14  # bytes after the end that are read at a time
_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", (b"\xfd7zXZ", b"\x5d\0\0")


def is_compressed(path: str) -> bool:
    """Returns true if an archive has to be decompressed to count its members."""
    name = path.lower()
    return name.endswith(TARS) and not name.endswith(".tar")


@contextmanager
def opened_tar(path: str) -> Iterator[tarfile.TarFile]:
    """Gives the block a tar file, of which a compressed one can only be read forward.

    Args:
        path: Its path or URI, whose extension tells whether it is compressed.

    Raises:
        tarfile.TarError: It is none. A compressed one has the errors of its format, too.
        OSError: It cannot be opened.
    """
    with opened(path) as whole:
        plain: Any = _decompressed(whole) if is_compressed(name_of(path)) else nullcontext(whole)
        with plain as file, tarfile.open(fileobj=file, mode="r:", tarinfo=_Header) as archive:
            yield archive


def headers_of(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yields the headers of a tar file in their order.

    Raises:
        tarfile.ReadError: After the last one that can be read: a header is damaged, or the file
            ends before its end is marked, or goes on after that.
    """
    # Without a first member Python 3.10 would seek before the start.
    while archive.offset > 0 and (member := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # otherwise they take memory, to the end of the archive
        yield member
    _refuse_more(archive)


class _Header(tarfile.TarInfo):
    """A header that is an error where `tarfile` would take it for the end."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> _Header:
        """Reads the next header.

        Raises:
            tarfile.HeaderError: Zeros mark the end; or the first header is none.
            tarfile.ReadError: A later header is damaged, cut off or missing.
        """
        file: Any = tarfile_.fileobj
        start = file.tell()
        try:
            return super().fromtarfile(tarfile_)
        except _END:
            raise
        except tarfile.HeaderError as error:
            if start == 0:  # `tarfile` says so itself
                raise
            raise tarfile.ReadError(_why_none(start, file.tell() - start)) from error


def _why_none(start: int, size: int) -> str:
    """Returns why there is no header at a place where so many bytes were read."""
    if size == 0:
        return f"it ends at byte {start}, without the zeros of a tar file's end: it was cut off"
    if size < tarfile.BLOCKSIZE:
        return f"it is cut off in the header at byte {start}"
    return f"the header at byte {start} is damaged; what follows it was not read"


def _refuse_more(archive: tarfile.TarFile) -> None:
    """Raises ReadError if anything but zeros follows the zeros that mark the end."""
    file: Any = archive.fileobj
    while part := file.read(_STEP):
        if part.strip(b"\0"):
            raise tarfile.ReadError(
                f"it goes on after the zeros at byte {archive.offset}, which mark the end of a tar "
                "file, as files that were joined or damaged do; what follows was not read"
            )


def _decompressed(file: Any) -> AbstractContextManager[Any]:
    """Returns the content of a file that is compressed with gzip, bzip2 or xz, or as it is.

    Not as `tarfile` decompresses streams: that notices neither wrong checksums nor a missing end,
    and stops where files were joined.
    """
    start = file.read(len(_XZ[0]))
    file.seek(0)
    try:
        if start.startswith(_GZIP):
            from gzip import GzipFile

            return GzipFile(fileobj=file)
        if start.startswith(_BZIP2):
            from bz2 import BZ2File

            return BZ2File(file)
        if start.startswith(_XZ):
            from lzma import LZMAFile

            return LZMAFile(file)
    except ImportError as error:  # such a Python can be built
        raise tarfile.CompressionError(f"this Python has no {error.name}") from error
    return nullcontext(file)

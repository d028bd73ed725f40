"""Reads and writes files that paths or URIs name, such as s3://bucket/photos."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from mtcnn_rt._files.addresses import ADDRESS_OUT, is_address
from mtcnn_rt.batch.file_systems import WEB, FileSystem, file_system, raising_os_errors

_WILD = re.compile(r"[*?[]")
_USER = re.compile(r"^(?:[^/]*@|[^/@:]*:(?!\d+/)[^@]*@)")
"""A user and password: what is before the first slash, or a password that has a slash itself."""


def name_of(path: str) -> str:
    """Returns the name of a file: a URI loses its user, password and query.

    Example:
        >>> name_of("s3://key:secret@bucket/a.jpg?region=eu-west-1")
        's3://bucket/a.jpg'
    """
    if not is_address(path):
        return path
    scheme, place, _ = _parts(path)
    return f"{scheme}://{_without_user(place)}"


def opened(path: str) -> BinaryIO:
    """Opens a path or URI for reading; the file can seek.

    Raises:
        OSError: It cannot be opened.
        ValueError: There is no file system for the URI.
        MissingPackageError: A package is needed for URIs; an ImportError.
    """
    if not is_address(path):
        return open(path, "rb")
    files, place = _place(path)
    return files.open(place)


def expanded(uri: str) -> Iterator[str]:
    """Yields the URIs of the files that a URI leads to, sorted: itself, a folder's, or a pattern's.

    Raises:
        OSError: A folder cannot be listed.
        ValueError: There is no file system for the URI.
    """
    files, place = _place(uri)
    scheme, given, query = _parts(uri)
    user = given.removesuffix(_without_user(given))
    found = [place]
    if files.is_folder(place):
        found = [path for path in files.below(place) if not is_hidden(path[len(place) :])]
    elif files.is_folder(place) is None and _WILD.search(place):
        folder = place[: _WILD.search(place).start()].rpartition("/")[0]  # type: ignore[union-attr]
        found = [path for path in files.below(folder) if _matches(path, place)]
    for path in sorted(found):
        yield f"{scheme}://{user}{path}{query}"


def exists(uri: str) -> bool:
    """Returns True if there is a file at a URI."""
    files, place = _place(uri)
    return files.is_folder(place) is False


def size_of(path: str) -> int:
    """Returns the number of bytes of a file.

    Raises:
        OSError: It cannot be opened.
    """
    if not is_address(path):
        return os.stat(path).st_size
    files, place = _place(path)
    return files.size(place)


def require_bucket(uri: str) -> None:
    """Finds out before a long run that there is no bucket for its results.

    Raises:
        FileNotFoundError: The bucket of an s3:// or gs:// URI does not exist.
        ValueError: It is a URI of a web server, where nothing is written.
    """
    if uri.lower().startswith(tuple(f"{scheme}:" for scheme in WEB)):
        raise ValueError(f"{name_of(uri)}: {ADDRESS_OUT}")
    bucket = name_of(uri).partition("://")[2].partition("/")[0]
    if not uri.lower().startswith(("s3:", "gs:", "gcs:")):
        return
    try:
        found = _place(uri)[0].is_folder(bucket)
    except OSError:  # those who may write need not be allowed to ask
        return
    if found is None:
        raise FileNotFoundError(f"{name_of(uri)}: there is no bucket {bucket}")


def upload(path: Path, uri: str) -> None:
    """Copies a file to a URI, where an interruption leaves no part of it.

    Raises:
        OSError: It cannot be written.
    """
    files, place = _place(uri)
    with path.open("rb") as source, raising_os_errors(), files.create(place) as target:
        try:
            shutil.copyfileobj(source, target, 1 << 20)
        except BaseException:
            with suppress(OSError):
                target.close()  # PyArrow then has a file with what was written
                files.remove(place)
            raise


def _parts(uri: str) -> tuple[str, str, str]:
    """Returns the scheme, what follows it, and the query with its question mark."""
    scheme, _, rest = uri.partition("://")
    place, mark, query = rest.partition("?")
    if mark and "=" not in query:  # a wildcard, not a query
        return scheme, rest, ""
    return scheme, place, mark + query


def _without_user(place: str) -> str:
    """Returns the host and path without the user and password before an @; folders may have one."""
    return _USER.sub("", place)


def _place(uri: str) -> tuple[FileSystem, str]:
    """Returns the file system of a URI, and the path in it."""
    scheme, place, query = _parts(uri)
    host = urlsplit(uri).netloc
    return file_system(scheme.lower(), host, query), _without_user(place).rstrip("/") or "/"


def is_hidden(path: str) -> bool:
    """Returns True if a file, or a folder above it, is hidden."""
    return any(part.startswith(".") and part not in (".", "..") for part in path.split("/"))


def _matches(path: str, pattern: str) -> bool:
    """Returns True if a path matches a glob pattern, in which ** stands for any folders."""
    return _match(path.split("/"), pattern.split("/"))


def _match(parts: list[str], patterns: list[str]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_match(parts[n:], patterns[1:]) for n in range(len(parts) + 1))
    if not parts or (parts[0].startswith(".") and not patterns[0].startswith(".")):
        return False
    return fnmatchcase(parts[0], patterns[0]) and _match(parts[1:], patterns[1:])

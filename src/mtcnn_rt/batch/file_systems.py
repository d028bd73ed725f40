"""Opens the file systems behind URIs, through PyArrow or fsspec."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOENT
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, BinaryIO, Protocol

from mtcnn_rt._errors import joined_lines
from mtcnn_rt._files.paths import NO_SUCH
from mtcnn_rt._packages import needs

WEB = ("http", "https")
"""Schemes of web servers, which have files alone: no folders, and nothing is written there."""


class FileSystem(Protocol):
    """A file system."""

    def open(self, path: str) -> BinaryIO:
        """Opens a file for reading at any place."""

    def create(self, path: str) -> BinaryIO:
        """Opens a new file, or replaces one."""

    def remove(self, path: str) -> None:
        """Removes a file."""

    def is_folder(self, path: str) -> bool | None:
        """Returns True for a folder, False for a file, None for nothing."""

    def size(self, path: str) -> int:
        """Returns the number of bytes of a file."""

    def below(self, folder: str) -> list[str]:
        """Returns the paths of all files below a folder."""


@lru_cache(maxsize=64)
def file_system(scheme: str, host: str, query: str) -> FileSystem:
    """Returns the file system of URIs: that of PyArrow, or of fsspec where PyArrow has none.

    Args:
        scheme: Their scheme, in lower case.
        host: Their host, with a user and password.
        query: Their query, with its question mark.

    Raises:
        ValueError: There is none for the scheme, or it does not take the query.
        MissingPackageError: A package is needed for it; an ImportError.
    """
    with needs(f"{scheme}://"):
        try:
            import pyarrow.fs
        except ImportError as error:
            if find_spec("fsspec") is None:
                raise error
            return _FsspecFiles(scheme, query)
    try:
        root = f"{scheme}://{host or '/'}{'/' if host else ''}{query}"
        return _ArrowFiles(pyarrow.fs.FileSystem.from_uri(root)[0], pyarrow.fs)
    except pyarrow.ArrowInvalid:  # an unknown scheme
        return _FsspecFiles(scheme, query)


class _ArrowFiles:
    """A file system of PyArrow."""

    def __init__(self, files: Any, module: Any) -> None:
        self._files, self._module = files, module

    def open(self, path: str) -> BinaryIO:
        found: BinaryIO = self._files.open_input_file(path)
        return found

    def create(self, path: str) -> BinaryIO:
        made: BinaryIO = self._files.open_output_stream(path)
        return made

    def remove(self, path: str) -> None:
        self._files.delete_file(path)

    def is_folder(self, path: str) -> bool | None:
        kind = self._files.get_file_info(path).type
        if kind == self._module.FileType.NotFound:
            return None
        return bool(kind == self._module.FileType.Directory)

    def size(self, path: str) -> int:
        return int(self._files.get_file_info(path).size or 0)

    def below(self, folder: str) -> list[str]:
        selector = self._module.FileSelector(folder, allow_not_found=True, recursive=True)
        found = self._files.get_file_info(selector)
        return [one.path for one in found if one.type == self._module.FileType.File]


@contextmanager
def raising_os_errors() -> Iterator[None]:
    """Raises OSError for the errors of fsspec's packages, such as missing credentials."""
    try:
        yield
    except FileNotFoundError as error:  # whose message is often the path alone
        raise FileNotFoundError(ENOENT, NO_SUCH) from error
    except (OSError, ValueError, ImportError):
        raise
    except Exception as error:  # each package has its own
        raise OSError(f"{type(error).__name__}: {joined_lines(error)}") from error


class _FsspecFiles:
    """A file system of fsspec."""

    def __init__(self, scheme: str, query: str) -> None:
        import fsspec

        self._web = scheme in WEB
        self._start, self._end = (f"{scheme}://", query) if self._web else ("", "")
        try:
            self._files: Any = fsspec.filesystem(scheme)
        except (ValueError, TypeError) as error:  # some need a host, which no URI gives them here
            raise ValueError(f"no file system for {scheme}://: {error}") from None
        if query and not self._web:
            raise ValueError(f"{scheme}:// takes no {query}")

    @raising_os_errors()
    def open(self, path: str) -> BinaryIO:
        found: BinaryIO = self._files.open(self._inner(path), "rb")
        return found

    @raising_os_errors()
    def create(self, path: str) -> BinaryIO:
        made: BinaryIO = self._files.open(self._inner(path), "wb")
        return made

    @raising_os_errors()
    def remove(self, path: str) -> None:
        self._files.rm_file(self._inner(path))

    @raising_os_errors()
    def is_folder(self, path: str) -> bool | None:
        if not self._files.exists(self._inner(path)):
            return None
        return not self._web and bool(self._files.isdir(path))  # which loads a whole web page

    @raising_os_errors()
    def size(self, path: str) -> int:
        return int(self._files.size(self._inner(path)))

    @raising_os_errors()
    def below(self, folder: str) -> list[str]:
        if self._web:
            return []
        start = "" if folder.startswith("/") else "/"
        found = self._files.find(folder)
        return [path.removeprefix(start) for path in found]

    def _inner(self, path: str) -> str:
        """Returns what fsspec takes for a path: of the web the whole address."""
        return f"{self._start}{path}{self._end}"

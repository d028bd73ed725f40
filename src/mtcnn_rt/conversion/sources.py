"""Reads weights from the files in which others publish them."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

from mtcnn_rt._errors import text_of
from mtcnn_rt._files.finished import naming
from mtcnn_rt._files.guarded import read_regular_file
from mtcnn_rt._files.paths import is_there
from mtcnn_rt._layers import KERNELS, Layer
from mtcnn_rt._packages import needs


class Read(Protocol):
    """Reads the network in a file; the type of the functions of `READERS`."""

    def __call__(self, content: bytes) -> tuple[str, list[Layer]]:
        """Reads the network.

        Args:
            content: The file's bytes.

        Returns:
            The name of the network, and its layers.

        Raises:
            ValueError: The file has none of the three networks.
            ImportError: A library that reads it is not installed.
        """


READERS = {
    ".pt": ("facenet", "read_state_dict"),
    ".lz4": ("published", "read_published"),
    ".caffemodel": ("caffe", "read_caffemodel"),
}
"""For each suffix the module and its function, a `Read`."""
LARGEST = 1 << 30
"""Most bytes of a file; the published ones have at most 2 MB."""
NOT_NEEDED = ".prototxt"  # comes with a .caffemodel


def read_sources(paths: Sequence[Path]) -> dict[str, list[Layer]]:
    """Reads the layers of the three networks.

    Args:
        paths: The files of the three networks, in any order, or a folder that has them and no
            others of these kinds.

    Returns:
        The layers of each network, keys as in `KERNELS`.

    Raises:
        ValueError: A file is of another kind or broken, or a network is missing or there twice.
        OSError: A file cannot be read.
        ImportError: A library is not installed.
    """
    found: dict[str, list[Layer]] = {}
    origin: dict[str, Path] = {}
    for path in _files(paths):
        network, layers = _read(path)
        if network in found:
            raise ValueError(f"{origin[network]} and {path} are both {network}")
        found[network], origin[network] = layers, path
    missing = [network for network in KERNELS if network not in found]
    if missing:
        given = ", ".join(map(str, paths))
        raise ValueError(f"there is no {', no '.join(missing)} in {given}")
    return {network: found[network] for network in KERNELS}


def _files(paths: Sequence[Path]) -> list[Path]:
    """Returns the files to read. Raises ValueError for one of an unknown kind."""
    files = []
    for path in paths:
        if path.is_dir():
            files += [file for file in sorted(path.iterdir()) if file.suffix in READERS]
        elif path.suffix in READERS:
            files.append(path)
        elif not path.suffix and not is_there(path):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        elif path.suffix != NOT_NEEDED:
            raise ValueError(f"{path}: expected a file that ends in {', '.join(READERS)}")
    return files


def _read(path: Path) -> tuple[str, list[Layer]]:
    """Reads a file by its suffix. Raises ValueError that names the file."""
    module, function = READERS[path.suffix]
    try:
        with naming(path):
            content = read_regular_file(path, LARGEST)
        with needs(f"reading {path.name}"):
            read: Read = getattr(import_module(f"mtcnn_rt.conversion.{module}"), function)
            network, layers = read(content)
    except (OSError, ImportError):
        raise
    except Exception as error:  # what broken weights cause shares no narrower base
        raise ValueError(f"{path}: {text_of(error)}") from error
    return network, layers

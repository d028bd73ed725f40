"""Writes samples to files, which a full disk leaves whole or absent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._files.finished import finished_file, naming

WRITTEN_AT_ONCE = 64 << 20
"""Bytes that are in memory at a time, of arrays that are mapped from files."""


def write_samples(
    file: Path, layout: np.dtype[Any], arrays: Sequence[NDArray[Any]], overwrite: bool = False
) -> None:
    """Writes arrays one after another into one .npy file, which is complete or absent.

    The file is written, not mapped: a full disk is an error of a write, but ends a process that
    fills a mapping of a sparse file with SIGBUS.

    Args:
        file: The file.
        layout: Type of all arrays.
        arrays: Arrays (N,), which may be larger than the memory together if they are mapped.
        overwrite: Replace a file that exists.

    Raises:
        OSError: The file cannot be written; the error names it.
    """
    header = {
        "descr": np.lib.format.dtype_to_descr(layout),
        "fortran_order": False,
        "shape": (sum(map(len, arrays)),),
    }
    rows = max(1, WRITTEN_AT_ONCE // layout.itemsize)
    with finished_file(file, overwrite) as temporary, naming(file), temporary.open("wb") as output:
        np.lib.format.write_array_header_1_0(output, header)
        for array in arrays:
            if array.dtype != layout:
                raise ValueError(f"{file}: samples of another type: {array.dtype}")
            for first in range(0, len(array), rows):
                output.write(array[first : first + rows].tobytes())

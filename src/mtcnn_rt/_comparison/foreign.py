"""Starts workers in other Python environments, for packages that cannot be installed together."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

import mtcnn_rt
from mtcnn_rt._signals import children_without_interrupts

# Takes this package from its file: its folder in `sys.path` may have packages of another Python.
_CHILD = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
from multiprocessing.connection import Connection
spec = spec_from_file_location("mtcnn_rt", sys.argv[3])
package = sys.modules["mtcnn_rt"] = module_from_spec(spec)
spec.loader.exec_module(package)
from mtcnn_rt._comparison.worker import serve
serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
"""


def start(
    python: Path, threads: int, environment: Mapping[str, str]
) -> tuple[Connection, subprocess.Popen[bytes]]:
    """Starts a process that answers the requests of a worker.

    Args:
        python: The interpreter of the environment. It needs NumPy, and what the tasks need; this
            package does not have to be installed there.
        threads: The number of threads of the tasks.
        environment: All environment variables of the process.

    Returns:
        The pipe for the requests, and the process, which ends when the pipe is closed.

    Raises:
        OSError: There is no such program.
    """
    if sys.platform == "win32":
        raise OSError("other Python environments: not supported on Windows")
    pipe, theirs = multiprocessing.Pipe()
    with theirs, children_without_interrupts():
        descriptor = theirs.fileno()
        words = [str(python), "-c", _CHILD, str(descriptor), str(threads), mtcnn_rt.__file__]
        process = subprocess.Popen(words, env=environment, pass_fds=[descriptor])
    return pipe, process

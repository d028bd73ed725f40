"""Starts processes that run Python code."""

import subprocess
import sys


def piped(script: str, **how: object) -> subprocess.Popen:
    """Starts a process that runs Python code, with pipes to its standard input and output.

    Args:
        script: The code.
        how: Further arguments of `subprocess.Popen`.
    """
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe, **how)

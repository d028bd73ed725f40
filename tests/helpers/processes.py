"""Starts processes that run Python code, and stops commands."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

GENTLE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) if sys.platform != "win32" else ()
"""Signals that end a command in good order."""


def piped(script: str, **how: object) -> subprocess.Popen:
    """Starts a process that runs Python code, with pipes to its standard input and output.

    Args:
        script: The code.
        how: Further arguments of `subprocess.Popen`.
    """
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe, **how)


def random_signal(index: int, generator: Random) -> signal.Signals:
    """Returns the signal of an attempt to stop a command: every other one is SIGKILL.

    Args:
        index: Number of the attempt, from 0.
        generator: Chooses among `GENTLE`.
    """
    return signal.SIGKILL if index % 2 else generator.choice(GENTLE)


def stop_after(
    seconds: float, number: signal.Signals, words: Sequence[str], folder: Path
) -> subprocess.Popen:
    """Runs a command, sends it a signal, and asserts that it ended as commands do.

    Args:
        seconds: Time from the start to the signal.
        number: The signal.
        words: The command.
        folder: Working folder of the command.

    Returns:
        The process, which has ended, maybe before the signal.
    """
    process = subprocess.Popen(
        words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    time.sleep(seconds)
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode in (0, 130, -number), (process.returncode, errors)
    if process.returncode == 130:
        assert errors.splitlines()[-1] == "mtcnn-rt: interrupted"
    return process

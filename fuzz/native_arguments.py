"""Calls every public name of `_native` with random arguments and reports what kills the process.

    python -m fuzz.native_arguments --seconds 60
    python -m fuzz.native_arguments --call 12345     # repeats one call, with its arguments

Calls run in a child process, which writes the number of each call before the call. A call may raise
ValueError, TypeError or MemoryError, and a closed engine RuntimeError. Reported are other
exceptions, a process that a signal ends, and a call that does not return.

Exit status: 0 without findings, 1 with findings.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fuzz.native_targets import Objects, prepare

CALLS_PER_CHILD = 2000
SLOWEST_CALL_S = 60
MEMORY = 6 << 30
"""Bytes of address space of a child, so that a call for too much memory raises MemoryError."""


def call(number: int, objects: Objects) -> str | None:
    """Makes a call; returns the exception that it must not raise, as text."""
    name, function, arguments = prepare(number, objects)
    try:
        function(*arguments)
    except (ValueError, TypeError, MemoryError):
        return None
    except RuntimeError as error:
        closed = name.startswith("Engine.") and str(error) == "the detector is closed"
        return None if closed else f"{name}: RuntimeError: {error}"
    except BaseException as error:
        return f"{name}: {type(error).__name__}: {error}"
    return None


def limit_memory() -> None:
    """Limits the memory of this process, unless a sanitizer needs its address space."""
    if sys.platform != "linux" or "asan" in os.environ.get("LD_PRELOAD", ""):
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run_child(first: int, last: int, log: Path, done: Path) -> None:
    """Makes the calls [first, last); appends findings to `log`, keeps the current one in `done`."""
    limit_memory()
    np.seterr(all="ignore")
    objects = Objects()
    with done.open("wb", buffering=0) as current, log.open("a") as findings:
        for number in range(first, last):
            current.seek(0)
            current.write(b"%20d" % number)
            wrong = call(number, objects)
            if wrong:
                findings.write(f"call {number}: {wrong}\n")
        current.seek(0)
        current.write(b"%20d" % last)


def describe(number: int) -> None:
    """Prints a call, and makes it."""
    limit_memory()
    objects = Objects()
    name, _, arguments = prepare(number, objects)
    for i, argument in enumerate(arguments):
        if isinstance(argument, np.ndarray):
            shown = f"{argument.dtype} {argument.shape} strides {argument.strides}"
        else:
            shown = repr(argument)
        print(f"{name} argument {i}: {shown[:2000]}", flush=True)
    print(call(number, objects) or "an exception that it may raise, or none")


def fuzz(first: int, seconds: float, calls: int | None) -> tuple[int, list[str]]:
    """Makes calls from number `first` on until the time is over; returns their number, findings."""
    findings: list[str] = []
    end, number = time.monotonic() + seconds, first
    last = None if calls is None else first + calls
    with tempfile.TemporaryDirectory() as folder:
        log, done = Path(folder) / "log", Path(folder) / "done"
        while time.monotonic() < end and (last is None or number < last):
            until = (
                number + CALLS_PER_CHILD if last is None else min(number + CALLS_PER_CHILD, last)
            )
            done.write_bytes(b"%20d" % number)
            words = ["--child", str(number), str(until), str(log), str(done)]
            child = subprocess.Popen(
                [sys.executable, "-m", "fuzz.native_arguments", *words],
                stderr=subprocess.PIPE,
                text=True,
            )
            ended = wait(child, done, end)
            number = int(done.read_bytes() or number)
            if ended is not None:
                errors = (child.stderr.read() if child.stderr else "").strip()
                findings.append(f"call {number}: {ended}\n{errors[-3000:]}".strip())
                number += 1
        if log.exists():
            findings += log.read_text().splitlines()
    return number - first, findings


def wait(child: subprocess.Popen[str], done: Path, end: float) -> str | None:
    """Waits for a child; returns what went wrong. Ends it when the time is over."""
    seen, since = b"", time.monotonic()
    while (status := child.poll()) is None:
        time.sleep(0.05)
        current = done.read_bytes()
        if current != seen:
            seen, since = current, time.monotonic()
        late = time.monotonic() - since > SLOWEST_CALL_S
        if late or time.monotonic() > end:
            child.kill()
            child.wait()
            return "did not return" if late else None
    if status == 0:
        return None
    return f"ended by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def main() -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="Duration of the run.")
    parser.add_argument("--calls", type=int, help="Number of calls, if fewer.")
    parser.add_argument("--first", type=int, default=0, help="Number of the first call.")
    parser.add_argument("--call", type=int, help="Shows and repeats one call.")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        first, last, log, done = arguments.child
        run_child(int(first), int(last), Path(log), Path(done))
        return 0
    if arguments.call is not None:
        describe(arguments.call)
        return 0
    calls, findings = fuzz(arguments.first, arguments.seconds, arguments.calls)
    for finding in findings:
        print(finding)
    print(f"{calls} calls, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

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
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mtcnn_rt import _native

CALLS_PER_CHILD = 2000
SLOWEST_CALL_S = 60
MEMORY = 6 << 30
"""Bytes of address space of a child, so that a call for too much memory raises MemoryError."""

LARGEST_LEVEL = 300_000
"""Pixels of the largest level that is not refused: larger ones only take longer."""

LARGEST_COPY = 1 << 24
"""Bytes of the largest array that is copied."""

INTEGERS = [-(2**63), -(2**31), -13, -1, 0, 1, 2, 10, 11, 12, 13, 1024, 1025, 65536, 131081]
INTEGERS += [2**24, 2**24 + 1, 715827883, 2**31 - 1, 2**31, 2**32 + 1, 2**63 - 1, 2**63, 2**80]
NUMBERS = [float("nan"), float("inf"), float("-inf"), -1.0, -0.0, 0.0, 5e-324, 1e-30, 1e-9, 0.1]
NUMBERS += [0.5, 0.6, 0.709, 0.99, 1 - 2**-53, 1.0, 1 + 2**-52, 11.9, 12.0, 20.0, 1e9, 1e38, 1e308]
ANYTHING = [None, "text", b"bytes", [], {}, (), object(), True, 1.5, -7, "\ud800", [[[[]]]]]

Random = np.random.Generator
Arguments = list[Any]


def pick(random: Random, values: Sequence[Any]) -> Any:
    """Returns one of the values."""
    return values[int(random.integers(len(values)))]


def side(random: Random) -> int:
    """Returns a side of an image or a level, in pixels."""
    return int(random.integers(1, 20 if random.random() < 0.3 else 150))


def level(random: Random) -> tuple[int, int]:
    """Returns the height and the width of a level, mostly one that P-Net sees."""
    least = 1 if random.random() < 0.1 else 11
    return side(random) + least - 1, side(random) + least - 1


def image(random: Random) -> np.ndarray:
    """Returns an image (H, W, 3), rows at any distance."""
    height, width = side(random), side(random)
    pixels = random.integers(0, 256, (height, width, 3), np.uint8)
    views = [
        pixels,
        pixels[::-1],
        pixels[::3],
        pixels[:, : max(1, width // 2)],
        pixels[:, -1:],
        np.broadcast_to(pixels[:1], (height, width, 3)),
        np.lib.stride_tricks.as_strided(pixels[:1], strides=(2**62, 3, 1)),
    ]
    view: np.ndarray = pick(random, views)
    return view


def floats(random: Random, *shape: int, scale: float = 1.0) -> np.ndarray:
    """Returns an array of float32, sometimes with values that are extreme or not numbers."""
    array = random.normal(0, scale, shape).astype(np.float32)
    if array.size and random.random() < 0.3:
        places = random.integers(0, array.size, max(1, array.size // 10))
        with np.errstate(over="ignore"):
            array.flat[places] = np.float32(pick(random, NUMBERS))
    return array


def boxes(random: Random, count: int | None = None) -> np.ndarray:
    """Returns boxes (N, 4)."""
    count = int(random.integers(0, 40)) if count is None else count
    return floats(random, count, 4, scale=float(pick(random, [1, 50, 1e4, 1e20])))


def layers(random: Random, shapes: Sequence[tuple[int, ...]]) -> list[tuple[Any, ...]]:
    """Returns layers with kernels of these shapes."""
    made: list[tuple[Any, ...]] = []
    for i, shape in enumerate(shapes):
        scale = float(np.prod(shape[1:])) ** -0.5
        kernel, bias = random.normal(0, scale, shape), random.normal(0, 0.1, shape[0])
        slopes = random.normal(0, 0.5, shape[0]) if i + 1 < len(shapes) else None
        arrays = (kernel, bias, slopes)
        made.append(tuple(a if a is None else a.astype(np.float32) for a in arrays))
    return made


PNET = [(10, 3, 3, 3), (16, 10, 3, 3), (32, 16, 3, 3), (5, 32, 1, 1)]
RNET = [(28, 3, 3, 3), (48, 28, 3, 3), (64, 48, 2, 2), (128, 576), (5, 128)]
ONET = [(32, 3, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (128, 64, 2, 2), (256, 1152), (15, 256)]


def network_layers(random: Random, shapes: Sequence[tuple[int, ...]]) -> list[tuple[Any, ...]]:
    """Returns a network's layers, sometimes with one array that is wrong."""
    made = layers(random, shapes)
    if random.random() < 0.4:
        i, j = int(random.integers(len(made))), int(random.integers(3))
        changed = list(made[i])
        changed[j] = spoiled(random, changed[j])
        made[i] = tuple(changed)
    return made


def statistics(random: Random) -> tuple[list[np.ndarray], np.ndarray] | None:
    """Returns P-Net's statistics, or None."""
    if random.random() < 0.3:
        return None
    limits = [np.stack([-np.ones(n), np.ones(n)]).astype(np.float32) for n in (10, 16)]
    means = np.abs(floats(random, 2, 32))
    if random.random() < 0.2:
        limits[0] = spoiled(random, limits[0])
    return limits, means


def spoiled_array(random: Random, array: np.ndarray) -> Any:
    """Returns an array with another shape, dtype, memory layout or values."""
    if array.dtype == object or array.nbytes > LARGEST_COPY:
        return array[:-1]
    unaligned = np.frombuffer(b"\0" + array.tobytes() + b"\0", array.dtype, array.size, 1)
    ways: list[Callable[[], Any]] = [
        lambda: array[:0],
        lambda: array[..., :0],
        lambda: array[..., :-1],
        lambda: array[..., ::-1],
        lambda: array[:-1],
        lambda: array[None],
        lambda: array.ravel(),
        lambda: array.T,
        lambda: np.asfortranarray(array),
        lambda: unaligned.reshape(array.shape),
        lambda: array.astype(array.dtype.newbyteorder()),
        lambda: array.astype(np.float64),
        lambda: array.astype(np.uint8, casting="unsafe") if array.dtype != np.float32 else array,
        lambda: np.full(array.shape, pick(random, NUMBERS[:6]), np.float32),
        lambda: np.broadcast_to(array[:1], (131081, *array.shape[1:])) if array.ndim == 1 else 0,
        lambda: array.tolist(),
        lambda: readonly(array),
        lambda: array.astype(object),
    ]
    return pick(random, ways)()


def readonly(array: np.ndarray) -> np.ndarray:
    """Returns a copy that cannot be written to."""
    array = array.copy()
    array.flags.writeable = False
    return array


def spoiled_image(random: Random) -> Any:
    """Returns a view of few bytes that seems large, or an image that is none."""
    pixel = np.zeros((1, 1, 3), np.uint8)
    shape = [
        (131081, 131081, 3),
        (1, 2**24 + 1, 3),
        (2**30, 1, 3),
        (2**31, 2, 3),
        (65536, 65536, 3),
    ]
    views = [np.broadcast_to(pixel, one) for one in shape]
    row = np.zeros((1, 131081, 3), np.uint8)
    views += [np.broadcast_to(row, (131081, 131081, 3)), np.broadcast_to(row, (2**40, 131081, 3))]
    return pick(random, views)


def spoiled(random: Random, value: Any) -> Any:
    """Returns a value of which a function need not make sense."""
    if random.random() < 0.15:
        return pick(random, ANYTHING)
    if isinstance(value, np.ndarray):
        if value.dtype == np.uint8 and random.random() < 0.4:
            return spoiled_image(random)
        return spoiled_array(random, value)
    if isinstance(value, bool):
        return pick(random, ANYTHING)
    if isinstance(value, int):
        return pick(random, INTEGERS)
    if isinstance(value, float):
        return pick(random, NUMBERS)
    if isinstance(value, (tuple, list)) and value:
        changed = list(value)
        for _ in range(int(random.integers(1, 3))):
            i = int(random.integers(len(changed)))
            changed[i] = spoiled(random, changed[i])
        return fitting(type(value)(changed))
    return pick(random, ANYTHING)


def fitting(value: Any) -> Any:
    """Returns levels that are small, or too large to be accepted; others as they are."""
    sides = value if isinstance(value, tuple) else ()
    if len(sides) != 2 or not all(isinstance(one, int) for one in sides):
        return value
    if LARGEST_LEVEL < abs(sides[0] * sides[1]) < 2**31:
        return sides[0], 2**31
    return value


class Objects:
    """The objects whose methods are called, made once."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        pnet, rnet, onet = (layers(random, shapes) for shapes in (PNET, RNET, ONET))
        limits = [np.stack([-np.ones(n), np.ones(n)]).astype(np.float32) for n in (10, 16)]
        known = limits, np.ones((2, 32), np.float32)
        self.pnets = [
            _native.PNet(pnet),
            _native.PNet(pnet, known),
            _native.PNet(pnet, known, True),
            new(_native.PNet),
        ]
        self.rnets = [_native.RNet(rnet), new(_native.RNet)]
        self.onets = [_native.ONet(onet), new(_native.ONet)]
        self.engines = [_native.Engine(pnet, rnet, onet, threads) for threads in (1, 2, 3)]
        self.engines += [new(_native.Engine)]
        self.engines[1].close()
        self.nms = [_native.Nms(), new(_native.Nms)]


def new(of_class: type) -> Any:
    """Returns an object whose __init__ was not called."""
    return of_class.__new__(of_class)


@dataclass(frozen=True)
class Target:
    """A function of the module, and what makes arguments that it takes."""

    call: Callable[[Objects, Random], Callable[..., Any]]
    arguments: Callable[[Random], Arguments]


def method(objects: str, name: str) -> Callable[[Objects, Random], Callable[..., Any]]:
    """Returns what finds the method of one of the objects."""
    return lambda made, random: getattr(pick(random, getattr(made, objects)), name)


def function(name: str) -> Callable[[Objects, Random], Callable[..., Any]]:
    """Returns what finds the function of the module."""
    return lambda made, random: getattr(_native, name)


def engine_arguments(random: Random) -> Arguments:
    """Returns arguments of Engine."""
    networks = [network_layers(random, shapes) for shapes in (PNET, RNET, ONET)]
    return [*networks, int(random.integers(1, 5)), statistics(random), random.random() < 0.3]


def crops_arguments(random: Random) -> Arguments:
    """Returns arguments of crops."""
    size, found = int(random.integers(1, 50)), boxes(random)
    return [image(random), True, found, np.zeros((len(found), 3, size, size), np.float32)]


def resize_arguments(random: Random) -> Arguments:
    """Returns arguments of resize, of an image or its halves."""
    pixels, of_level = image(random), level(random)
    first = int(random.integers(of_level[0]))
    rows = int(random.integers(1, of_level[0] - first + 1))
    if random.random() < 0.5:
        halves = _native.Halves(pixels, True, [of_level])
        return [pick(random, [halves, halves, new(_native.Halves)]), of_level, first, rows]
    return [pixels, True, of_level, first, rows]


def calibrate_arguments(random: Random) -> Arguments:
    """Returns arguments of calibrate."""
    found = boxes(random)
    return [found, floats(random, len(found), 4)]


def place_arguments(random: Random) -> Arguments:
    """Returns arguments of place."""
    found = boxes(random)
    return [found, floats(random, len(found), int(random.integers(0, 6)), 2)]


def nms_arguments(random: Random) -> Arguments:
    """Returns arguments of Nms."""
    found = boxes(random)
    scores = floats(random, len(found))
    return [found, scores, float(random.random()), pick(random, ["union", "smaller"])]


def crop_network_arguments(size: int) -> Callable[[Random], Arguments]:
    """Returns what makes the arguments of run."""
    return lambda random: [floats(random, int(random.integers(0, 20)), 3, size, size, scale=100)]


TARGETS = {
    "isa": Target(function("isa"), lambda random: []),
    "isas": Target(function("isas"), lambda random: []),
    "check_size": Target(function("check_size"), lambda random: [side(random), side(random)]),
    "pyramid": Target(
        function("pyramid"),
        lambda random: [side(random), side(random), 20.0, 0.709, float("inf")],
    ),
    "Halves": Target(
        function("Halves"), lambda random: [image(random), True, [level(random), level(random)]]
    ),
    "resize": Target(function("resize"), resize_arguments),
    "candidates": Target(
        function("candidates"),
        lambda random: [
            floats(random, 5, side(random) - 1, side(random)),
            float(random.random()),
            0,
            (0.5, 0.5),
        ],
    ),
    "accept": Target(
        function("accept"),
        lambda random: [
            floats(random, int(random.integers(0, 30)), pick(random, [1, 5, 15])),
            float(random.random()),
        ],
    ),
    "calibrate": Target(function("calibrate"), calibrate_arguments),
    "square": Target(function("square"), lambda random: [boxes(random)]),
    "clip": Target(function("clip"), lambda random: [boxes(random), side(random), side(random)]),
    "place": Target(function("place"), place_arguments),
    "Nms": Target(function("Nms"), lambda random: []),
    "Nms.__call__": Target(method("nms", "__call__"), nms_arguments),
    "crops": Target(function("crops"), crops_arguments),
    "PNet": Target(
        function("PNet"),
        lambda random: [network_layers(random, PNET), statistics(random), random.random() < 0.5],
    ),
    "PNet.cells": Target(
        method("pnets", "cells"),
        lambda random: [floats(random, 3, side(random) + 10, side(random) + 10, scale=100)],
    ),
    "PNet.propose": Target(
        method("pnets", "propose"),
        lambda random: [image(random), True, level(random), float(random.random()), 0, 1],
    ),
    "RNet": Target(function("RNet"), lambda random: [network_layers(random, RNET)]),
    "RNet.run": Target(method("rnets", "run"), crop_network_arguments(24)),
    "RNet.classify": Target(
        method("rnets", "classify"), lambda random: [image(random), True, boxes(random)]
    ),
    "ONet": Target(function("ONet"), lambda random: [network_layers(random, ONET)]),
    "ONet.run": Target(method("onets", "run"), crop_network_arguments(48)),
    "ONet.classify": Target(
        method("onets", "classify"), lambda random: [image(random), True, boxes(random)]
    ),
    "Engine": Target(function("Engine"), engine_arguments),
    "Engine.propose": Target(
        method("engines", "propose"),
        lambda random: [image(random), True, [level(random)] * 2, float(random.random())],
    ),
    "Engine.refine": Target(
        method("engines", "refine"), lambda random: [image(random), True, boxes(random)]
    ),
    "Engine.output": Target(
        method("engines", "output"), lambda random: [image(random), True, boxes(random)]
    ),
    "Engine.close": Target(
        lambda made, random: pick(random, made.engines[1:2] + made.engines[3:]).close,
        lambda random: [],
    ),
}
"""The calls, by the name in `_native`."""

SLOW = ("RNet", "ONet", "Engine")
"""Constructors that take milliseconds: fewer calls go to them."""


def prepare(number: int, objects: Objects) -> tuple[str, Callable[..., Any], Arguments]:
    """Returns the name, the function and the arguments of a call, which its number gives."""
    random = np.random.default_rng(number)
    name = pick(random, list(TARGETS))
    if name in SLOW and random.random() < 0.8:
        name = "Engine.propose"
    target = TARGETS[name]
    arguments = target.arguments(random)
    for _ in range(int(random.integers(0, 3))):
        if arguments:
            i = int(random.integers(len(arguments)))
            with suppress(ValueError, TypeError, MemoryError):  # NumPy cannot spoil every array
                arguments[i] = spoiled(random, arguments[i])
    if random.random() < 0.03:
        arguments = arguments[:-1] if random.random() < 0.5 else [*arguments, None]
    return name, target.call(objects, random), arguments


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
            command = [sys.executable, __file__, "--child", str(number), str(until)]
            child = subprocess.Popen(
                [*command, str(log), str(done)], stderr=subprocess.PIPE, text=True
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

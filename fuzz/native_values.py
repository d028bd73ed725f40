"""Makes random values for the calls of `fuzz.native_arguments`, and spoils them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

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

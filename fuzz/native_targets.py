"""Lists the calls of `fuzz.native_arguments`: every public name of `_native`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuzz.native_selection import (
    accept_arguments,
    fuse_arguments,
    levels_arguments,
    refine_arguments,
    unsettled_arguments,
)
from fuzz.native_values import (
    Arguments,
    Random,
    boxes,
    floats,
    image,
    layers,
    level,
    network_layers,
    pick,
    side,
    spoiled,
    statistics,
)
from mtcnn_rt import _native

PNET = [(10, 3, 3, 3), (16, 10, 3, 3), (32, 16, 3, 3), (5, 32, 1, 1)]
RNET = [(28, 3, 3, 3), (48, 28, 3, 3), (64, 48, 2, 2), (128, 576), (5, 128)]
ONET = [(32, 3, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (128, 64, 2, 2), (256, 1152), (15, 256)]


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
        self.engines = [_native.Engine(pnet, rnet, onet, 1)]
        self.engines += [
            _native.Engine(pnet, rnet, onet, count, lnet=onet, cnet=onet) for count in (2, 3)
        ]
        self.engines += [new(_native.Engine)]
        self.engines[1].close()
        self.nms = [_native.Nms(), new(_native.Nms)]
        self.selections = [_native.Selection(), new(_native.Selection)]
        self.planes = [_native.Planes(*planes_arguments(random)) for _ in range(4)]
        self.planes += [new(_native.Planes)]


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
    extra = [pick(random, [None, network_layers(random, ONET)]) for _ in range(2)]
    return [
        *networks,
        int(random.integers(1, 5)),
        statistics(random),
        random.random() < 0.3,
        *extra,
    ]


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


def planes_arguments(random: Random) -> Arguments:
    """Returns arguments of Planes."""
    height, width = int(random.integers(1, 50)), int(random.integers(1, 50))
    sizes = [(height, width), *[((height + 1) // 2, (width + 1) // 2)] * 2]
    planes = [random.integers(0, 256, size, np.uint8) for size in sizes]
    return [*planes, 0.299, 0.114, random.random() < 0.5]


def area_arguments(random: Random) -> Arguments:
    """Returns arguments of the methods of Planes."""
    return [image(random), *(int(random.integers(-10, 60)) for _ in range(4))]


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


def overlaps_arguments(random: Random) -> Arguments:
    """Returns arguments of overlaps."""
    return [boxes(random), boxes(random), pick(random, ["union", "smaller"])]


def assign_arguments(random: Random) -> Arguments:
    """Returns arguments of assign."""
    rows, columns = int(random.integers(0, 20)), int(random.integers(0, 20))
    return [floats(random, rows, columns).astype(np.float64)]


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
    "Planes": Target(function("Planes"), planes_arguments),
    "Planes.read": Target(method("planes", "read"), area_arguments),
    "Planes.write": Target(method("planes", "write"), area_arguments),
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
    "square": Target(function("square"), lambda random: [boxes(random), float(random.normal())]),
    "clip": Target(function("clip"), lambda random: [boxes(random), side(random), side(random)]),
    "place": Target(function("place"), place_arguments),
    "assign": Target(function("assign"), assign_arguments),
    "overlaps": Target(function("overlaps"), overlaps_arguments),
    "Nms": Target(function("Nms"), lambda random: []),
    "Nms.__call__": Target(method("nms", "__call__"), nms_arguments),
    "as_logits": Target(function("as_logits"), lambda random: [floats(random, 9)]),
    "as_probabilities": Target(function("as_probabilities"), lambda random: [floats(random, 9)]),
    "fuse": Target(function("fuse"), fuse_arguments),
    "unsettled": Target(function("unsettled"), unsettled_arguments),
    "Selection": Target(function("Selection"), lambda random: []),
    "Selection.propose": Target(method("selections", "propose"), levels_arguments),
    "Selection.refine": Target(method("selections", "refine"), refine_arguments),
    "Selection.accept": Target(method("selections", "accept"), accept_arguments),
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
    "Engine.context": Target(
        method("engines", "context"), lambda random: [image(random), True, boxes(random)]
    ),
    "Engine.landmarks": Target(
        method("engines", "landmarks"), lambda random: [image(random), True, boxes(random)]
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

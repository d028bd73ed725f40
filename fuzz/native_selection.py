"""Makes arguments of the steps between the networks, for `fuzz.native_targets`."""

from __future__ import annotations

import numpy as np

from fuzz.native_values import Arguments, Random, boxes, floats, pick


def levels_arguments(random: Random) -> Arguments:
    """Returns arguments of Selection.propose."""
    levels = []
    for _ in range(int(random.integers(0, 4))):
        found = boxes(random)
        levels.append((found, floats(random, len(found)), floats(random, len(found), 4)))
    return [levels, float(random.random()), float(random.random())]


def seen_arguments(random: Random, columns: int) -> Arguments:
    """Returns squares, logits of networks and outputs of a network."""
    found = boxes(random)
    logits = floats(random, len(found), int(random.integers(0, 4)), scale=10)
    return [found, logits, floats(random, len(found), columns, scale=10)]


def refine_arguments(random: Random) -> Arguments:
    """Returns arguments of Selection.refine."""
    numbers = float(random.random()), float(random.random())
    return [*seen_arguments(random, 5), *numbers, random.random() < 0.5]


def accept_arguments(random: Random) -> Arguments:
    """Returns arguments of Selection.accept."""
    seen, numbers = seen_arguments(random, 15), random.random(3).tolist()
    weights = floats(random, seen[1].shape[1] + 2).astype(np.float64)
    over = pick(random, ["union", "smaller"])
    return [*seen, pick(random, [None, weights]), *numbers[:2], over, numbers[2]]


def unsettled_arguments(random: Random) -> Arguments:
    """Returns arguments of unsettled."""
    squares, logits, outputs, weights, *numbers = accept_arguments(random)
    shown = random.permutation(len(squares))[: int(random.integers(0, len(squares) + 1))]
    return [squares, shown, logits[shown], outputs[shown], weights, *numbers[:2]]


def fuse_arguments(random: Random) -> Arguments:
    """Returns arguments of fuse."""
    networks = int(random.integers(0, 5))
    return [floats(random, 7, networks), floats(random, networks + 1).astype(np.float64)]

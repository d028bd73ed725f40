"""The three networks alone, engine against engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from benchmarks.flop import gflop
from benchmarks.images import resize
from benchmarks.rows import Row, rows_of
from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt.comparison import peers
from mtcnn_rt.comparison.race import Protocol, race
from mtcnn_rt.comparison.worker import Task, Worker

SIZES = ((640, 480), (1280, 720), (1920, 1080))
MIN_FACE_SIZES = (20, 40)
BATCHES = (("rnet", 24, 64), ("onet", 48, 16), ("onet", 48, 3))
TOLERANCE = 1e-3
TITLES = {"pnet": "P-Net", "rnet": "R-Net", "onet": "O-Net"}


@dataclass(frozen=True)
class NetworkRun:
    """The task of a worker: an engine's network runs on some inputs."""

    engine: str
    network: str
    inputs: tuple[Float32, ...]

    def prepare(self, threads: int) -> Callable[[], list[Float32]]:
        run = getattr(peers.networks(self.engine, threads), self.network)
        return lambda: [run(pixels) for pixels in self.inputs]


@dataclass(frozen=True)
class Proposals:
    """The task of a worker: from an image to the cells of P-Net that pass the threshold, level by
    level. The C++ core does it in one; for the others OpenCV makes the levels."""

    engine: str
    image: peers.Pixels
    levels: tuple[tuple[int, int], ...]

    def prepare(self, threads: int) -> Callable[[], list[int]]:
        """The function counts the candidates of each level."""
        networks: Any = peers.networks(self.engine, threads)
        propose = getattr(networks, "propose", partial(_propose_with, networks))
        image, levels, threshold = self.image, self.levels, peers.THRESHOLDS[0]
        return lambda: [len(found[0]) for found in propose(image, True, levels, threshold)]


def _propose_with(
    networks: Any,
    image: peers.Pixels,
    _bgr: bool,
    levels: Sequence[tuple[int, int]],
    threshold: float,
) -> Iterator[tuple[Float32, Float32, Float32]]:
    """As `_native.Engine.propose`, with OpenCV and another engine's P-Net."""
    for level in levels:
        shrunk = cv2.resize(image, level[::-1], interpolation=cv2.INTER_AREA)
        pixels = np.ascontiguousarray(shrunk[..., ::-1].transpose(2, 0, 1), np.float32)
        scale = (level[0] / image.shape[0], level[1] / image.shape[1])
        yield _native.candidates(networks.pnet(pixels), threshold, 0, scale)


@dataclass(frozen=True)
class Discipline:
    """What the engines compete in.

    task: of an engine. agrees: as for `rows_of`. gflop: of one run, where it is known."""

    title: str
    task: Callable[[str], Task]
    agrees: Callable[[Any, Any], str]
    gflop: float | None = None


def measure(engines: Sequence[str], image: peers.Pixels, protocol: Protocol) -> list[Row]:
    """All disciplines, one thread. The first engine is the reference."""
    rows: list[Row] = []
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(threads=1)) for name in engines}
        for one in disciplines(image):
            timings = race({name: (workers[name], one.task(name)) for name in engines}, protocol)
            rows += rows_of(one.title, timings, engines[0], one.agrees, one.gflop)
    return rows


def disciplines(image: peers.Pixels) -> Iterator[Discipline]:
    """P-Net alone, with the resize before it, and the other two on batches of noise."""
    random = np.random.default_rng(0)
    for scaled, setting, levels in _pyramids(image):
        inputs = tuple(_native.resize(scaled, True, level, 0, level[0]) for level in levels)
        yield _network_alone(f"P-Net, {setting}", "pnet", inputs)
    for scaled, setting, levels in _pyramids(image):
        task = partial(Proposals, image=scaled, levels=levels)
        yield Discipline(f"resize + P-Net, {setting}", task, same_candidates)
    for network, side, count in BATCHES:
        crops = random.uniform(0, 255, (count, 3, side, side)).astype(np.float32)
        yield _network_alone(f"{TITLES[network]}, {count} crops", network, (crops,))


def _network_alone(title: str, network: str, inputs: tuple[Float32, ...]) -> Discipline:
    task = partial(NetworkRun, network=network, inputs=inputs)
    work = sum(gflop(network, pixels.shape) for pixels in inputs)
    return Discipline(title, task, difference, work)


def difference(own: Sequence[Float32], other: Sequence[Float32]) -> str:
    """The largest of any output, bold where rounding does not explain it."""
    largest = max(float(np.abs(a - b).max()) for a, b in zip(own, other, strict=True))
    return f"within {largest:.0e}" if largest <= TOLERANCE else f"**differs by {largest:.0e}**"


def same_candidates(own: Sequence[int], other: Sequence[int]) -> str:
    """How many there are; the engines' resizes differ by less than a gray level."""
    return f"{sum(own)} candidates of {sum(other)}"


def _pyramids(
    image: peers.Pixels,
) -> Iterator[tuple[peers.Pixels, str, tuple[tuple[int, int], ...]]]:
    """(image, what it is, its levels)"""
    for width, height in SIZES:
        scaled = resize(image, width, height)
        for min_face_size in MIN_FACE_SIZES:
            levels = _native.pyramid(height, width, min_face_size, peers.SCALE_FACTOR, np.inf)
            yield scaled, f"{width}x{height}, min face {min_face_size}", tuple(levels)

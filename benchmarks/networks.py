"""Compares engines by the three networks alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from benchmarks.compare import peers
from benchmarks.flop import gflop
from benchmarks.images import resize
from benchmarks.rows import Row, rows_of
from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._comparison.timing import TimingSettings, time_in_turn
from mtcnn_rt._comparison.worker import Task, open_workers
from mtcnn_rt._defaults import SCALE_FACTOR, THRESHOLDS

SIZES = ((640, 480), (1280, 720), (1920, 1080))
MIN_FACE_SIZES = (20, 40)
BATCHES = (("rnet", 24, 64), ("onet", 48, 16), ("onet", 48, 3))
TOLERANCE = 1e-3
TITLES = {"pnet": "P-Net", "rnet": "R-Net", "onet": "O-Net"}


@dataclass(frozen=True)
class NetworkTask:
    """Runs an engine's network on some inputs, as the task of a worker.

    Attributes:
        engine: One of `peers.ENGINES`.
        network: "pnet", "rnet" or "onet".
        inputs: The pixels of each run; see `Networks` for their shapes.
    """

    engine: str
    network: str
    inputs: tuple[Float32, ...]

    def prepare(self, threads: int) -> Callable[[], list[Float32]]:
        """Opens the networks and returns a function that returns the network's outputs."""
        run = getattr(peers.networks(self.engine, threads), self.network)
        return lambda: [run(pixels) for pixels in self.inputs]


@dataclass(frozen=True)
class CandidatesTask:
    """Finds P-Net's candidates in an image, level by level, as the task of a worker.

    The C++ core resizes and runs P-Net in one step; for the other engines OpenCV makes the levels.

    Attributes:
        engine: One of `peers.ENGINES`.
        image: The image, (H, W, 3) uint8 BGR.
        levels: The rows and columns of each level.
    """

    engine: str
    image: Pixels
    levels: tuple[tuple[int, int], ...]

    def prepare(self, threads: int) -> Callable[[], list[int]]:
        """Opens the networks and returns a function that counts the candidates of each level."""
        networks: Any = peers.networks(self.engine, threads)
        propose = getattr(networks, "propose", partial(_propose_with, networks))
        image, levels, threshold = self.image, self.levels, THRESHOLDS[0]
        return lambda: [len(found[0]) for found in propose(image, True, levels, threshold)]


def _propose_with(
    networks: Any,
    image: Pixels,
    _bgr: bool,
    levels: Sequence[tuple[int, int]],
    threshold: float,
) -> Iterator[tuple[Float32, Float32, Float32]]:
    """Does what `_native.Engine.propose` does, with OpenCV and another engine's P-Net."""
    for level in levels:
        shrunk = cv2.resize(image, level[::-1], interpolation=cv2.INTER_AREA)
        pixels = np.ascontiguousarray(shrunk[..., ::-1].transpose(2, 0, 1), np.float32)
        scale = (level[0] / image.shape[0], level[1] / image.shape[1])
        yield _native.candidates(networks.pnet(pixels), threshold, 0, scale)


@dataclass(frozen=True)
class Workload:
    """Describes what the engines run.

    Attributes:
        title: The title in the table.
        task: Returns the task of an engine.
        agrees: Compares the outputs of an engine and of the reference; see `rows_of`.
        gflop: Billions of operations of one run; None where they are not known.
    """

    title: str
    task: Callable[[str], Task]
    agrees: Callable[[Any, Any], str]
    gflop: float | None = None


def measure(engines: Sequence[str], image: Pixels, timing: TimingSettings) -> list[Row]:
    """Times all workloads with one thread.

    Args:
        engines: Names of engines. The first is the reference.
        image: The image, (H, W, 3) uint8 BGR.
        timing: How the networks are timed.

    Returns:
        A row for each engine in each workload.
    """
    rows: list[Row] = []
    with open_workers(engines, threads=1) as workers:
        for one in workloads(image):
            tasks = {name: (workers[name], one.task(name)) for name in engines}
            timings = time_in_turn(tasks, timing)
            rows += rows_of(one.title, timings, engines[0], one.agrees, one.gflop)
    return rows


def workloads(image: Pixels) -> Iterator[Workload]:
    """Yields the workloads: P-Net, P-Net with the resize, and R-Net and O-Net on noise.

    Args:
        image: The image, (H, W, 3) uint8 BGR.

    Yields:
        Each workload.
    """
    random = np.random.default_rng(0)
    for scaled, setting, levels in _pyramids(image):
        inputs = tuple(_native.resize(scaled, True, level, 0, level[0]) for level in levels)
        yield _network_alone(f"P-Net, {setting}", "pnet", inputs)
    for scaled, setting, levels in _pyramids(image):
        task = partial(CandidatesTask, image=scaled, levels=levels)
        yield Workload(f"resize + P-Net, {setting}", task, same_candidates)
    for network, side, count in BATCHES:
        crops = random.uniform(0, 255, (count, 3, side, side)).astype(np.float32)
        yield _network_alone(f"{TITLES[network]}, {count} crops", network, (crops,))


def _network_alone(title: str, network: str, inputs: tuple[Float32, ...]) -> Workload:
    task = partial(NetworkTask, network=network, inputs=inputs)
    work = sum(gflop(network, pixels.shape) for pixels in inputs)
    return Workload(title, task, difference, work)


def difference(own: Sequence[Float32], other: Sequence[Float32]) -> str:
    """Describes the largest difference of outputs, in bold where it is more than rounding.

    Args:
        own: The outputs of an engine.
        other: The outputs of the reference.

    Returns:
        Words for the table.
    """
    largest = max(float(np.abs(a - b).max()) for a, b in zip(own, other, strict=True))
    return f"within {largest:.0e}" if largest <= TOLERANCE else f"**differs by {largest:.0e}**"


def same_candidates(own: Sequence[int], other: Sequence[int]) -> str:
    """Compares numbers of candidates; the engines' resizes differ by less than a gray level.

    Args:
        own: The number of candidates in each level.
        other: The same numbers of the reference.

    Returns:
        Words for the table.
    """
    return f"{sum(own)} candidates of {sum(other)}"


def _pyramids(
    image: Pixels,
) -> Iterator[tuple[Pixels, str, tuple[tuple[int, int], ...]]]:
    """Yields images, their descriptions and their levels."""
    for width, height in SIZES:
        scaled = resize(image, width, height)
        for min_face_size in MIN_FACE_SIZES:
            levels = _native.pyramid(height, width, min_face_size, SCALE_FACTOR, np.inf)
            yield scaled, f"{width}x{height}, min face {min_face_size}", tuple(levels)

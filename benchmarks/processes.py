"""Measures fresh processes: their first detection, their memory and their allocations."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2

from benchmarks.compiled import UnavailableError, compile_source
from benchmarks.images import resize
from benchmarks.markdown import table
from mtcnn_rt._arrays import Pixels

ROOT = Path(__file__).resolve().parents[1]
FRAMES = 120
"""The length of the video stream whose memory is measured."""


@dataclass(frozen=True)
class Figure:
    """Holds one figure of one engine.

    Attributes:
        what: The name of the figure.
        engine: The name of the engine.
        unit: The unit of the values.
        values: The value of each fresh process.
        skipped: Why there are no values; None where there are some.
    """

    what: str
    engine: str
    unit: str
    values: list[float]
    skipped: str | None = None


def measure(engines: Sequence[str], image: Pixels, rounds: int, folder: Path) -> list[Figure]:
    """Measures all figures.

    Args:
        engines: Names of engines for `MTCNN(engine=...)`.
        image: The image, (H, W, 3) uint8 BGR.
        rounds: The number of processes for the time of the first detection.
        folder: A folder for temporary files.

    Returns:
        Each figure of each engine.
    """
    image_file = str(folder / "vga.png")
    cv2.imwrite(image_file, resize(image, 640, 480))

    def first(engine: str) -> float:
        return probe("first_detection", engine, image_file)

    def memory(engine: str) -> float:
        if not Path("/proc/self/status").exists():
            raise UnavailableError("measured on Linux alone")
        return probe("memory", engine, str(FRAMES))

    def allocations(engine: str) -> float:
        if sys.platform != "linux":
            raise UnavailableError("counted on Linux alone")
        counter = compile_source("allocations", folder, "-shared", "-fPIC")
        return probe("allocations", engine, image_file, LD_PRELOAD=str(counter))

    return [
        *_figures("import + first detection, 640x480, 1 thread", "s", engines, rounds, first),
        *_figures("peak memory of a stream, 640x480", "MB", engines, 1, memory),
        *_figures("allocations of the core in a detection", "", engines, 1, allocations),
    ]


def probe(name: str, *words: str, **environment: str) -> float:
    """Runs a program of `probes`.

    Args:
        name: The name of the program's module.
        words: The arguments of the program.
        environment: Further environment variables.

    Returns:
        The number that the program prints.

    Raises:
        UnavailableError: The program fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.probes.{name}", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UnavailableError(f"fails: {(done.stderr.strip().splitlines() or ['?'])[-1][:100]}")
    return float(done.stdout)


def as_markdown(figures: Sequence[Figure]) -> str:
    """Writes a table of figures.

    Args:
        figures: The figures.

    Returns:
        A table in Markdown with the median, the smallest and the largest value of each figure.
    """
    return table(["what", "engine", "median", "min - max"], [_cells(figure) for figure in figures])


def _figures(
    what: str, unit: str, engines: Sequence[str], rounds: int, take: Callable[[str], float]
) -> list[Figure]:
    """Takes a figure of all engines in turn, each in a fresh process."""
    values: dict[str, list[float]] = {engine: [] for engine in engines}
    skipped: dict[str, str] = {}
    for _ in range(rounds):
        for engine in engines:
            if engine in skipped:
                continue
            try:
                values[engine].append(take(engine))
            except UnavailableError as reason:
                skipped[engine] = str(reason)
    return [Figure(what, name, unit, values[name], skipped.get(name)) for name in engines]


def _cells(figure: Figure) -> list[str]:
    start = [figure.what, figure.engine]
    if figure.skipped is not None:
        return [*start, "skipped", figure.skipped]
    low, high = min(figure.values), max(figure.values)
    spread = f"{low:.3g} - {high:.3g}" if len(figure.values) > 1 else ""
    return [*start, f"{median(figure.values):.3g} {figure.unit}".rstrip(), spread]

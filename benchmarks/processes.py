"""What a fresh process costs: its first detection, its memory, its allocations."""

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
from mtcnn_rt.comparison.markdown import table
from mtcnn_rt.comparison.peers import Image

ROOT = Path(__file__).resolve().parents[1]
FRAMES = 120
"""Of the stream whose memory is measured."""


@dataclass(frozen=True)
class Figure:
    """One number of one engine. values: of each fresh process. skipped: why there are none."""

    what: str
    engine: str
    unit: str
    values: list[float]
    skipped: str | None = None


def measure(engines: Sequence[str], image: Image, rounds: int, folder: Path) -> list[Figure]:
    """engines: names for `MTCNN(engine=...)`. folder: for temporary files."""
    picture = str(folder / "vga.png")
    cv2.imwrite(picture, resize(image, 640, 480))

    def first(engine: str) -> float:
        return probe("first_detection", engine, picture)

    def memory(engine: str) -> float:
        if not Path("/proc/self/status").exists():
            raise UnavailableError("Linux alone tells it")
        return probe("memory", engine, str(FRAMES))

    def allocations(engine: str) -> float:
        if sys.platform != "linux":
            raise UnavailableError("counted on Linux alone")
        counter = compile_source("allocations", folder, "-shared", "-fPIC")
        return probe("allocations", engine, picture, LD_PRELOAD=str(counter))

    return [
        *_figures("import + first detection, 640x480, 1 thread", "s", engines, rounds, first),
        *_figures("peak memory of a stream, 640x480", "MB", engines, 1, memory),
        *_figures("allocations of the core in a detection", "", engines, 1, allocations),
    ]


def probe(name: str, *words: str, **environment: str) -> float:
    """The number that a program of `probes` prints. Raises UnavailableError where it fails."""
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
    """A row for each figure: the median, and the smallest and largest of several processes."""
    return table(["what", "engine", "median", "min - max"], [_cells(figure) for figure in figures])


def _figures(
    what: str, unit: str, engines: Sequence[str], rounds: int, take: Callable[[str], float]
) -> list[Figure]:
    """In turn, a fresh process each."""
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

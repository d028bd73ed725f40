"""Measures whole videos: the processor time of `mtcnn-rt process` over that of the codecs alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median, quantiles

from benchmarks.markdown import paragraphs, table

ROOT = Path(__file__).resolve().parents[1]
PLAIN = "decoding and encoding alone"
MIN_FACE_SIZES = (20, 40)
"""The smallest faces that are followed, in pixels."""


@dataclass(frozen=True)
class Usage:
    """Holds what a program takes for the whole video, in each round.

    Attributes:
        what: The name of the program.
        processor: Processor seconds of all threads, user and system, start included.
        elapsed: Seconds from start to end.
    """

    what: str
    processor: list[float] = field(default_factory=list)
    elapsed: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Tracking:
    """Holds the time of the tracker alone for the frames of a video.

    Attributes:
        min_face_size: The smallest face to find, in pixels.
        seconds: The seconds of each frame, of all rounds.
        processor: Processor seconds of a frame, the mean of each round.
        spread: Whether full detections are spread over several frames, as in live views.
    """

    min_face_size: int
    seconds: list[float]
    processor: list[float]
    spread: bool = False


@dataclass(frozen=True)
class VideoTimes:
    """Holds the measurements of one video.

    Attributes:
        frames: Number of frames of the video.
        programs: What each program takes; the codecs alone come first.
        tracking: The tracker alone.
    """

    frames: int
    programs: list[Usage]
    tracking: list[Tracking]


def measure(video: Path, rounds: int, folder: Path, deface: Path | None = None) -> VideoTimes:
    """Measures all programs in turn, each in a process of its own.

    Args:
        video: The video.
        rounds: Number of rounds.
        folder: A folder for the outputs.
        deface: The program deface, in an environment of its own; None leaves it out.
    """
    output = folder / "out.mp4"
    process = [sys.executable, "-m", "mtcnn_rt", "process", str(video), "-o", str(output)]
    process += ["--overwrite"]
    probe = [sys.executable, "-m", "benchmarks.probes.decode_encode", str(video), str(output)]
    commands = {
        PLAIN: probe,
        "process, boxes": process,
        "process --anonymize blur": [*process, "--anonymize", "blur"],
    }
    if deface is not None:
        commands["deface"] = [str(deface), str(video), "-o", str(output)]
    programs = {name: Usage(name) for name in commands}
    tracking = [
        Tracking(size, [], [], spread) for size in MIN_FACE_SIZES for spread in (False, True)
    ]
    for _ in range(rounds):
        for name, command in commands.items():
            processor, elapsed = usage_of(command)
            programs[name].processor.append(processor)
            programs[name].elapsed.append(elapsed)
        for one in tracking:
            seconds, busy = follow(video, one.min_face_size, one.spread)
            one.seconds.extend(seconds)
            one.processor.append(busy / len(seconds))
    frames = len(tracking[0].seconds) // rounds
    return VideoTimes(frames, list(programs.values()), tracking)


def usage_of(command: Sequence[str]) -> tuple[float, float]:
    """Runs a program; returns its processor seconds, and its seconds from start to end.

    Raises:
        RuntimeError: The program fails.
    """
    quiet = subprocess.DEVNULL
    # As `mtcnn-rt` sets it for itself: NumPy's idle threads would count for the others alone.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    start = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet, env=environment
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)  # else `Popen` waits for it, too
    if child.returncode:
        raise RuntimeError(f"{command[0]} fails with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start


def follow(video: Path, min_face_size: int, spread: bool) -> tuple[list[float], float]:
    """Returns the tracker's seconds for each frame, and its processor seconds for all."""
    command = [sys.executable, "-m", "benchmarks.probes.track", str(video), str(min_face_size)]
    command += ["spread"] if spread else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    facts = json.loads(done.stdout)
    return facts["seconds"], facts["processor"]


def as_markdown(times: VideoTimes) -> str:
    """Writes a table of the programs, and one of the tracker."""
    plain = times.programs[0].processor
    rows = []
    for one in times.programs:
        ratio = median(a / b for a, b in zip(one.processor, plain, strict=True))
        milliseconds = 1000 * median(one.processor) / times.frames
        cells = [f"{milliseconds:.1f}", f"{ratio:.2f}x", f"{median(one.elapsed):.1f} s"]
        rows.append([one.what, *cells])
    header = ["program", "processor ms a frame", "over the codecs alone", "start to end"]
    programs = table(header, rows)
    header = ["min face", "mean", "99th percentile", "worst frame", "processor, mean"]
    tracking = table(header, [_tracking_row(one) for one in times.tracking])
    start = f"{times.frames} frames, {len(plain)} rounds in turn; the start of each program counts."
    return paragraphs([start, programs, "The tracker alone, one thread, ms a frame:", tracking])


def _tracking_row(one: Tracking) -> list[str]:
    late = quantiles(one.seconds, n=100)[-1] if len(one.seconds) > 1 else one.seconds[0]
    values = [mean(one.seconds), late, max(one.seconds), median(one.processor)]
    name = f"{one.min_face_size}, spread" if one.spread else str(one.min_face_size)
    return [name, *(f"{1000 * value:.1f}" for value in values)]

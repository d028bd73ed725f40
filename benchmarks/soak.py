"""Checks that nothing grows: memory, descriptors and threads of processes that work for long.

    python -m benchmarks.soak --minutes 60
    python -m benchmarks.soak tracker videos --minutes 10

Each scenario works in a process of its own, which is measured from outside. After a warm-up of a
quarter of the time its memory may grow by a few megabytes, and its descriptors and threads not at
all. Exit status: 0 if no scenario grows, else 1. Needs Linux.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.markdown import table
from benchmarks.probes.soak import SCENARIOS

SAMPLES = 200
"""Number of measurements of a scenario."""
WARM_UP = 0.25
"""Share of the time that is not judged: buffers grow to their sizes, libraries load."""
MEGABYTES = 16.0
"""Most growth of the resident memory after the warm-up. Medians of quarters are compared, since
allocators give memory back unevenly: that of 600 detectors, opened and closed, went up and down by
6 MB without a trend."""


@dataclass(frozen=True)
class Sample:
    """A measurement of a process.

    Attributes:
        megabytes: Resident memory.
        descriptors: Open files and sockets.
        threads: Threads.
    """

    megabytes: float
    descriptors: int
    threads: int


@dataclass(frozen=True)
class Course:
    """The measurements of a scenario, in order, and how much it did."""

    scenario: str
    samples: list[Sample]
    steps: int

    def growth(self) -> Sample:
        """Returns how much the last quarter is above the first quarter after the warm-up.

        Of descriptors and threads, which come and go with connections and videos, the lowest
        values count: what is never given back is there at every moment, while a busy machine may
        miss the moments with the most.
        """
        judged = self.samples[int(WARM_UP * len(self.samples)) :]
        quarter = max(1, len(judged) // 4)
        first, last = judged[:quarter], judged[-quarter:]
        return Sample(
            median(s.megabytes for s in last) - median(s.megabytes for s in first),
            min(s.descriptors for s in last) - min(s.descriptors for s in first),
            min(s.threads for s in last) - min(s.threads for s in first),
        )

    def grows(self, megabytes: float = MEGABYTES) -> bool:
        """Returns whether something grows.

        Args:
            megabytes: Most growth of the memory.
        """
        growth = self.growth()
        slack = 2  # a connection that is open at one moment and not at the other
        return growth.megabytes > megabytes or max(growth.descriptors, growth.threads) > slack


def measure(scenario: str, seconds: float) -> Course:
    """Lets a scenario work in a process, and measures this.

    Raises:
        RuntimeError: The scenario ended early.
    """
    words = [sys.executable, "-m", "benchmarks.probes.soak", scenario, str(seconds)]
    samples: list[Sample] = []
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        while process.poll() is None:
            try:
                samples.append(sample(process.pid))
            except (FileNotFoundError, ProcessLookupError, IndexError):
                break
            time.sleep(seconds / SAMPLES)
        steps = process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"{scenario} ended with {process.returncode}")
    return Course(scenario, samples, int(steps))


def sample(process: int) -> Sample:
    """Measures a process."""
    folder = Path(f"/proc/{process}")
    lines = (folder / "status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    if "VmRSS" not in status:  # it is ending
        raise ProcessLookupError
    return Sample(
        int(status["VmRSS"].split()[0]) / 1024,
        len(list((folder / "fd").iterdir())),
        int(status["Threads"]),
    )


def report(courses: Sequence[Course]) -> str:
    """Returns a Markdown table of the courses."""
    rows = []
    for course in courses:
        last, growth = course.samples[-1], course.growth()
        rows.append(
            [
                course.scenario,
                str(course.steps),
                f"{last.megabytes:.0f} MB ({growth.megabytes:+.1f})",
                f"{last.descriptors} ({growth.descriptors:+})",
                f"{last.threads} ({growth.threads:+})",
                "grows" if course.grows() else "",
            ]
        )
    return table(["scenario", "steps", "memory", "descriptors", "threads", ""], rows)


def main() -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--minutes", type=float, default=10, help="duration of each scenario")
    options = parser.parse_args()
    unknown = set(options.scenarios) - set(SCENARIOS)
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    names = options.scenarios or list(SCENARIOS)
    courses = [measure(name, 60 * options.minutes) for name in names]
    print(report(courses))
    return int(any(course.grows() for course in courses))


if __name__ == "__main__":
    sys.exit(main())

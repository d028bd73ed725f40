"""Runs `mtcnn-rt batch` over a large archive: once undisturbed, and once killed at random times.

    python -m benchmarks.archive --count 100000 --folder /tmp/archive

The files are altered copies of real images. Prints the rate, the memory and whether both results
are the same, bit for bit. Exit status: 0 if they are, else 1. Needs Linux, and 10 KB of disk for
each file, which is free again at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import islice
from pathlib import Path

import cv2

from benchmarks.images import MULTIFACE, resize
from benchmarks.markdown import table
from mtcnn_rt._arrays import Pixels
from mtcnn_rt.video.sources.file import FileSource

FOLDER = 1000
"""Number of files in a folder."""
BROKEN = 500
"""One of so many files is cut off in its head."""
WIDTHS = (160, 320)
"""Least and largest width of an image in pixels."""
SECONDS = 0.2
"""Seconds between measurements of the memory."""


@dataclass
class Run:
    """Measures a run of the command.

    Attributes:
        seconds: Time of all its processes, one after another.
        kills: Number of times it was killed.
        megabytes: Largest resident memory of the main process and of a worker.
        output: Last line that it printed.
    """

    seconds: float = 0.0
    kills: int = 0
    megabytes: list[float] = field(default_factory=lambda: [0.0, 0.0])
    output: str = ""

    def go_on(self, words: Sequence[str], output: Path, limit: int | None = None) -> None:
        """Runs the command until it ends, or kills it once the output has `limit` records.

        Raises:
            RuntimeError: It failed.
        """
        start = time.perf_counter()
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while process.poll() is None:
            self._measure(process.pid)
            if limit is not None and _records(output) >= limit:
                process.send_signal(signal.SIGKILL)
                self.kills += 1
                break
            time.sleep(SECONDS if limit is None else 0.01)
        printed, errors = process.communicate()
        self.seconds += time.perf_counter() - start
        if process.returncode not in (0, 1, -signal.SIGKILL):
            raise RuntimeError(errors.strip())
        self.output = printed.strip()

    def _measure(self, process: int) -> None:
        workers = _children(process)
        peaks = [_peak_megabytes(process), max(map(_peak_megabytes, workers), default=0.0)]
        self.megabytes = [max(pair) for pair in zip(self.megabytes, peaks, strict=True)]


def make_files(folder: Path, count: int, seed: int = 0) -> float:
    """Writes altered copies of real images as JPEG files, and returns their megabytes.

    Args:
        folder: Gets folders of `FOLDER` files.
        count: Number of files.
        seed: Seed of the alterations: crop, size, mirroring, brightness, contrast, compression.
    """
    originals, generator, size = _originals(), random.Random(seed), 0
    for index in range(count):
        place = folder / f"{index // FOLDER:04d}"
        place.mkdir(parents=True, exist_ok=True)
        image = _altered(generator.choice(originals), generator)
        quality = [cv2.IMWRITE_JPEG_QUALITY, generator.randint(70, 95)]
        content = cv2.imencode(".jpg", image, quality)[1].tobytes()
        if index % BROKEN == BROKEN - 1:
            content = content[:100]
        size += (place / f"{index:06d}.jpg").write_bytes(content)
    return size / 1e6


def compare(folder: Path, count: int, kills: int, options: Sequence[str], seed: int = 0) -> int:
    """Makes the files, runs the command undisturbed and killed, and prints a report.

    Args:
        folder: Gets the files and the results.
        count: Number of files.
        kills: Number of times that the second run is killed.
        options: Options of `mtcnn-rt batch`.
        seed: Seed of the files and of the times of the kills.

    Returns:
        The exit status: 0 if the results are the same.
    """
    megabytes = make_files(folder / "files", count, seed)
    words = [sys.executable, "-m", "mtcnn_rt", "batch", str(folder / "files"), *options]
    whole, parts = folder / "whole.jsonl", folder / "killed.jsonl"
    undisturbed, killed = Run(), Run()
    undisturbed.go_on([*words, "--out", str(whole)], whole)
    again = [*words, "--out", str(parts), "--resume"]
    for limit in sorted(random.Random(seed).sample(range(1, round(0.9 * count)), kills)):
        killed.go_on(again, parts, max(limit, _records(parts) + 1))
    killed.go_on(again, parts)
    same = whole.read_bytes() == parts.read_bytes()
    print(f"{count} files, {megabytes:.0f} MB; results of {whole.stat().st_size / 1e6:.0f} MB\n")
    print(report({"undisturbed": undisturbed, "killed": killed}, count))
    print(f"\nThe results are {'the same, bit for bit' if same else 'DIFFERENT'}.")
    return int(not same)


def report(runs: dict[str, Run], count: int) -> str:
    """Returns a Markdown table of runs over `count` files."""
    rows = [
        [
            name,
            str(run.kills),
            f"{run.seconds:.0f}",
            f"{count / run.seconds:.0f}",
            *(f"{megabytes:.0f}" for megabytes in run.megabytes),
            run.output.rpartition(": ")[0],
        ]
        for name, run in runs.items()
    ]
    heads = ["run", "kills", "seconds", "images/s", "MB, main process", "MB, a worker", "output"]
    return table(heads, rows)


def _originals() -> list[Pixels]:
    """Returns photographs where they are, and frames of the clip in the package."""
    with FileSource(Path(str(files("mtcnn_rt") / "sample.mp4"))) as source:
        images = [frame.image for frame in islice(source, 0, 120, 20)]
    for path in sorted(MULTIFACE.parent.glob("*.jpg")):
        image = cv2.imread(str(path))
        if image is not None:
            images.append(resize(image, 480, round(480 * image.shape[0] / image.shape[1])))
    return images


def _altered(image: Pixels, generator: random.Random) -> Pixels:
    height, width = image.shape[:2]
    share = generator.uniform(0.6, 1.0)
    rows, columns = round(share * height), round(share * width)
    top, left = generator.randint(0, height - rows), generator.randint(0, width - columns)
    crop = image[top : top + rows, left : left + columns]
    new_width = generator.randint(*WIDTHS)
    altered = resize(crop, new_width, max(1, round(new_width * rows / columns)))
    if generator.random() < 0.5:
        altered = altered[:, ::-1]
    contrast, brightness = generator.uniform(0.7, 1.3), generator.uniform(-30, 30)
    return cv2.convertScaleAbs(altered, alpha=contrast, beta=brightness)  # type: ignore[return-value]


def _records(output: Path) -> int:
    """Returns the number of records that an unfinished output has, by the end of its journal."""
    try:
        lines = Path(f"{output}.partial", "journal.jsonl").read_bytes().split(b"\n")[:-1]
    except OSError:
        return 0
    return int(json.loads(lines[-1])[0]) + 1 if lines else 0


def _children(process: int) -> list[int]:
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:  # it has ended
        return []
    return [int(child) for child in listed.split()]


def _peak_megabytes(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    peaks = (int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return 1024 * next(peaks, 0) / 1e6


def main() -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="number of files")
    parser.add_argument("--kills", type=int, default=3, help="number of times to kill a run")
    parser.add_argument("--folder", type=Path, required=True, help="new folder for the files")
    parser.add_argument("options", nargs="*", help="options of `mtcnn-rt batch`, after --")
    given = parser.parse_args()
    given.folder.mkdir()
    try:
        return compare(given.folder, given.count, given.kills, given.options)
    finally:
        shutil.rmtree(given.folder)


if __name__ == "__main__":
    sys.exit(main())

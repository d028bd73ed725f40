"""Speed of one detection, mtcnn-rt beside other packages, interleaved on the same machine.

    python -m benchmarks.compare --output results.md --json results.json

A package that is not installed is left out, with a line that says so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from benchmarks import peers
from benchmarks.images import read_image, resize
from benchmarks.machine import describe
from benchmarks.measure import Protocol, Result, Setting, measure
from benchmarks.report import as_json, as_markdown
from benchmarks.worker import Worker

DEFAULT_IMAGE = Path(__file__).resolve().parents[1] / "../shared/media/multiface.jpg"
SIZES = [(640, 480), (1280, 720), (1920, 1080)]


def main() -> None:
    """Measure every setting and write the report."""
    arguments = parse_arguments()
    detectors = installed(arguments.detectors, arguments.reference)
    image = read_image(arguments.image)
    machine = describe(sorted({m for name in detectors for m in peers.get(name).MODULES}))
    protocol = Protocol(arguments.rounds, arguments.untimed, arguments.pause)
    results: list[Result] = []
    for threads in arguments.threads:
        results += compare(detectors, image, threads, protocol, arguments)
    report = (results, machine, protocol, arguments.reference)
    print(as_markdown(*report))
    if arguments.output:
        arguments.output.write_text(as_markdown(*report) + "\n", encoding="utf-8")
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(*report), indent=1) + "\n", encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--image", type=Path, default=DEFAULT_IMAGE, help="beside the repository by default")
    add("--sizes", type=size, nargs="+", default=SIZES, metavar="WxH")
    add("--min-face-sizes", type=int, nargs="+", default=[20, 40], metavar="PX")
    add("--threads", type=int, nargs="+", default=[1, 2], metavar="N")
    add("--detectors", nargs="+", choices=peers.NAMES, default=peers.NAMES, metavar="NAME")
    add("--reference", choices=peers.NAMES, default=peers.OURS, help="all others relate to it")
    add("--rounds", type=positive, default=15)
    add("--untimed", type=int, default=1, help="detections before the timed one of each turn")
    add("--pause", type=float, default=0.25, help="seconds before each turn")
    add("--output", type=Path, help="Markdown file")
    add("--json", type=Path, help="JSON file with every single time")
    return parser.parse_args()


def size(text: str) -> tuple[int, int]:
    """Parse 640x480."""
    width, height = text.split("x")
    return positive(width), positive(height)


def positive(text: str) -> int:
    """Parse an integer above zero."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def installed(names: Iterable[str], reference: str) -> list[str]:
    """The detectors that can run, the reference first; a line for each that cannot."""
    found = []
    for name in dict.fromkeys([reference, *names]):
        absent = peers.missing(name)
        if absent and name == reference:
            sys.exit(f"{name} is the reference, but not installed: {', '.join(absent)}")
        if absent:
            print(f"{name} is skipped, not installed: {', '.join(absent)}", file=sys.stderr)
        else:
            found.append(name)
    return found


def compare(
    detectors: list[str],
    image: peers.Image,
    threads: int,
    protocol: Protocol,
    arguments: argparse.Namespace,
) -> list[Result]:
    """All sizes and face sizes with one thread count, the processes started once."""
    results: list[Result] = []
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name, threads)) for name in detectors}
        for width, height in arguments.sizes:
            scaled = resize(image, width, height)
            for min_face_size in arguments.min_face_sizes:
                setting = Setting(width, height, min_face_size, threads)
                print(f"measuring {setting}", file=sys.stderr)
                measured = measure(workers, arguments.reference, scaled, setting, protocol)
                for result in measured:
                    if result.error is not None:
                        print(f"{result.detector} fails: {result.error}", file=sys.stderr)
                results += measured
    return results


if __name__ == "__main__":
    main()

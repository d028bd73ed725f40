"""The speed of mtcnn-rt beside other packages and engines, of its parts, and how its time grows;
all of it interleaved on the same machine.

    python -m benchmarks.run --output results

Writes results.md, results.json with every single time, and plots. What cannot be measured here is
left out, with a line that says why.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import growth, networks, plots, processes, variants
from benchmarks.compiled import UnavailableError, peaks
from benchmarks.images import MULTIFACE, read_image, resize
from benchmarks.rows import rows_table
from mtcnn_rt.comparison import peers
from mtcnn_rt.comparison.machine import describe, heading
from mtcnn_rt.comparison.race import Protocol
from mtcnn_rt.comparison.report import details, explanation, overview, skipped
from mtcnn_rt.comparison.speed import SpeedResult, compare, installed
from mtcnn_rt.comparison.worker import Worker

SIZES = [(640, 480), (1280, 720), (1920, 1080)]


@dataclass(frozen=True)
class Plan:
    """What is to be measured, and with what.

    detectors: those that can run here, the reference first; missing: why the others cannot.
    peaks: of the machine, see `compiled.peaks`. folder: for temporary files."""

    arguments: argparse.Namespace
    image: peers.Pixels
    protocol: Protocol
    detectors: list[str]
    missing: dict[str, str]
    peaks: dict[str, Any]
    folder: Path

    @property
    def reference(self) -> str:
        return self.detectors[0]

    @property
    def ours(self) -> list[str]:
        """Those that are this project's engines."""
        return [name for name in self.detectors if name in peers.OURS]


@dataclass(frozen=True)
class Section:
    """A part of the report. data: dataclasses, for JSON. plots: files in the output folder."""

    title: str
    data: list[Any]
    markdown: str
    plots: list[Path] = field(default_factory=list)


def main() -> None:
    """Measure every section and write the report."""
    arguments = parse_arguments()
    detectors, missing = installed(dict.fromkeys([arguments.reference, *arguments.detectors]))
    if arguments.reference in missing:
        sys.exit(f"{arguments.reference} is the reference: {missing[arguments.reference]}")
    print(skipped(missing), file=sys.stderr)
    arguments.output.mkdir(parents=True, exist_ok=True)
    machine = describe(sorted({m for name in detectors for m in peers.get(name).MODULES}))
    protocol = Protocol(arguments.rounds, arguments.untimed, arguments.pause)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = read_image(arguments.image)
        plan = Plan(arguments, image, protocol, detectors, missing, measured_peaks(folder), folder)
        sections = {}
        for section in arguments.sections:
            print(f"measuring {section}", file=sys.stderr)
            sections[section] = SECTIONS[section](plan)
            write_report(plan, machine, sections)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--output", type=Path, required=True, help="folder for the report")
    add("--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="NAME")
    add("--image", type=Path, default=MULTIFACE, help="beside the repository by default")
    add("--sizes", type=size, nargs="+", default=SIZES, metavar="WxH", help="of detectors")
    add("--min-face-sizes", type=int, nargs="+", default=[20, 40], metavar="PX")
    add("--threads", type=int, nargs="+", default=[1, 2], metavar="N", help="of detectors")
    add("--detectors", nargs="+", choices=peers.NAMES, default=peers.NAMES, metavar="NAME")
    add("--reference", choices=peers.NAMES, default=peers.OURS[0], help="all others relate to it")
    add("--rounds", type=positive, default=15)
    add("--untimed", type=int, default=1, help="detections before the timed one of each turn")
    add("--pause", type=float, default=0.25, help="seconds before each turn")
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


def measured_peaks(folder: Path) -> dict[str, Any]:
    """The machine's peaks, or why they are not known."""
    try:
        return peaks(folder)
    except UnavailableError as reason:
        return {"skipped": str(reason)}


def measure_detectors(plan: Plan) -> Section:
    """Every detector, in every setting; the processes are started once a thread count."""
    arguments = plan.arguments
    results: list[SpeedResult] = []
    for threads in arguments.threads:
        with ExitStack() as stack:
            workers = {name: stack.enter_context(Worker(threads)) for name in plan.detectors}
            for width, height in arguments.sizes:
                scaled = resize(plan.image, width, height)
                for face in arguments.min_face_sizes:
                    one = (scaled, face, threads, plan.protocol)
                    results += compare(workers, plan.reference, *one)
    parts = [explanation(plan.protocol, plan.reference), skipped(plan.missing)]
    parts += ["Median milliseconds:", overview(results), "Each measurement:"]
    return Section("One detection", results, text([*parts, details(results, plan.reference)]))


def measure_networks(plan: Plan) -> Section:
    """The networks in every engine that is there."""
    engines = [name for name in plan.detectors if name in peers.ENGINES]
    rows = networks.measure(engines, plan.image, plan.protocol)
    peak = plan.peaks.get("float32_gflops")
    return Section("The networks alone", rows, rows_table(rows, engines[0], peak))


def measure_variants(plan: Plan) -> Section:
    """This project's first engine with other threads and instruction sets."""
    rows = variants.measure(plan.ours[0], plan.image, plan.protocol)
    return Section("Threads and instruction sets", rows, rows_table(rows, "the first"))


def measure_processes(plan: Plan) -> Section:
    """Fresh processes of this project's engines."""
    engines = [name.partition(":")[2] for name in plan.ours]
    figures = processes.measure(engines, plan.image, plan.protocol.rounds, plan.folder)
    return Section("Fresh processes", figures, processes.as_markdown(figures))


def measure_growth(plan: Plan) -> Section:
    """Curves of this project's engines."""
    curves = growth.measure(plan.ours, plan.image, plan.protocol)
    markdown = growth.as_markdown(curves)
    try:
        pictures = plots.write_plots(curves, plan.arguments.output)
    except UnavailableError as reason:
        return Section("How time grows", curves, f"{markdown}\n\nNo plots: {reason}.")
    return Section("How time grows", curves, markdown, pictures)


SECTIONS: dict[str, Callable[[Plan], Section]] = {
    "detectors": measure_detectors,
    "networks": measure_networks,
    "variants": measure_variants,
    "processes": measure_processes,
    "growth": measure_growth,
}


def write_report(plan: Plan, machine: dict[str, Any], sections: dict[str, Section]) -> None:
    """Everything that is known so far, so that an interrupted run is not lost."""
    parts = ["# Speed", heading(machine), peaks_line(plan.peaks)]
    for section in sections.values():
        pictures = [f"![{path.stem}]({path.name})" for path in section.plots]
        parts += [f"## {section.title}", section.markdown, *pictures]
    facts = {
        "machine": machine,
        "peaks": plan.peaks,
        "protocol": dataclasses.asdict(plan.protocol),
        "reference": plan.reference,
        "skipped": plan.missing,
        **{name: [dataclasses.asdict(one) for one in s.data] for name, s in sections.items()},
    }
    output = plan.arguments.output
    (output / "results.md").write_text(text(parts) + "\n", encoding="utf-8")
    (output / "results.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def peaks_line(found: dict[str, Any]) -> str:
    """The machine's peaks in a sentence."""
    if "skipped" in found:
        return f"Peaks of the machine: not measured, {found['skipped']}."
    int8 = found["int8_gops"]
    bytes_too = f", int8 {int8:.0f} GOP/s" if int8 is not None else ""
    return f"Peaks, one thread: float32 {found['float32_gflops']:.0f} GFLOP/s{bytes_too}."


def text(parts: Iterable[str]) -> str:
    """Paragraphs; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)


if __name__ == "__main__":
    main()

"""Measures the speed of mtcnn-rt beside other packages and engines, of its parts, and its growth.

    python -m benchmarks.run --output results

All measurements are interleaved on the same machine. Writes results.md, results.json with every
single time, and plots. Leaves out what cannot be measured here, with a line that gives the reason.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import environments, growth, live, networks, plots, processes, variants, video
from benchmarks.command_line import VIDEO, add_numbers, new_parser
from benchmarks.compare.peers import ENGINES, NATIVE, OWN, PEERS
from benchmarks.compare.report import details, explanation, overview
from benchmarks.compiled import UnavailableError, peaks
from benchmarks.images import MULTIFACE, read_image, resize
from benchmarks.machine import describe, heading, peaks_line
from benchmarks.markdown import paragraphs
from benchmarks.rows import rows_table
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.registry import skipped
from mtcnn_rt._comparison.speed import DetectorSpeed, compare
from mtcnn_rt._comparison.timing import TimingSettings
from mtcnn_rt._comparison.worker import open_workers

SIZES = [(640, 480), (1280, 720), (1920, 1080)]


@dataclass(frozen=True)
class Plan:
    """Holds what is to be measured.

    Attributes:
        arguments: The command line.
        image: The image, (H, W, 3) uint8 BGR.
        timing: How detections and networks are timed.
        detectors: The detectors that can run here, the reference first.
        missing: Why the other detectors cannot run, by name.
        pythons: The interpreters of detectors in other environments, by name.
        peaks: The peaks of the machine; see `measured_peaks`.
        folder: A folder for temporary files.
    """

    arguments: argparse.Namespace
    image: Pixels
    timing: TimingSettings
    detectors: list[str]
    missing: dict[str, str]
    pythons: dict[str, Path]
    peaks: dict[str, Any]
    folder: Path

    @property
    def reference(self) -> str:
        """The detector that the others are compared with."""
        return self.detectors[0]

    @property
    def own(self) -> list[str]:
        """The detectors that are this package's engines."""
        return [name for name in self.detectors if name in OWN]


@dataclass(frozen=True)
class Section:
    """Holds a part of the report.

    Attributes:
        title: The heading.
        data: Dataclasses, for JSON.
        markdown: The text.
        plots: Files in the output folder.
    """

    title: str
    data: list[Any]
    markdown: str
    plots: list[Path] = field(default_factory=list)


def main() -> None:
    """Measures every section and writes the report."""
    arguments = parse_arguments()
    pythons = dict(arguments.python)
    names = list(dict.fromkeys([arguments.reference, *arguments.detectors]))
    detectors, missing, foreign = environments.find(names, pythons)
    if arguments.reference in missing:
        sys.exit(f"{arguments.reference} is the reference: {missing[arguments.reference]}")
    print(skipped(missing), file=sys.stderr)
    arguments.output.mkdir(parents=True, exist_ok=True)
    here = (name for name in detectors if name not in pythons)
    machine = describe(sorted({m for name in here for m in PEERS.get(name).MODULES}))
    machine["versions"] |= foreign
    timing = TimingSettings(arguments.rounds, arguments.untimed, arguments.pause)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = read_image(arguments.image)
        peaks = measured_peaks(folder)
        plan = Plan(arguments, image, timing, detectors, missing, pythons, peaks, folder)
        sections = {}
        for section in arguments.sections:
            print(f"measuring {section}", file=sys.stderr)
            sections[section] = SECTIONS[section](plan)
            write_report(plan, machine, sections)


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = new_parser("run", __doc__)
    add = parser.add_argument
    add("--output", type=Path, required=True, help="folder for the report")
    add(
        "--sections",
        nargs="+",
        choices=SECTIONS,
        default=list(SECTIONS),
        metavar="NAME",
        help=f"sections to measure: {', '.join(SECTIONS)}; default: all",
    )
    add(
        "--image",
        type=Path,
        default=MULTIFACE,
        help="image with faces; default: shared/media/multiface.jpg beside the repository",
    )
    add(
        "--sizes",
        type=size,
        nargs="+",
        default=SIZES,
        metavar="WxH",
        help="image sizes for the detectors",
    )
    add_numbers(
        parser, "--min-face-sizes", [20, 40], "PX", "smallest faces for the detectors, in pixels"
    )
    add_numbers(parser, "--threads", [1, 2], "N", "numbers of threads for the detectors")
    add(
        "--detectors",
        nargs="+",
        choices=PEERS.names,
        default=PEERS.names,
        metavar="NAME",
        help=f"detectors to compare: {', '.join(PEERS.names)}; default: all",
    )
    add(
        "--reference",
        choices=PEERS.names,
        default=NATIVE,
        metavar="NAME",
        help="detector that the others are compared with; default: %(default)s",
    )
    add(
        "--python",
        type=environments.parse_environment,
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="Python of another environment, which has the detector, several",
    )
    add("--video", type=Path, default=VIDEO, help="video; default: shared/media/video.mp4 there")
    add("--deface", type=Path, metavar="FILE", help="the program deface, of its own environment")
    add("--rounds", type=positive, default=15, help="timed turns of each; default: %(default)s")
    add(
        "--untimed",
        type=int,
        default=1,
        help="runs before the timed one of each turn; default: %(default)s",
    )
    add(
        "--pause",
        type=float,
        default=0.25,
        help="seconds of rest before each turn; default: %(default)s",
    )
    return parser.parse_args()


def size(text: str) -> tuple[int, int]:
    """Parses a size such as 640x480."""
    width, height = text.split("x")
    return positive(width), positive(height)


def positive(text: str) -> int:
    """Parses an integer above zero."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def measured_peaks(folder: Path) -> dict[str, Any]:
    """Returns the machine's peaks, or the reason under "skipped" where they cannot be measured."""
    try:
        return peaks(folder)
    except UnavailableError as reason:
        return {"skipped": str(reason)}


def measure_detectors(plan: Plan) -> Section:
    """Times every detector in every setting. Each number of threads has its own processes."""
    arguments = plan.arguments
    speeds: list[DetectorSpeed] = []
    for threads in arguments.threads:
        with open_workers(plan.detectors, threads, plan.pythons) as workers:
            for width, height in arguments.sizes:
                scaled = resize(plan.image, width, height)
                for face in arguments.min_face_sizes:
                    setting = (scaled, face, threads, plan.timing)
                    speeds += compare(PEERS, workers, plan.reference, *setting)
    parts = [explanation(plan.timing, plan.reference), skipped(plan.missing)]
    parts += ["Median milliseconds:", overview(speeds), "Each measurement:"]
    return Section("One detection", speeds, paragraphs([*parts, details(speeds, plan.reference)]))


def measure_networks(plan: Plan) -> Section:
    """Times the networks in every engine that can run here."""
    engines = [name for name in plan.detectors if name in ENGINES]
    rows = networks.measure(engines, plan.image, plan.timing)
    peak = plan.peaks.get("float32_gflops")
    return Section("The networks alone", rows, rows_table(rows, engines[0], peak))


def measure_variants(plan: Plan) -> Section:
    """Times this package's first engine with other threads and instruction sets."""
    rows = variants.measure(plan.own[0], plan.image, plan.timing)
    return Section("Threads and instruction sets", rows, rows_table(rows, "the first"))


def measure_processes(plan: Plan) -> Section:
    """Measures fresh processes of this package's engines."""
    engines = [name.partition(":")[2] for name in plan.own]
    figures = processes.measure(engines, plan.image, plan.timing.rounds, plan.folder)
    return Section("Fresh processes", figures, processes.as_markdown(figures))


def measure_growth(plan: Plan) -> Section:
    """Measures how the time of this package's engines grows."""
    curves = growth.measure(plan.own, plan.image, plan.timing)
    markdown = growth.as_markdown(curves)
    try:
        files = plots.write_plots(curves, plan.arguments.output)
    except UnavailableError as reason:
        return Section("How time grows", curves, f"{markdown}\n\nNo plots: {reason}.")
    return Section("How time grows", curves, markdown, files)


def measure_video(plan: Plan) -> Section:
    """Measures whole videos beside the codecs alone, and beside deface where it is given."""
    arguments = plan.arguments
    times = video.measure(arguments.video, plan.timing.rounds, plan.folder, arguments.deface)
    return Section("Videos", [times], video.as_markdown(times))


def measure_live(plan: Plan) -> Section:
    """Measures how long images take from a camera to a view, two seconds for each round."""
    found = live.measure(plan.arguments.video, 2 * plan.timing.rounds)
    return Section("Live views", found, live.as_markdown(found))


SECTIONS: dict[str, Callable[[Plan], Section]] = {
    "detectors": measure_detectors,
    "networks": measure_networks,
    "variants": measure_variants,
    "processes": measure_processes,
    "growth": measure_growth,
    "video": measure_video,
    "live": measure_live,
}


def write_report(plan: Plan, machine: dict[str, Any], sections: dict[str, Section]) -> None:
    """Writes all that is measured so far, so that an interrupted run is not lost."""
    parts = ["# Speed", heading(machine), peaks_line(plan.peaks)]
    for section in sections.values():
        images = [f"![{path.stem}]({path.name})" for path in section.plots]
        parts += [f"## {section.title}", section.markdown, *images]
    facts = {
        "machine": machine,
        "peaks": plan.peaks,
        "protocol": dataclasses.asdict(plan.timing),
        "reference": plan.reference,
        "skipped": plan.missing,
        **{name: [dataclasses.asdict(one) for one in s.data] for name, s in sections.items()},
    }
    output = plan.arguments.output
    (output / "results.md").write_text(paragraphs(parts) + "\n", encoding="utf-8")
    (output / "results.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

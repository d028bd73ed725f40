"""Results of a comparison as Markdown and as JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from benchmarks.machine import heading
from benchmarks.measure import SURE, Agreement, Protocol, Result, Setting


def as_json(
    results: list[Result], machine: dict[str, Any], protocol: Protocol, reference: str
) -> dict[str, Any]:
    """Everything, each timed detection included."""
    return {
        "machine": machine,
        "protocol": dataclasses.asdict(protocol),
        "reference": reference,
        "results": [dataclasses.asdict(result) for result in results],
    }


def as_markdown(
    results: list[Result], machine: dict[str, Any], protocol: Protocol, reference: str
) -> str:
    """The machine, the medians side by side, and a row for each measurement."""
    return "\n\n".join(
        [
            "# Speed of one detection",
            heading(machine),
            _explanation(protocol, reference),
            "Median milliseconds:",
            _overview(results),
            "Each measurement:",
            _details(results, reference),
            "",
        ]
    ).rstrip("\n")


def _explanation(protocol: Protocol, reference: str) -> str:
    return (
        f"{protocol.rounds} rounds, the detectors in turn, each in its own process; in each turn "
        f"{protocol.pause:g} s of pause, {protocol.untimed} detection(s) untimed, one timed. "
        f"The ratio is the median over the rounds of a detector's time by {reference}'s of the "
        f"same round. Agreement is about the faces with a score of at least {SURE}, at IoU 0.5; "
        "an asterisk marks a detector that does not find the same ones."
    )


def _overview(results: list[Result]) -> str:
    """A row for each setting, a column for each detector."""
    detectors = list(dict.fromkeys(result.detector for result in results))
    cells = {(result.setting, result.detector): _overview_cell(result) for result in results}
    settings = list(dict.fromkeys(result.setting for result in results))
    rows = [_setting(s) + [cells.get((s, name), "") for name in detectors] for s in settings]
    return _table(["image", "min face", "threads", *detectors], rows)


def _overview_cell(result: Result) -> str:
    if result.error is not None:
        return "fails"
    ratio = "" if result.ratio is None else f" ({result.ratio:.1f}x)"
    warning = "" if result.agreement and result.agreement.complete else " \\*"
    return f"{result.median * 1e3:.1f}{ratio}{warning}"


def _details(results: list[Result], reference: str) -> str:
    header = ["image", "min face", "threads", "detector", "median ms", "min - max", "ratio"]
    header += ["faces", f"agrees with {reference}"]
    return _table(header, [_detail(result) for result in results])


def _detail(result: Result) -> list[str]:
    start = [*_setting(result.setting), result.detector]
    agreement = result.agreement
    faces = "" if agreement is None else str(agreement.faces)
    if result.error is not None:
        return [*start, "fails", "", "", faces, result.error.replace("|", "\\|")]
    low, high = min(result.seconds) * 1e3, max(result.seconds) * 1e3
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    return [
        *start,
        f"{result.median * 1e3:.1f}",
        f"{low:.1f} - {high:.1f}",
        ratio,
        faces,
        _agreement(agreement),
    ]


def _agreement(agreement: Agreement | None) -> str:
    if agreement is None:
        return "not known"
    if agreement.complete:
        return "yes"
    missed = agreement.reference_faces - agreement.matched
    added = agreement.faces - agreement.matched
    return f"**no**: misses {missed} of {agreement.reference_faces}, {added} of its own"


def _setting(setting: Setting) -> list[str]:
    size = f"{setting.width}x{setting.height}"
    return [size, str(setting.min_face_size), str(setting.threads)]


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

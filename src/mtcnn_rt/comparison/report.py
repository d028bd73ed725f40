"""Results of a comparison of detectors as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from mtcnn_rt.comparison.agreement import Agreement
from mtcnn_rt.comparison.markdown import table
from mtcnn_rt.comparison.peers import SURE
from mtcnn_rt.comparison.race import Protocol
from mtcnn_rt.comparison.speed import Setting, SpeedResult


def explanation(protocol: Protocol, reference: str) -> str:
    """How it was measured."""
    return (
        f"{protocol.rounds} rounds, the detectors in turn, each in its own process; in each turn "
        f"{protocol.pause:g} s of pause, {protocol.untimed} detection(s) untimed, one timed. "
        f"The ratio is the median over the rounds of a detector's time by {reference}'s of the "
        "same round. Agreement is about the faces that a detector is sure of (a score of at least "
        f"{SURE}; 0.5 in MediaPipe, any in OpenCV's Haar cascade, which has none), at IoU 0.5; "
        'an asterisk marks a detector that does not find the same ones. "mtcnn-rt:" is this '
        "package's cascade with the engine that follows."
    )


def skipped(missing: Mapping[str, str]) -> str:
    """The detectors that could not run, by name; nothing where all could."""
    if not missing:
        return ""
    reasons = "; ".join(f"{name} ({reason})" for name, reason in missing.items())
    return f"Skipped: {reasons}."


def overview(results: list[SpeedResult]) -> str:
    """Median milliseconds: a row for each setting, a column for each detector."""
    detectors = list(dict.fromkeys(result.detector for result in results))
    cells = {(result.setting, result.detector): _overview_cell(result) for result in results}
    settings = list(dict.fromkeys(result.setting for result in results))
    rows = [_setting(s) + [cells.get((s, name), "") for name in detectors] for s in settings]
    return table(["image", "min face", "threads", *detectors], rows)


def details(results: list[SpeedResult], reference: str) -> str:
    """A row for each measurement."""
    header = ["image", "min face", "threads", "detector", "median ms", "min - max", "ratio"]
    header += ["faces", f"agrees with {reference}"]
    return table(header, [_detail(result) for result in results])


def _overview_cell(result: SpeedResult) -> str:
    if result.error is not None:
        return "fails"
    ratio = "" if result.ratio is None else f" ({result.ratio:.1f}x)"
    warning = "" if result.agreement and result.agreement.complete else " \\*"
    return f"{median(result.seconds) * 1e3:.1f}{ratio}{warning}"


def _detail(result: SpeedResult) -> list[str]:
    start = [*_setting(result.setting), result.detector]
    agreement = result.agreement
    faces = "" if agreement is None else str(agreement.faces)
    if result.error is not None:
        return [*start, "fails", "", "", faces, result.error]
    low, high = min(result.seconds) * 1e3, max(result.seconds) * 1e3
    return [
        *start,
        f"{median(result.seconds) * 1e3:.1f}",
        f"{low:.1f} - {high:.1f}",
        "" if result.ratio is None else f"{result.ratio:.2f}",
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
    return [size, f"{setting.min_face_size:g}", str(setting.threads)]

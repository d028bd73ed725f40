"""Writes a comparison of detectors as Markdown."""

from __future__ import annotations

from statistics import median

from benchmarks.markdown import table
from mtcnn_rt._comparison.agreement import Agreement
from mtcnn_rt._comparison.peer import SURE
from mtcnn_rt._comparison.speed import DetectorSpeed, Setting
from mtcnn_rt._comparison.timing import TimingSettings


def explanation(timing: TimingSettings, reference: str) -> str:
    """Explains how the detectors were timed and compared.

    Args:
        timing: How the detections were timed.
        reference: The name of the detector that the others are compared with.

    Returns:
        A paragraph.
    """
    return (
        f"{timing.rounds} rounds, the detectors in turn, each in its own process; in each turn "
        f"{timing.pause:g} s of pause, {timing.untimed} detection(s) untimed, one timed. "
        f"The ratio is the median over the rounds of a detector's time by {reference}'s of the "
        "same round. Agreement is about the faces that a detector is sure of (a score of at least "
        f"{SURE}; 0.5 in MediaPipe, any in OpenCV's Haar cascade, which has none), at IoU 0.5; "
        'an asterisk marks a detector that does not find the same ones. "mtcnn-rt:" is this '
        "package's cascade with the engine that follows."
    )


def overview(speeds: list[DetectorSpeed]) -> str:
    """Writes a table of median milliseconds.

    Args:
        speeds: The detectors in all settings.

    Returns:
        A table with a row for each setting and a column for each detector.
    """
    detectors = list(dict.fromkeys(speed.detector for speed in speeds))
    cells = {(speed.setting, speed.detector): _overview_cell(speed) for speed in speeds}
    settings = list(dict.fromkeys(speed.setting for speed in speeds))
    rows = [_setting(s) + [cells.get((s, name), "") for name in detectors] for s in settings]
    return table(["image", "min face", "threads", *detectors], rows)


def details(speeds: list[DetectorSpeed], reference: str) -> str:
    """Writes a table of all that is measured.

    Args:
        speeds: The detectors in all settings.
        reference: The name of the detector that the others are compared with.

    Returns:
        A table with a row for each detector in each setting.
    """
    header = ["image", "min face", "threads", "detector", "median ms", "min - max", "ratio"]
    header += ["faces", f"agrees with {reference}"]
    return table(header, [_detail(speed) for speed in speeds])


def _overview_cell(speed: DetectorSpeed) -> str:
    if speed.error is not None:
        return "fails"
    ratio = "" if speed.ratio is None else f" ({speed.ratio:.1f}x)"
    warning = "" if speed.agreement and speed.agreement.complete else " \\*"
    return f"{median(speed.seconds) * 1e3:.1f}{ratio}{warning}"


def _detail(speed: DetectorSpeed) -> list[str]:
    start = [*_setting(speed.setting), speed.detector]
    agreement = speed.agreement
    faces = "" if agreement is None else str(agreement.faces)
    if speed.error is not None:
        return [*start, "fails", "", "", faces, speed.error]
    low, high = min(speed.seconds) * 1e3, max(speed.seconds) * 1e3
    return [
        *start,
        f"{median(speed.seconds) * 1e3:.1f}",
        f"{low:.1f} - {high:.1f}",
        "" if speed.ratio is None else f"{speed.ratio:.2f}",
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

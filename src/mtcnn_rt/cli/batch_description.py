"""Describes what the results of `mtcnn-rt batch` depend on, so that no other job resumes them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from mtcnn_rt.batch.remote import name_of

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN


def described(detector: MTCNN, sources: Sequence[str], **settings: Any) -> dict[str, Any]:
    """Returns the description of a job, as JSON has it.

    Args:
        detector: The detector, whose settings and weights count.
        sources: The sources; passwords of URIs are left out.
        settings: The settings of the job.
    """
    return {
        "sources": [name_of(source) for source in sources],
        **settings,
        **_settings_of(detector),
        "model_sha256": detector.model.sha256[:16],
        "version": _version(),
    }


def _settings_of(detector: MTCNN) -> dict[str, Any]:
    """Returns the settings that faces depend on."""
    settings = detector.settings
    del settings["threads"]
    found = {**settings, "thresholds": list(detector.thresholds), "engine": detector.engine}
    return {key: value if _is_plain(value) else str(value) for key, value in found.items()}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, list))


def _version() -> str:
    try:
        return version("mtcnn-rt")
    except PackageNotFoundError:  # it runs from its source
        return "unknown"

"""Describes what the results of `mtcnn-rt batch` depend on, so that no other job resumes them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from mtcnn_rt._guarded import read_regular_file
from mtcnn_rt.batch.remote import name_of

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN


def described(detector: MTCNN, sources: Sequence[str], **settings: Any) -> dict[str, Any]:
    """Returns the description of a job, as JSON has it.

    Args:
        detector: The detector, whose settings and weights count.
        sources: The sources; passwords of URIs are left out.
        settings: The settings of the job.

    Raises:
        OSError: The model folder has gone meanwhile.
    """
    return {
        "sources": [name_of(source) for source in sources],
        **settings,
        **_settings_of(detector),
        "model_sha256": _digest(detector),
        "version": _version(),
    }


def _settings_of(detector: MTCNN) -> dict[str, Any]:
    """Returns the settings that faces depend on."""
    settings = detector.__getstate__()
    del settings["threads"]
    found = {**settings, "thresholds": list(detector.thresholds), "engine": detector.engine}
    return {key: value if _is_plain(value) else str(value) for key, value in found.items()}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, list))


def _digest(detector: MTCNN) -> str:
    """Returns the digest of model.json, which has that of each file of weights, in 16 digits."""
    from mtcnn_rt.model import LARGEST_DESCRIPTION

    content = read_regular_file(detector.model.path / "model.json", LARGEST_DESCRIPTION)
    return hashlib.sha256(content).hexdigest()[:16]


def _version() -> str:
    try:
        return version("mtcnn-rt")
    except PackageNotFoundError:  # it runs from its source
        return "unknown"

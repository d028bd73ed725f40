"""mtcnn-rt: finds faces and five landmarks with the cascade of arXiv 1604.02878, fast on a CPU."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtcnn_rt.detector import MTCNN
    from mtcnn_rt.faces import LANDMARKS, Faces

    __version__: str

__all__ = ["LANDMARKS", "MTCNN", "Faces"]

_HOMES = {"MTCNN": "detector", "Faces": "faces", "LANDMARKS": "faces"}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used, so that the command line starts at once and can
    tell of a library that does not load; the version, too, since the build step uses the package
    before there is one."""
    if name == "__version__":
        return version("mtcnn-rt")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

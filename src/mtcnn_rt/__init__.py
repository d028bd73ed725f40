"""mtcnn-rt: finds faces and five landmarks with the cascade of arXiv 1604.02878, fast on a CPU."""

from importlib.metadata import version

from mtcnn_rt.detector import MTCNN
from mtcnn_rt.faces import LANDMARKS, Faces

__all__ = ["LANDMARKS", "MTCNN", "Faces"]
__version__ = version("mtcnn-rt")

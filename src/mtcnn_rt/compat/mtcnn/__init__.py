"""Replaces mtcnn 1.0.0, with its modules `mtcnn` and `utils`, without TensorFlow."""

from mtcnn_rt.compat.mtcnn.mtcnn import MTCNN

__all__ = ["MTCNN"]

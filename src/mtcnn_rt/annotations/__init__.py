"""Reads annotated images: faces with boxes, landmarks or both, in the common data sets' formats."""

from mtcnn_rt.annotations.annotated import Annotated, Annotations
from mtcnn_rt.annotations.reading import FORMATS, read_annotations

__all__ = ["FORMATS", "Annotated", "Annotations", "read_annotations"]

"""Reads the images that networks are trained on and measured with."""

from __future__ import annotations

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images.library_lines import heard_libraries
from mtcnn_rt.annotations import Annotated


def read_whole(image: Annotated) -> Pixels:
    """Reads an annotated image, but not a damaged one, a part of which may be gray.

    Returns:
        (H, W, 3) uint8 BGR, see `Annotated.read_with_faces`.

    Raises:
        ValueError: The image cannot be read, is a JPEG file that libjpeg finds damaged, or has a
            face outside of it.
    """
    with heard_libraries() as lines:
        return image.read_with_faces(lines)

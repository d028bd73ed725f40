"""Collects example images for the report, with the faces that the detectors find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtcnn_rt import Faces
    from mtcnn_rt._arrays import Pixels
    from mtcnn_rt.evaluation.report import Example

SIDE = 480
"""Pixels of the longer side of an example."""


@dataclass
class Gallery:
    """Keeps some of many images, evenly spread.

    Attributes:
        total: The number of images that are offered.
        wanted: The number of images to keep.
        examples: The images that are kept.
    """

    total: int
    wanted: int
    examples: list[Example] = field(default_factory=list)
    _offered: int = 0

    def offer(self, name: str, image: Pixels, found: Mapping[str, Faces]) -> None:
        """Keeps an image if it is due.

        Args:
            name: The name of the image.
            image: The image, (H, W, 3) uint8 BGR.
            found: The faces that each detector found, by the name of the detector.
        """
        from mtcnn_rt.evaluation.report import Example

        due = self._offered * self.wanted >= len(self.examples) * self.total
        self._offered += 1
        if found and due and len(self.examples) < self.wanted:
            images = {detector: _draw_example(image, faces) for detector, faces in found.items()}
            self.examples.append(Example(name, images))


def _draw_example(image: Pixels, faces: Faces) -> bytes:
    """Returns a JPEG file with the faces drawn, `SIDE` pixels long."""
    import cv2

    from mtcnn_rt._images.resizing import resize_by
    from mtcnn_rt.drawing.overlay import draw
    from mtcnn_rt.faces import scaled

    factor = SIDE / max(image.shape[:2])
    resized = resize_by(image, factor)
    draw(resized, scaled(faces, factor, factor))
    return cv2.imencode(".jpg", resized)[1].tobytes()

"""Pictures for the report, with what the detectors found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtcnn_rt import Faces
    from mtcnn_rt.evaluation.report import Example

SIDE = 480
"""Pixels of the longer side of a picture."""


@dataclass
class Gallery:
    """Keeps `wanted` of `total` images, evenly spread."""

    total: int
    wanted: int
    examples: list[Example] = field(default_factory=list)
    _offered: int = 0

    def offer(self, name: str, image: NDArray[np.uint8], found: Mapping[str, Faces]) -> None:
        """An image (H, W, 3) BGR and what each detector found in it."""
        from mtcnn_rt.evaluation.report import Example

        due = self._offered * self.wanted >= len(self.examples) * self.total
        self._offered += 1
        if found and due and len(self.examples) < self.wanted:
            pictures = {detector: _picture(image, faces) for detector, faces in found.items()}
            self.examples.append(Example(name, pictures))


def _picture(image: NDArray[np.uint8], faces: Faces) -> bytes:
    """A JPEG file of the size `SIDE` with the faces drawn."""
    import cv2
    import numpy as np

    from mtcnn_rt import Faces
    from mtcnn_rt.drawing.overlay import draw

    factor = SIDE / max(image.shape[:2])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=how), np.uint8)
    scale = np.float32(factor)
    draw(resized, Faces(faces.boxes * scale, faces.scores, faces.landmarks * scale))
    return cv2.imencode(".jpg", resized)[1].tobytes()

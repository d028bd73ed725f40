"""Where the faces of a video go, one file a face and frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import align
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import write_image


@dataclass(frozen=True)
class CropWriter:
    """Writes aligned crops, see `align.crop`, as PNG into `folder`, which is made with the first:
    frame-000012-id-3.png of the track 3, or frame-000012-face-1.png, by score, without tracks.

    size, margin  as for `align.crop`.
    overwrite     whether to replace files that exist.
    """

    folder: Path
    size: int = align.ARCFACE_SIZE
    margin: float = 0.0
    overwrite: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for a size or a margin that cannot be used."""
        align.template(self.size, self.margin)

    def write(
        self,
        image: NDArray[np.uint8],
        faces: Faces,
        ids: Sequence[int] | NDArray[np.integer] | None,
        frame_index: int,
    ) -> list[Path]:
        """Writes the faces of one frame, (H, W, 3) uint8 BGR that nothing was drawn on yet; returns
        the files. ids: (N,), no two alike, or None.

        Raises OSError that names the file, FileExistsError where it exists and is to stay."""
        kind, numbers = ("face", range(1, len(faces) + 1)) if ids is None else ("id", ids)
        crops = align.crops(image, faces.landmarks, self.size, self.margin)
        paths = [self.folder / f"frame-{frame_index:06}-{kind}-{n}.png" for n in numbers]
        for path, crop in zip(paths, crops, strict=True):
            write_image(path, crop, self.overwrite)
        return paths

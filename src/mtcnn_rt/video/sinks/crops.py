"""Writes face crops of a video, one file per face and frame."""

from __future__ import annotations

import os
from pathlib import Path

from mtcnn_rt import align
from mtcnn_rt._arrays import GivenPixels, Ids
from mtcnn_rt._files.paths import path_of
from mtcnn_rt.faces import Faces, check_ids
from mtcnn_rt.images import write_image


class CropWriter:
    """Writes face crops, see `align.crop`, as PNG files.

    A file is named frame-000012-id-3.png for the face with id 3, or, without ids,
    frame-000012-face-1.png for the best of the frame.

    Args:
        folder: The folder; it is made with the first file.
        size: Side of a crop in pixels, as for `align.crop`.
        margin: As for `align.crop`.
        overwrite: True replaces files that exist.

    Attributes:
        written: Number of files that are finished.

    Raises:
        ValueError: The size or the margin is out of its range.
        FileNotFoundError: The folder has no name.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     writer = CropWriter(Path(folder), size=160)
        ...     writer.write(np.zeros((90, 90, 3), np.uint8), Faces.empty(), None, frame_index=0)
        []
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        size: int = align.ARCFACE_SIZE,
        margin: float = 0.0,
        overwrite: bool = False,
    ) -> None:
        self.folder = path_of(folder, written=True)
        align.template(size, margin)
        self.size, self.margin, self.overwrite = size, margin, overwrite
        self.written = 0

    def write(
        self,
        image: GivenPixels,
        faces: Faces,
        ids: Ids | None,
        frame_index: int,
    ) -> list[Path]:
        """Writes the faces of one frame.

        Args:
            image: (H, W, 3) uint8, BGR, before anything is drawn on it.
            faces: Its N faces.
            ids: (N,), no two alike, or None.
            frame_index: Index of the frame.

        Returns:
            The files.

        Raises:
            ValueError: There are more or fewer ids than faces, or landmarks are not those of a
                face; nothing is written.
            FileExistsError: A file exists, and `overwrite` is False; the message names it.
            OSError: A file cannot be written; the message names it.
        """
        check_ids(faces, ids)
        kind, numbers = ("face", range(1, len(faces) + 1)) if ids is None else ("id", ids)
        crops = align.crops(image, faces.landmarks, self.size, self.margin)
        paths = [self.folder / f"frame-{frame_index:06}-{kind}-{n}.png" for n in numbers]
        for path, crop in zip(paths, crops, strict=True):
            write_image(path, crop, self.overwrite)
            self.written += 1
        return paths

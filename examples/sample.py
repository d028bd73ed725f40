"""Gives the other examples something to work on when they are started without arguments.

The data come from the clip in the package: 5 seconds, 640 x 360, four faces.
"""

import json
import tempfile
from pathlib import Path

import mtcnn_rt
from mtcnn_rt.images import write_image
from mtcnn_rt.video.sources.file import FileSource

CLIP = Path(mtcnn_rt.__file__).parent / "sample.mp4"

# x, y, width, height of the faces in the first frame, drawn by hand
FACES = [[84, 118, 96, 108], [508, 116, 64, 80], [332, 226, 49, 54], [311, 46, 30, 34]]


def photos(folder: Path | None = None, count: int = 2) -> Path:
    """Writes frames of the clip, one for each second, as JPEG files and returns their folder."""
    folder = folder or Path(tempfile.mkdtemp())
    with FileSource(CLIP) as source:
        for frame in source:
            if frame.index % 25 == 0:
                write_image(folder / f"frame-{frame.index:03}.jpg", frame.image, overwrite=True)
            if frame.index >= 25 * (count - 1):
                break
    return folder


def photo() -> Path:
    """Writes the first frame of the clip as a JPEG file and returns its path."""
    return photos(count=1) / "frame-000.jpg"


def annotated() -> Path:
    """Writes a folder with one annotated image and returns its path."""
    folder = photos(count=1)
    line = json.dumps({"image": "frame-000.jpg", "boxes": FACES})
    (folder / "annotations.jsonl").write_text(line + "\n", encoding="utf-8")
    return folder

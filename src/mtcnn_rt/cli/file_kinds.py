"""Tells images, videos and other files apart, by their extensions and first bytes."""

from __future__ import annotations

from pathlib import Path

from mtcnn_rt._files import first_bytes
from mtcnn_rt._files.extensions import EXTENSIONS, RAW, UNREADABLE, VIDEOS, WITH_PILLOW
from mtcnn_rt._files.paths import may_be_file

_WHY_UNREADABLE = "no library here decodes this format; convert it to JPEG or PNG"
_WHY_NO_HEIC = "HEIC needs pillow-heif: pip install pillow-heif; or convert it to JPEG"
_WHY_NO_PILLOW = "this format needs Pillow: pip install pillow; or convert it to JPEG"


def is_wanted(path: Path, videos: bool) -> bool:
    """Returns true for an image, or a video, by its extension or else by its first bytes."""
    if first_bytes.is_text(path):
        return False
    if path.suffix.lower() in EXTENSIONS | WITH_PILLOW | UNREADABLE | (VIDEOS if videos else set()):
        return may_be_file(path)
    if path.suffix.lower() in VIDEOS:
        return False
    kind = first_bytes.kind_of(path)
    return kind == "photo" or (videos and kind == "video")


def is_readable(path: Path, videos: bool) -> bool:
    """Returns true for a wanted file that may be decoded, by its extension or by its content."""
    from mtcnn_rt._images import extra_formats, heic
    from mtcnn_rt._images.headers import is_known

    extension = path.suffix.lower()
    if extension in EXTENSIONS or extension in VIDEOS:
        return True
    if extension in heic.EXTENSIONS and heic.is_decodable():
        return True
    if extension in WITH_PILLOW and extra_formats.is_decodable():
        return True
    start = first_bytes.start_of(path)
    if extension not in RAW and (is_known(start) or (heic.is_heic(start) and heic.is_decodable())):
        return True
    return videos and first_bytes.kind_of(path) == "video"


def why_unreadable(path: Path) -> str:
    """Returns why an image cannot be decoded, and the cure."""
    from mtcnn_rt._images import heic

    if path.suffix.lower() in WITH_PILLOW:
        return _WHY_NO_PILLOW
    named = path.suffix.lower() in heic.EXTENSIONS
    is_heic = named or heic.is_heic(first_bytes.start_of(path))
    return _WHY_NO_HEIC if is_heic else _WHY_UNREADABLE


def is_video(path: Path) -> bool:
    """Returns true for a file that is no still image: a video, an animation, or anything else."""
    from mtcnn_rt._images import heic
    from mtcnn_rt._images.extra_formats import extra_format
    from mtcnn_rt._images.headers import is_known, read_header
    from mtcnn_rt._images.reading import read_content

    if path.suffix.lower() in VIDEOS:
        return True
    try:
        with path.open("rb") as file:
            start = file.read(first_bytes.LENGTH)
        if first_bytes.is_video(start):
            return True
        if not is_known(start):
            named = path.suffix.lower() in EXTENSIONS | WITH_PILLOW
            return not (named or heic.is_heic(start) or extra_format(start))
        content = read_content(path, check_header=False) if _may_be_animated(start) else b""
        header = read_header(content)
    except (OSError, ValueError):  # reading it as an image gives the reason
        return False
    return header is not None and header.frames > 1


def _may_be_animated(start: bytes) -> bool:
    """Returns true for the first bytes of GIF, PNG, WebP and AVIF."""
    return start.startswith((b"GIF8", b"\x89PNG", b"RIFF")) or start[4:8] == b"ftyp"

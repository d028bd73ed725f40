"""Turns an item into a record: decodes it, and detects its faces."""

from __future__ import annotations

from time import perf_counter
from typing import Any, TypeAlias

from mtcnn_rt._errors import text_of
from mtcnn_rt._images.decoding import decode
from mtcnn_rt._images.library_lines import UNHEARD, LibraryLines, jpeg_damage
from mtcnn_rt._log import LOG
from mtcnn_rt.batch.items import FrameOf, Item
from mtcnn_rt.batch.reduced import reduced_jpeg
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.faces import Faces, scaled

Record: TypeAlias = dict[str, Any]
"""`image`: the item's name; `frame` and `time` in seconds, of a frame of a video; `width`,
`height` in pixels of the upright image; `faces`: as `Faces.to_dicts` gives them; `note`: what is to
be said of a damaged image; `error`: why there are no faces. What does not apply is None."""


class Search:
    """Makes records of items, with a detector and a decoder of its own.

    Args:
        detector: The detector; its copy for reduced images has its settings.
        max_pixels: Most pixels of an image.
        fast_jpeg: Decode JPEG files at a half, a quarter or an eighth of their size, where
            `min_face_size` allows.
    """

    def __init__(self, detector: MTCNN, max_pixels: int, fast_jpeg: bool) -> None:
        self._detector = detector
        self._max_pixels = max_pixels
        self._reduction = reduction_for(detector.min_face_size) if fast_jpeg else 1
        self._reduced = detector if self._reduction == 1 else _reduced(detector, self._reduction)

    def record(self, item: Item, lines: LibraryLines = UNHEARD) -> Record:
        """Returns the record of an item; a failure is a record with a reason.

        Args:
            item: The item.
            lines: Holds what libraries write to standard error meanwhile.
        """
        began = perf_counter()
        record = self._record_or_failure(item, lines)
        milliseconds = 1e3 * (perf_counter() - began)
        LOG.debug("%s: %d faces in %.1f ms", item.key, len(record["faces"]), milliseconds)
        return record

    def _record_or_failure(self, item: Item, lines: LibraryLines) -> Record:
        try:
            return self._record(item, lines)
        except OSError as error:
            return failure(item, f"cannot read {item.name}: {error.strerror or error}")
        except ValueError as error:
            return failure(item, str(error))
        except MemoryError as error:
            return failure(item, f"cannot search {item.name}: {text_of(error)}")
        except Exception as error:  # a fault of ours must not end a job of days
            return failure(item, f"cannot search {item.name}: {type(error).__name__}: {error}")

    def _record(self, item: Item, lines: LibraryLines) -> Record:
        if isinstance(item.content, FrameOf):
            pixels, note = item.content.pixels, ""
        else:
            content = item.content.read(self._max_pixels)
            lines.take()  # about the item before
            small = reduced_jpeg(content, self._reduction, self._max_pixels)
            if small is not None and not jpeg_damage(lines.take()):
                faces = scaled(self._reduced.detect(small.pixels), *small.scale)
                return _record(item, small.size, faces)
            decoded = decode(content, item.name, max_pixels=self._max_pixels, lines=lines)
            pixels, note = decoded.pixels, decoded.note
        height, width = pixels.shape[:2]
        return _record(item, (width, height), self._detector.detect(pixels), note)


def failure(item: Item, reason: str) -> Record:
    """Returns the record of an item that cannot be searched."""
    return _record(item, (None, None), Faces.empty(), error=reason)


def reduction_for(min_face_size: float) -> int:
    """Returns by how much JPEG files may be reduced: 8, 4, 2, or 1.

    The smallest faces keep 20 pixels, the size that the networks find by default.
    """
    return next(by for by in (8, 4, 2, 1) if by == 1 or min_face_size / by >= 20)


def _record(
    item: Item,
    size: tuple[int | None, int | None],
    faces: Faces,
    note: str = "",
    error: str = "",
) -> Record:
    frame = item.content if isinstance(item.content, FrameOf) else None
    return {
        "image": item.name,
        "frame": frame.index if frame else None,
        "time": frame.time if frame else None,
        "width": size[0],
        "height": size[1],
        "faces": faces.to_dicts(),
        "note": note or None,
        "error": error or None,
    }


def _reduced(detector: MTCNN, by: int) -> MTCNN:
    """Returns a detector for images that are reduced."""
    settings = detector.settings
    largest = settings["max_face_size"]
    settings["min_face_size"] = settings["min_face_size"] / by
    settings["max_face_size"] = None if largest is None else largest / by
    return MTCNN(**settings)

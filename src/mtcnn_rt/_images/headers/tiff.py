"""Reads the header of a TIFF file, and the EXIF orientation, which is stored as one."""

from __future__ import annotations

from struct import calcsize, unpack_from

from mtcnn_rt._images.headers.header import Alpha, HeaderError, ImageHeader

SUBFILE, WIDTH, HEIGHT, BITS = 254, 256, 257, 258
ORIENTATION, SAMPLES, EXTRA_SAMPLES, SAMPLE_FORMAT = 274, 277, 338, 339
_READ = {SUBFILE, WIDTH, HEIGHT, BITS, ORIENTATION, SAMPLES, EXTRA_SAMPLES, SAMPLE_FORMAT}
FLOAT = 3  # a value of SAMPLE_FORMAT
REDUCED = 1  # bit of SUBFILE: a smaller version of another page
MOST_PAGES = 1000  # a chain of directories may be a circle

_TYPES = {1: "B", 3: "H", 4: "I", 16: "Q"}  # byte, short, long, long of BigTIFF
Directory = dict[int, int]
"""The first value of each tag of whole numbers."""


def is_tiff(content: bytes) -> bool:
    """Returns true for the first bytes of a TIFF or a BigTIFF."""
    return content[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_tiff(content: bytes) -> ImageHeader:
    """Reads the header of a TIFF file."""
    pages = _directories(content)
    first = pages[0]
    if WIDTH not in first or HEIGHT not in first:
        raise HeaderError("it has no size")
    whole_pages = [page for page in pages if not page.get(SUBFILE, 0) & REDUCED]
    return ImageHeader(
        "TIFF",
        (first[WIDTH], first[HEIGHT]),
        alpha=_alpha(first),
        frames=max(1, len(whole_pages)),
        unscaled=first.get(SAMPLE_FORMAT, 1) == FLOAT or first.get(BITS, 1) > 16,
    )


def exif_orientation(exif: bytes) -> int:
    """Returns the orientation in EXIF data, 1 to 8; 1 where there is none."""
    try:
        found = _directories(exif.removeprefix(b"Exif\0\0"))[0].get(ORIENTATION, 1)
    except (HeaderError, ValueError):
        return 1
    return found if 1 <= found <= 8 else 1


def _alpha(directory: Directory) -> Alpha:
    """Returns how OpenCV gives the colors: it multiplies those of 8 bits by straight alpha."""
    samples, extra = directory.get(SAMPLES, 1), directory.get(EXTRA_SAMPLES, 0)
    if samples not in (2, 4) or (samples == 2 and extra == 0):
        return "none"
    premultiplied = extra in (1, 2) if directory.get(BITS, 1) == 8 else extra == 1
    return "premultiplied" if premultiplied else "straight"


def _directories(content: bytes) -> list[Directory]:
    """Returns the directories of the pages. Raises HeaderError if there is none."""
    if not is_tiff(content):
        raise HeaderError("it is no TIFF")
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    offset_type = order + ("Q" if big else "I")
    [at] = _unpack(offset_type, content, 8 if big else 4)
    pages: list[Directory] = []
    while at and len(pages) < MOST_PAGES:
        try:
            directory, at = _directory(content, at, order, big)
        except HeaderError:
            if not pages:
                raise
            break
        pages.append(directory)
    if not pages:
        raise HeaderError("it has no page")
    return pages


def _directory(content: bytes, at: int, order: str, big: bool) -> tuple[Directory, int]:
    """Returns a directory, and the offset of the next one."""
    count_type, entry_type, offset_type = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
    [count] = _unpack(order + count_type, content, at)
    at += calcsize(order + count_type)
    step = calcsize(order + entry_type) + calcsize(order + offset_type)
    directory: Directory = {}
    for index in range(count):
        tag, kind, values = _unpack(order + entry_type, content, at + index * step)
        if kind in _TYPES and values:
            form = order + _TYPES[kind]
            place = at + index * step + calcsize(order + entry_type)
            if values * calcsize(form) > calcsize(order + offset_type):
                [place] = _unpack(order + offset_type, content, place)
            if tag in _READ:
                [directory[tag]] = _unpack(form, content, place)
    [following] = _unpack(order + offset_type, content, at + count * step)
    return directory, following


def _unpack(form: str, content: bytes, at: int) -> tuple[int, ...]:
    if not 0 <= at <= len(content) - calcsize(form):
        raise HeaderError("it ends within its header")
    return unpack_from(form, content, at)

"""Reads files of boxes (ISO base media): AVIF, HEIC and JPEG 2000."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import calcsize, unpack_from

import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images.headers.header import HeaderError, ImageHeader, Turn

JP2_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
CODESTREAM = b"\xff\x4f\xff\x51"
CONTAINERS = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"jp2h": 0, b"moov": 0, b"trak": 0}
"""Boxes of boxes, and the bytes before the first one."""
ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"

_PICTURES = (b"av01", b"grid", b"iden", b"iovl")
"""Types of items that are images: coded, of tiles, turned, and laid on one another."""


@dataclass(frozen=True)
class Box:
    """A box: its type, such as b"ispe", and the place of its content."""

    type: bytes
    start: int
    end: int


def boxes(content: bytes, start: int, end: int) -> Iterator[Box]:
    """Yields the boxes between two places, without those within them."""
    while start + 8 <= end:
        size, kind = unpack_from(">I4s", content, start)
        head = 8
        if size == 1 and start + 16 <= end:
            [size] = unpack_from(">Q", content, start + 8)
            head = 16
        if size == 0:
            size = end - start
        if size < head:
            return
        yield Box(kind, start + head, min(start + size, end))
        start += size


def is_avif(content: bytes) -> bool:
    """Returns true for the first bytes of an AVIF file."""
    return content[4:8] == b"ftyp" and bool(_brands(content) & {b"avif", b"avis"})


def read_avif(content: bytes) -> ImageHeader:
    """Reads the header of an AVIF file: the size of its primary image, and its turns."""
    top = list(boxes(content, 0, len(content)))
    meta = next((box for box in top if box.type == b"meta"), None)
    if meta is None:
        raise HeaderError("it has no image")
    within = _children(content, meta)
    sizes, turns = [], []
    associated = _properties(content, meta, within)
    for box in associated or _every_property(content, within):
        if box.type == b"ispe":
            sizes.append(unpack_from(">II", content, box.start + 4))
        elif associated and (turn := _turn(content, box, sizes)):
            turns.append(turn)
    if not sizes:
        raise HeaderError("it has no size")
    sequence = b"avis" in _brands(content) and any(box.type == b"moov" for box in top)
    return ImageHeader(
        "AVIF",
        max(sizes, key=lambda size: size[0] * size[1]),
        alpha="straight" if ALPHA in content[meta.start : meta.end] or sequence else "none",
        frames=_samples(content) if sequence else 1,
        turns=tuple(turns),
        images=_count_images(content, within),
    )


def is_jpeg2000(content: bytes) -> bool:
    """Returns true for the first bytes of a JPEG 2000 file or codestream."""
    return content.startswith((JP2_SIGNATURE, CODESTREAM))


def read_jpeg2000(content: bytes) -> ImageHeader:
    """Reads the size of a JPEG 2000 file or codestream."""
    at = content.find(CODESTREAM)
    if at < 0:
        raise HeaderError("it has no codestream")
    right, bottom, left, top = unpack_from(">IIII", content, at + 8)
    [components] = unpack_from(">H", content, at + 40)
    if components > 4:
        raise HeaderError(f"it has {components} components")
    if right <= left or bottom <= top:
        raise HeaderError("it has no size")
    alpha = not {components, *_palette_columns(content)}.isdisjoint((2, 4))
    return ImageHeader("JPEG 2000", (right, bottom), alpha="straight" if alpha else "none")


def _palette_columns(content: bytes) -> list[int]:
    """Returns the number of channels of each palette of a JPEG 2000 file, which has one at most."""
    headers = [one for one in boxes(content, 0, len(content)) if one.type == b"jp2h"]
    parts = [part for one in headers for part in boxes(content, one.start, one.end)]
    return [content[part.start + 2] for part in parts if part.type == b"pclr"]


def _brands(content: bytes) -> set[bytes]:
    size = min(int.from_bytes(content[:4], "big"), len(content), 4096)
    return {content[8:12], *(content[at : at + 4] for at in range(16, size - 3, 4))}


def _children(content: bytes, box: Box) -> dict[bytes, list[Box]]:
    """Returns the boxes within a box, and within the containers there, by type."""
    found: dict[bytes, list[Box]] = {}
    for child in boxes(content, box.start + CONTAINERS.get(box.type, 0), box.end):
        found.setdefault(child.type, []).append(child)
        if child.type in CONTAINERS:
            for kind, below in _children(content, child).items():
                found.setdefault(kind, []).extend(below)
    return found


def _every_property(content: bytes, within: dict[bytes, list[Box]]) -> list[Box]:
    containers = within.get(b"ipco", [])
    return [box for parent in containers for box in boxes(content, parent.start, parent.end)]


def _primary(content: bytes, within: dict[bytes, list[Box]]) -> int | None:
    """Returns the number of the primary image; None if none is."""
    if not within.get(b"pitm"):
        return None
    place = within[b"pitm"][0].start
    [primary] = unpack_from(">I" if content[place] else ">H", content, place + 4)
    return int(primary)


def _count_images(content: bytes, within: dict[bytes, list[Box]]) -> int:
    """Returns the number of images that are no parts of another one."""
    shown = {_primary(content, within)}
    for table in within.get(b"iinf", []):
        head = 8 if content[table.start] else 6
        for entry in boxes(content, table.start + head, table.end):
            version, hidden = content[entry.start], content[entry.start + 3] & 1
            form = ">I2x4s" if version > 2 else ">H2x4s"
            item, kind = unpack_from(form, content, entry.start + 4)
            if kind in _PICTURES and not hidden:
                shown.add(item)
    return max(1, len(shown - _parts(content, within)))


def _parts(content: bytes, within: dict[bytes, list[Box]]) -> set[int | None]:
    """Returns the numbers of tiles, thumbnails, transparency, and depth and gain maps."""
    parts: set[int | None] = set()
    for table in within.get(b"iref", []):
        form = "I" if content[table.start] else "H"
        for reference in boxes(content, table.start + 4, table.end):
            giver, count = unpack_from(f">{form}H", content, reference.start)
            if reference.type in (b"auxl", b"thmb"):
                parts.add(giver)
            elif reference.type == b"dimg":
                place = reference.start + calcsize(f">{form}H")
                parts.update(unpack_from(f">{count}{form}", content, place))
    return parts - {_primary(content, within)}


def _properties(content: bytes, meta: Box, within: dict[bytes, list[Box]]) -> list[Box]:
    """Returns the properties of the primary image, in the order in which they apply."""
    every = _every_property(content, within)
    primary = _primary(content, within)
    if primary is None or not within.get(b"ipma"):
        return []
    ipma = within[b"ipma"][0]
    version = content[ipma.start]
    flags = int.from_bytes(content[ipma.start + 1 : ipma.start + 4], "big")
    [entries] = unpack_from(">I", content, ipma.start + 4)
    at = ipma.start + 8
    for _ in range(min(entries, 65535)):
        item_form = ">I" if version else ">H"
        [item] = unpack_from(item_form, content, at)
        at += 4 if version else 2
        count, at = content[at], at + 1
        form, mask = (">H", 0x7FFF) if flags & 1 else (">B", 0x7F)
        step = 2 if flags & 1 else 1
        indices = [unpack_from(form, content, at + i * step)[0] & mask for i in range(count)]
        at += count * step
        if item == primary:
            return [every[index - 1] for index in indices if 0 < index <= len(every)]
    return []


def _turn(content: bytes, box: Box, sizes: list[tuple[int, ...]]) -> Turn | None:
    """Returns what a property does to the pixels; None for one that does nothing."""
    if box.type == b"irot":  # counterclockwise
        quarters = content[box.start] & 3
        return lambda pixels: np.rot90(pixels, quarters)
    if box.type == b"imir":
        if content[box.start] & 1:
            return lambda pixels: pixels[:, ::-1]
        return lambda pixels: pixels[::-1]
    if box.type == b"clap":
        return _clean_aperture(unpack_from(">IIIIiIiI", content, box.start))
    return None


def _clean_aperture(values: tuple[int, ...]) -> Turn:
    """Returns what cuts the pixels to the part to show. Raises HeaderError for wrong values."""
    pairs = list(zip(values[::2], values[1::2], strict=True))
    if any(denominator == 0 for _, denominator in pairs):
        raise HeaderError("its clean aperture is wrong")
    width, height, right, down = (numerator / denominator for numerator, denominator in pairs)

    def cut(pixels: Pixels) -> Pixels:
        rows, columns = pixels.shape[:2]
        left = round((columns - width) / 2 + right)
        top = round((rows - height) / 2 + down)
        bottom, end = max(0, top + round(height)), max(0, left + round(width))
        part = pixels[max(0, top) : bottom, max(0, left) : end]
        if part.size == 0:
            raise HeaderError("its clean aperture is empty")
        return part

    return cut


def _samples(content: bytes) -> int:
    """Returns the number of frames of an image sequence."""
    at = content.find(b"stsz")
    if at < 0 or at + 16 > len(content):
        return 2
    return max(1, int(unpack_from(">I", content, at + 12)[0]))

"""Writes CVAT for images 1.1: boxes and points in XML."""

from __future__ import annotations

import re
from typing import TextIO
from xml.sax.saxutils import quoteattr

from mtcnn_rt.exports.images import ExportedImages, is_inside
from mtcnn_rt.exports.results import Face, FoundImage

_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><labels>
    <label><name>face</name><type>rectangle</type><attributes></attributes></label>
    <label><name>landmarks</name><type>points</type><attributes></attributes></label>
  </labels></task></meta>
"""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def place_of(name: str) -> str:
    """Returns the name. Raises ValueError if XML cannot hold it."""
    if _FORBIDDEN.search(name):
        raise ValueError("XML cannot hold its name")
    return name


def write(images: ExportedImages, file: TextIO) -> None:
    """Writes the images to an open file, numbered by the order of their names as in CVAT.

    CVAT finds images by their names, but where it does not, by their numbers.
    """
    file.write(_HEAD)
    numbers = {name: n for n, name in enumerate(sorted(image.name for image in images))}
    for image in images:
        number = numbers[image.name]
        size = f'width="{image.width}" height="{image.height}"'
        file.write(f'  <image id="{number}" name={quoteattr(image.name)} {size}>\n')
        for group, face in enumerate(image.faces, start=1):
            file.write(_shapes(image, face, group))
        file.write("  </image>\n")
    file.write("</annotations>\n")


def _shapes(image: FoundImage, face: Face, group: int) -> str:
    """Returns the box of a face and, if all of them are in the image, its landmarks."""
    sides = zip(("xtl", "ytl", "xbr", "ybr"), face["box"], strict=True)
    common = f'source="auto" occluded="0" z_order="0" group_id="{group}"'
    box = " ".join(f'{side}="{value:.2f}"' for side, value in sides)
    shapes = f'    <box label="face" {common} {box}></box>\n'
    points = list(face["landmarks"].values())
    if all(is_inside(point, image) for point in points):
        listed = ";".join(f"{x:.2f},{y:.2f}" for x, y in points)
        shapes += f'    <points label="landmarks" {common} points="{listed}"></points>\n'
    return shapes

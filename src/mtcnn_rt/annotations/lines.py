"""Reads lines of annotation files, and reports the broken ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

LARGEST = 1e6
"""The largest coordinate in pixels that is accepted; no image is larger."""
MOST_DIGITS = 9
"""Most digits of a number of faces; Python refuses to read thousands."""

Part = TypeVar("Part")
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Line:
    """A line that is not blank.

    Attributes:
        path: The file.
        number: Number of the line, from 1.
        text: The line without the space around it.
    """

    path: Path
    number: int
    text: str


class BrokenLineError(ValueError):
    """A line cannot be used; the message names file, line and reason."""

    def __init__(self, line: Line, reason: str) -> None:
        super().__init__(f"{line.path}:{line.number}: {reason}")


def size_of(width: Any, height: Any) -> tuple[int, int] | None:
    """Returns two values of JSON as the size of an image; None if they cannot be one."""
    sides = (width, height)
    if not all(isinstance(side, (int, float)) and 1 <= side <= LARGEST for side in sides):
        return None
    return (int(width), int(height)) if all(side == int(side) for side in sides) else None


def read_lines(path: Path) -> list[Line]:
    """Reads the lines of a file that are not blank.

    Raises:
        OSError: The file cannot be opened.
    """
    # Names of files may be in any encoding; escaped like this they still open.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        stripped = ((number, text.strip()) for number, text in enumerate(file, start=1))
        return [Line(path, number, text) for number, text in stripped if text]


def with_slashes(path: str) -> str:
    """Returns a path with slashes between its folders, which Windows writes as backslashes."""
    return path.replace("\\", "/")


def parse_each(
    parts: Iterable[Part], parse: Callable[[Part], Parsed], problems: list[str]
) -> Iterator[Parsed]:
    """Parses parts of a file, and skips the broken ones.

    Args:
        parts: Lines, or groups of lines.
        parse: Parses a part; raises BrokenLineError for a broken one.
        problems: Receives a line about each part that is skipped.

    Yields:
        The results of `parse`.
    """
    for part in parts:
        try:
            yield parse(part)
        except BrokenLineError as error:
            problems.append(str(error))


def numbers(line: Line, fields: Sequence[str], counts: Sequence[int]) -> list[float]:
    """Parses the numbers of a line.

    Args:
        line: The line, for the error message.
        fields: The numbers as text.
        counts: How many numbers there may be.

    Raises:
        BrokenLineError: There are more or fewer, one is not a number, or larger than `LARGEST`.
    """
    if len(fields) not in counts:
        wanted = " or ".join(map(str, counts))
        raise BrokenLineError(line, f"expected {wanted} numbers, not {len(fields)}")
    try:
        values = [float(field) for field in fields]
    except ValueError as error:
        raise BrokenLineError(line, str(error)) from error
    if not all(abs(value) <= LARGEST for value in values):  # false for NaN, too
        raise BrokenLineError(line, f"expected numbers up to {LARGEST:g}")
    return values


def is_count(text: str) -> bool:
    """Returns whether a text is a number of faces."""
    return text.isdecimal() and len(text) <= MOST_DIGITS


def is_row(text: str) -> bool:
    """Returns whether a text is the numbers of a face, even if one of them is broken.

    The name of an image may be a number, too, or begin with one.
    """
    words = text.split()
    return len(words) > 1 and 2 * sum(map(_is_number, words)) > len(words)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def fault_of_box(width: float, height: float, *, may_be_empty: bool = False) -> str:
    """Returns why no face can have a box of this size; "" if one can.

    Args:
        width: Width of the box.
        height: Height of the box.
        may_be_empty: True accepts a box without area, which `make_entry` ignores.
    """
    least = min(width, height)
    if least > 0 or (least == 0 and may_be_empty):
        return ""
    allowed = "0 or more" if may_be_empty else "above 0"
    return f"expected x y width height with sides {allowed}, not {width:g} and {height:g}"


def refuse_broken_box(line: Line, box: Sequence[float], *, may_be_empty: bool = False) -> None:
    """Refuses a box, x y width height, that no face can have, see `fault_of_box`.

    Raises:
        BrokenLineError: No face can have it.
    """
    if fault := fault_of_box(box[2], box[3], may_be_empty=may_be_empty):
        raise BrokenLineError(line, fault)


def name_and_numbers(line: Line, counts: Sequence[int]) -> tuple[str, list[float]]:
    """Parses a line of a name and numbers, see `numbers`.

    Raises:
        BrokenLineError: The numbers are wrong.
    """
    name, *fields = line.text.split()
    return name, numbers(line, fields, counts)


def grouped(lines: Sequence[Line], is_head: Callable[[Line], bool]) -> Iterator[list[Line]]:
    """Groups lines so that each group begins with a head.

    Args:
        lines: The lines; those before the first head are a group, too.
        is_head: Returns whether a line is a head.

    Yields:
        The groups.
    """
    group: list[Line] = []
    for line in lines:
        if group and is_head(line):
            yield group
            group = []
        group.append(line)
    if group:
        yield group

"""Lines of annotation files, which may be broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

LARGEST = 1e6
"""No coordinate of an image, in pixels, is larger."""

Part = TypeVar("Part")
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Line:
    """A line that is not blank, without space around it; `number` counts from 1."""

    path: Path
    number: int
    text: str


class BrokenLineError(ValueError):
    """A line that cannot be used; the message names file, line and reason."""

    def __init__(self, line: Line, reason: str) -> None:
        super().__init__(f"{line.path}:{line.number}: {reason}")


def read_lines(path: Path) -> list[Line]:
    """Raises OSError where the file cannot be opened."""
    # Names of files may be in any encoding; escaped like this they still open.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        stripped = ((number, text.strip()) for number, text in enumerate(file, start=1))
        return [Line(path, number, text) for number, text in stripped if text]


def parse_each(
    parts: Iterable[Part], parse: Callable[[Part], Parsed], problems: list[str]
) -> Iterator[Parsed]:
    """What `parse` makes of every part; those that it raises BrokenLineError for are skipped and
    told in `problems`."""
    for part in parts:
        try:
            yield parse(part)
        except BrokenLineError as error:
            problems.append(str(error))


def numbers(line: Line, fields: Sequence[str], counts: Sequence[int]) -> list[float]:
    """As many numbers as one of `counts`, up to `LARGEST`. Raises BrokenLineError."""
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


def name_and_numbers(line: Line, counts: Sequence[int]) -> tuple[str, list[float]]:
    """A line of a name and as many numbers as one of `counts`. Raises BrokenLineError."""
    name, *fields = line.text.split()
    return name, numbers(line, fields, counts)


def grouped(lines: Sequence[Line], is_head: Callable[[Line], bool]) -> Iterator[list[Line]]:
    """The lines in groups that begin with a head each; those before the first are a group, too."""
    group: list[Line] = []
    for line in lines:
        if group and is_head(line):
            yield group
            group = []
        group.append(line)
    if group:
        yield group

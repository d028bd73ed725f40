"""Reads the description of a YOLO data set, such as data.yaml, without a package for YAML.

It knows the part of YAML that these files use: keys with a text, a list or a mapping, in one line
or indented below the key. Other keys, such as `download`, are passed over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mtcnn_rt._files.guarded import read_regular_file
from mtcnn_rt.annotations.lines import with_slashes

_LARGEST = 4 << 20  # bytes
_KEY = re.compile(
    r"""(?P<quote>["']?)(?P<key>\w(?:[\w .-]*[\w.-])?)(?P=quote)\s*:(?:\s+(?P<value>.*))?$"""
)  # a key that may end in spaces, before other spaces, would take quadratic time
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_BRACKETS = {"[": "]", "{": "}"}
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Description:
    """The description of a data set.

    Attributes:
        root: The folder that `places` are relative to.
        places: Folders of images, or text files that list images, by split.
        names: Names of the classes by number; empty if the file has none.
        keypoints: Number of keypoints and of their values, such as (5, 3); None without keypoints.
    """

    root: Path
    places: dict[str, list[str]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    keypoints: tuple[int, int] | None = None


def read_description(path: Path) -> Description:
    """Reads a description.

    Raises:
        OSError: The file cannot be read.
        ValueError: It has no split, or its values cannot be used. The message names the file.
    """
    try:
        text = read_regular_file(path, _LARGEST).decode(errors="surrogateescape")
        values = _parsed(text.removeprefix("\ufeff"))
        places = {split: _places(values[split]) for split in SPLITS if values.get(split)}
        if not places:
            raise ValueError("not the description of a YOLO data set: it has no train, val or test")
        return Description(
            _root(path, values.get("path")),
            places,
            _names(values.get("names")),
            _keypoints(values.get("kpt_shape")),
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _parsed(text: str) -> dict[str, Any]:
    """Returns the values of the keys at the start of a line."""
    values: dict[str, Any] = {}
    key = ""
    for content in _contents(text):
        if not content or content in ("---", "..."):
            continue
        match = _KEY.match(content)
        if match:
            key = match["key"]
            values[key] = _value(match["value"] or "")
        elif key and not values[key]:
            values[key] = [content.strip()]
        elif key and isinstance(values[key], list):
            values[key].append(content.strip())
    return {
        key: _block(value) if isinstance(value, list) else value for key, value in values.items()
    }


def _contents(text: str) -> Iterator[str]:
    """Yields the lines without comments; what is in brackets is one, also where it is in several.

    Packages that write YAML wrap long lists.
    """
    parts: list[str] = []
    end = ""
    for line in text.splitlines():
        content = _COMMENT.sub("", line).rstrip()
        if not parts:
            match = _KEY.match(content)
            end = _BRACKETS.get((match["value"] or "")[:1], "") if match else ""
        parts.append(content)
        if content.endswith(end):
            yield " ".join(parts)
            parts = []
    yield " ".join(parts)


def _block(lines: list[Any]) -> Any:
    """Returns the list or mapping of the lines below a key, or of a list in one line."""
    if all(isinstance(line, str) and line.startswith("- ") for line in lines):
        return [_unquoted(line[2:]) for line in lines]
    matches = [_KEY.match(line) if isinstance(line, str) else None for line in lines]
    if lines and all(matches):
        return {match["key"]: _unquoted(match["value"] or "") for match in matches if match}
    return lines


def _value(text: str) -> Any:
    """Returns the text, list or mapping that follows a key in its line."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return tuple(_unquoted(part) for part in text[1:-1].split(",") if part.strip())
    if text.startswith("{") and text.endswith("}"):
        pairs = (part.partition(":") for part in text[1:-1].split(",") if part.strip())
        return {_unquoted(key): _unquoted(value) for key, _, value in pairs}
    return _unquoted(text)


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        raise ValueError("train, val and test: expected a folder, or a list of folders")
    return list(texts)


def _places(value: Any) -> list[str]:
    return [with_slashes(place) for place in _texts(value)]


def _names(value: Any) -> dict[int, str]:
    if not value:
        return {}
    if isinstance(value, (list, tuple)):
        return dict(enumerate(map(str, value)))
    if isinstance(value, dict) and all(str(key).isdecimal() for key in value):
        return {int(key[:9]): str(name) for key, name in value.items()}
    raise ValueError("names: expected a list, or names by number")


def _keypoints(value: Any) -> tuple[int, int] | None:
    if not value:
        return None
    digits = [text for text in _texts(value) if text.isdecimal() and len(text) < 4]
    if len(digits) != 2 or digits[1] not in ("2", "3"):
        raise ValueError("kpt_shape: expected [N, 2] or [N, 3]")
    return int(digits[0]), int(digits[1])


def _root(file: Path, given: Any) -> Path:
    """Returns the folder of the data set, where it exists: `path`, or that of the description."""
    if isinstance(given, str) and given:
        root = file.parent / with_slashes(given)
        if os.path.isdir(root):
            return root
    return file.parent

"""Finds out if an ONNX graph keeps weights in other files, which are not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

EXTERNAL_DATA, DATA_LOCATION = 13, 14  # fields of TensorProto

_MESSAGES: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "node": {5: "attribute"},
    "attribute": {
        **{5: "tensor", 6: "graph", 10: "tensor", 11: "graph"},
        **{22: "sparse tensor", 23: "sparse tensor"},
    },
    "sparse tensor": {1: "tensor", 2: "tensor"},
}
"""The messages of onnx.proto that have tensors somewhere: the types of their fields by number."""
_DEEPEST = 100  # messages within each other, as protobuf allows


def has_external_data(content: bytes) -> bool:
    """Returns true if a tensor of the graph refers to another file.

    Args:
        content: The graph. What is no protobuf has none: it is refused when it is loaded.
    """
    view = memoryview(content)
    todo = [("model", 0, len(view), 0)]
    while todo:
        kind, start, end, depth = todo.pop()
        for number, first, last in _fields(view, start, end):
            if kind == "tensor":
                if number == EXTERNAL_DATA or (number == DATA_LOCATION and first != 0):
                    return True
            elif number in _MESSAGES[kind] and last >= 0 and depth < _DEEPEST:
                todo.append((_MESSAGES[kind][number], first, last, depth + 1))
    return False


def _fields(view: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yields the number of each field, and its place; of a number its value, and -1."""
    while at < end:
        key, at = _varint(view, at, end)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(view, at, end)
            yield number, value, -1
        elif wire == 2:
            length, at = _varint(view, at, end)
            if at + length > end:
                return
            yield number, at, at + length
            at += length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        elif wire not in (3, 4):  # the ends of groups, which have no content of their own
            return


def _varint(view: memoryview, at: int, end: int) -> tuple[int, int]:
    """Returns a number and the place behind it; at the end of the data, 0 and the end."""
    value = shift = 0
    while at < end and shift < 70:
        byte = view[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    return 0, end

"""Closes an object at the end of a `with` block."""

from __future__ import annotations

from typing import TypeVar

_Self = TypeVar("_Self", bound="Closing")


class Closing:
    """Base of the classes whose objects the end of a `with` block closes."""

    def __enter__(self: _Self) -> _Self:
        """Returns the object itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the object."""
        self.close()

    def close(self) -> None:
        """Frees what the object holds."""
        raise NotImplementedError

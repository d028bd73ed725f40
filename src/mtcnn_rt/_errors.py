"""Shortens the errors of libraries for messages."""

from __future__ import annotations


def one_line(error: Exception) -> str:
    """Returns the first line of an error's message, or the name of its class without a message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]

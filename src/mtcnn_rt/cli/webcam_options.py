"""Parses the values of the options of `mtcnn-rt webcam`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import click

from mtcnn_rt._defaults import WEB_HOST, WEB_PORT

ADDRESS = f"{WEB_HOST}:{WEB_PORT}"
"""Address of the web page unless another one is given."""


def as_size(text: str) -> tuple[int, int]:
    """Returns width and height from text such as "1280x720".

    Raises:
        BadParameter: The text is no size.
    """
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text.lower())
    if match is None:
        raise click.BadParameter(f"{text!r} is not a size such as 1280x720")
    return int(match[1]), int(match[2])


def as_address(text: str) -> tuple[str, int]:
    """Returns host and port from HOST:PORT, HOST or PORT.

    Raises:
        BadParameter: The text is no address.
    """
    try:
        given = urlsplit(f"//:{text}" if text.isdecimal() else f"//{text}")
        address = given.hostname or WEB_HOST, WEB_PORT if given.port is None else given.port
    except ValueError:
        given = None
    if given is None or not text or given.path or given.query or given.fragment or "@" in text:
        raise click.BadParameter(f"{text!r} is not an address such as {ADDRESS}")
    return address


def as_host_name(text: str) -> str:
    """Returns the name or address of a host.

    Raises:
        BadParameter: The text is no name; a port does not belong to it.
    """
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}", text):
        raise click.BadParameter(f"{text!r} is not the name of a host such as camera.example")
    return text

"""Requests what the page of a live view shows."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def stream_of_images(port: int, timeout: float, path: str = "/stream") -> Iterator[BinaryIO]:
    """Requests the images at a port of this computer; gives a file of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            yield answer

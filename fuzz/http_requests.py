"""Sends mutated HTTP requests to the live view's server, which has to answer or hang up.

Every request has to get an HTTP status other than 500, or a closed connection, within the time that
the server allows; the server must log nothing, and answer a good request at the end.

`TOKEN` in an input stands for the token to control the view.
"""

from __future__ import annotations

import atexit
import logging
import random
import re
import socket
import time
from collections import Counter

import numpy as np

from mtcnn_rt.live.browser import WebView
from mtcnn_rt.live.status import Status
from mtcnn_rt.live.view import Action
from mtcnn_rt.live.web_server import REQUEST_SECONDS

IMAGE = np.full((24, 32, 3), 99, np.uint8)
PATIENCE = REQUEST_SECONDS + 10
"""Seconds after which a request without an answer is a failure."""

SEEDS = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Mtcnn-Rt-Token: TOKEN\r\n\r\n",
    b"GET /stream?token=TOKEN HTTP/1.0\r\nHost: localhost:8000\r\nSec-Fetch-Site: none\r\n\r\n",
    b"GET /snapshot.jpg HTTP/1.1\r\nHost: [::1]\r\nAuthorization: Bearer TOKEN\r\n\r\n",
    b"POST /do/pause HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
    b"X-Mtcnn-Rt-Token: TOKEN\r\nContent-Length: 4\r\n\r\nbody",
    b"GET http://[::1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n",
)
PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"/", b"?", b"&", b"=", b"%", b"#", b"[::1"),
    *(
        b"\xff\xfe",
        b"\xc3\xa9",
        b"%00",
        b"%ff",
        b"\r\n\r\n",
        b"..",
        b"//",
        b"HTTP/9.9",
        b"HTTP/0.9",
    ),
    *(b"Host: [", b"Host: \xff", b"Host: [::1%25]:x", b"Host: a@b", b"Host: " + b"x" * 300),
    b"Content-Length: " + b"9" * 5000,
    b"Content-Length: -1",
    b"Content-Length: \xb2",
    b"Transfer-Encoding: chunked",
    b"Expect: 100-continue",
    b"Origin: http://[",
    b"X: " + b"y" * 20000,
    b"&".join([b"a=b"] * 50),
)


class Fuzz:
    """Sends mutated requests and counts the answers.

    Args:
        seed: Makes the requests the same each time.

    Attributes:
        answers: Number of answers by status; 0 counts the closed connections.
        catcher: Receives what the server logs, which is a failure.
    """

    def __init__(self, seed: int) -> None:
        self.answers: Counter[int] = Counter()
        self._random = random.Random(seed)
        self._logged: list[str] = []
        self.catcher = logging.Handler()
        self.catcher.emit = lambda record: self._logged.append(record.getMessage())  # type: ignore[method-assign]

    def run(self, seconds: float) -> None:
        """Sends requests for a time.

        Raises:
            AssertionError: The server did something else than answering or hanging up.
        """
        logging.getLogger("asyncio").addHandler(self.catcher)
        try:
            with WebView("127.0.0.1", 0) as view:
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    self.attempt(view, self._mutated(view.access.control_token.encode()))
                assert send(view.port, SEEDS[0]).startswith(b"HTTP/1.1 200 "), "is not alive"
        finally:
            logging.getLogger("asyncio").removeHandler(self.catcher)

    def attempt(self, view: WebView, request: bytes) -> None:
        """Sends a request; raises AssertionError if the server does not what it should."""
        actions: list[Action] = view.show(IMAGE, Status())
        assert "quit" not in actions, request
        try:
            answer = send(view.port, request)
        except TimeoutError as error:
            raise AssertionError(f"no answer: {request!r}") from error
        match = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
        assert match or not answer, (request, answer)
        status = int(match[1]) if match else 0
        assert status != 500, request
        assert not self._logged, (request, self._logged)
        self.answers[status] += 1

    def _mutated(self, token: bytes) -> bytes:
        choose = self._random
        request = bytearray(choose.choice(SEEDS).replace(b"TOKEN", token))
        for _ in range(choose.choice((0, 1, 1, 2, 3, 8))):
            at = choose.randrange(len(request) + 1)
            to = min(len(request), at + choose.choice((0, 0, 1, 4, 40)))
            other = choose.choice(SEEDS)
            start = choose.randrange(len(other))
            request[at:to] = choose.choice(
                (
                    choose.choice(PIECES),
                    bytes([choose.randrange(256)]),
                    other[start : start + choose.randrange(40)],
                    bytes(request[at:to]) * 3,
                )
            )
        return bytes(request)


def send(port: int, request: bytes) -> bytes:
    """Sends a request, and returns the beginning of the answer; empty without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)  # or it would wait for the rest of a cut one
            return connection.recv(256)
        except (ConnectionError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            return b""


_opened: list[tuple[Fuzz, WebView]] = []


def target(content: bytes) -> None:
    """Sends one request to a server that stays open for the next ones."""
    if not _opened:
        view = WebView("127.0.0.1", 0).__enter__()
        atexit.register(close)
        _opened.append((Fuzz(seed=1), view))
        logging.getLogger("asyncio").addHandler(_opened[0][0].catcher)
    fuzz, view = _opened[0]
    fuzz.attempt(view, content.replace(b"TOKEN", view.access.control_token.encode()))


def close() -> None:
    """Closes the server that `target` opened, if it did."""
    while _opened:
        fuzz, view = _opened.pop()
        logging.getLogger("asyncio").removeHandler(fuzz.catcher)
        view.__exit__(None, None, None)


def seeds() -> list[bytes]:
    """Returns good and bad requests."""
    return [*SEEDS, *(SEEDS[0][:-2] + piece + b"\r\n\r\n" for piece in PIECES)]

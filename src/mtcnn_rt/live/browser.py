"""Shows a live picture in browsers."""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import socket
import sys
from collections import deque
from dataclasses import asdict
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from socketserver import TCPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.live.newest import NewestPicture
from mtcnn_rt.live.view import ACTIONS, Action, Status
from mtcnn_rt.video.frame import VideoError

HOST, PORT = "127.0.0.1", 8000
CONNECTIONS = 64
"""More at a time are refused."""


class WebView:
    """A page with the picture, the numbers and buttons, for any number of browsers.

        with WebView("127.0.0.1", 8000) as view:
            print(view.url)
            view.show(image, status)

    host, port  the address to listen on; port 0 is any free one. On a loopback address only this
                computer reaches the page, otherwise everybody who reaches the address, and they
                all may use the buttons.

    A viewer has a thread of its own and gets the newest picture whenever it is ready for one, so
    that a slow one misses pictures and holds nobody up. The end of the block ends all threads and
    frees the port. Raises VideoError for an address that cannot be had."""

    def __init__(self, host: str = HOST, port: int = PORT) -> None:
        self.picture = NewestPicture()
        self._status = Status()
        self._actions: deque[Action] = deque()
        self._server = _listen(host, port, self)
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.1,), name="mtcnn-rt web", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> WebView:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where the page is."""
        host = self._server.host
        if host in ("", "0.0.0.0", "::"):
            host = socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def show(self, image: NDArray[np.uint8] | None, status: Status) -> list[Action]:
        self._status = status
        if image is not None:
            self.picture.put(image)
        return [self._actions.popleft() for _ in range(len(self._actions))]

    def close(self) -> None:
        if not self._thread.is_alive():
            return
        self.picture.close()
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections()
        self._server.server_close()

    def ask(self, action: Action) -> None:
        """For the next `show` to give."""
        self._actions.append(action)

    def status(self) -> dict[str, Any]:
        """For the page, as JSON."""
        return {**asdict(self._status), "viewers": self.picture.viewers}


class WebServer(ThreadingHTTPServer):
    """A thread for each connection; `server_close` waits for all of them."""

    daemon_threads = False
    allow_reuse_address = os.name != "nt"  # there it would share the port with another program
    request_queue_size = 32

    def __init__(self, family: socket.AddressFamily, address: tuple[Any, ...], view: WebView):
        self.address_family = family
        self.view = view
        self.host = str(address[0])
        self.loopback = is_loopback(self.host)
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(address[:2], Pages)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # that of HTTP servers asks the DNS for a name, which can last

    def verify_request(self, request: Any, client_address: Any) -> bool:
        with self._lock:
            if len(self._connections) >= CONNECTIONS:
                return False
            self._connections.add(request)
            return True

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """Wakes the threads that read or write."""
        with self._lock:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # has ended by itself
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A viewer that has left, or does not read, is no news."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def _listen(host: str, port: int, view: WebView) -> WebServer:
    where = f"{host}:{port}"
    if not 0 <= port < 1 << 16:
        raise VideoError(f"{where}: no port has this number")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, *_, address = found[0]
        return WebServer(family, address, view)
    except OSError as error:
        reason = error.strerror or str(error)
        raise VideoError(f"{where}: cannot show the picture there: {reason}") from error


SECONDS = 10.0
"""How long a connection may neither read nor write before it is ended."""
SEND_BUFFER = 1 << 17
"""Bytes in the system on the way to a viewer: pictures in there get old."""
LONGEST_BODY = 1024

_BOUNDARY = b"\r\n--frame\r\n"


class Pages(BaseHTTPRequestHandler):
    """GET / is the page, /stream the pictures as multipart JPEG, /status the numbers as JSON;
    POST /do/ACTION is a button.

    A name in a request that is not known for this computer, which is how a page elsewhere reaches
    a server here (DNS rebinding), and buttons pressed by other pages are refused."""

    server: WebServer
    timeout = SECONDS
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if not self._is_for_us():
            self._refuse(HTTPStatus.FORBIDDEN)
        elif self.path == "/":
            self._page()
        elif self.path == "/status":
            self._send("application/json", json.dumps(self.server.view.status()).encode())
        elif urlsplit(self.path).path == "/stream":
            self._stream()
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not (length.isdecimal() and int(length) <= LONGEST_BODY):
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.rfile.read(int(length))  # or the end of the connection looks like an error
        if not (self._is_for_us() and self._is_from_us()):
            return self._refuse(HTTPStatus.FORBIDDEN)
        for action in ACTIONS:
            if self.path == f"/do/{action}" and action != "quit":
                self.server.view.ask(action)
                self.send_response(HTTPStatus.NO_CONTENT)
                return self.end_headers()
        self._refuse(HTTPStatus.NOT_FOUND)

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; img-src 'self' data:; connect-src 'self'; "
            f"style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
            f"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        page = _template().replace("NONCE", nonce).encode()
        self._send("text/html; charset=utf-8", page, {"Content-Security-Policy": policy})

    def _stream(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._begin("multipart/x-mixed-replace; boundary=frame", {})
        self.wfile.write(_BOUNDARY[2:])
        with self.server.view.picture.watched():
            for jpeg in self.server.view.picture.jpegs():
                head = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
                # With the boundary that ends it, for which browsers wait.
                self.wfile.write(head + jpeg + _BOUNDARY)

    def _begin(self, kind: str, more: dict[str, str]) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "same-origin")
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, kind: str, content: bytes, more: dict[str, str] | None = None) -> None:
        self._begin(kind, {"Content-Length": str(len(content)), **(more or {})})
        self.wfile.write(content)

    def _refuse(self, status: HTTPStatus) -> None:
        self.send_error(status)

    def _is_for_us(self) -> bool:
        try:
            name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        except ValueError:
            return False
        if is_loopback(name) or name == self.server.host.lower():
            return True
        if self.server.loopback:
            return False
        here = socket.gethostname().lower()
        return _is_address(name) or name in (here, f"{here}.local")

    def _is_from_us(self) -> bool:
        """Browsers tell where a POST comes from; others are not led by pages of others."""
        site = self.headers.get("Sec-Fetch-Site", "same-origin")
        ours = f"http://{self.headers['Host']}"
        return site == "same-origin" and self.headers.get("Origin", ours) == ours

    def version_string(self) -> str:
        return "mtcnn-rt"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests are no news."""


def is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _template() -> str:
    return (files("mtcnn_rt.live") / "browser.html").read_text("utf-8")

"""What a web view answers."""

from __future__ import annotations

import ipaddress
import json
import secrets
import socket
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mtcnn_rt.video.view import ACTIONS

if TYPE_CHECKING:
    from mtcnn_rt.video.web import WebServer

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
    return (files("mtcnn_rt.video") / "view.html").read_text("utf-8")

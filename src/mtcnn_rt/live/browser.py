"""Shows a live video in browsers: the view, its web server, and the pages that it serves."""

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

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import WEB_HOST, WEB_PORT
from mtcnn_rt.live.newest_image import NewestImage
from mtcnn_rt.live.status import Status
from mtcnn_rt.live.view import ACTIONS, Action
from mtcnn_rt.video.frame import VideoError

CONNECTIONS = 64
"""Most connections at a time; more are refused."""

SECONDS = 10.0
"""Seconds after which a connection that neither reads nor writes is ended."""

SEND_BUFFER = 1 << 17
"""Bytes that the system holds on the way to a viewer: images in there get old."""

LONGEST_BODY = 1024
"""Most bytes in the body of a request."""

_BOUNDARY = b"\r\n--frame\r\n"


class WebView:
    """A web page with the image, the status and buttons, for any number of browsers.

    Each viewer has a thread of its own and gets the newest image whenever it is ready for one, so
    that a slow viewer misses images and delays no other. `close`, or the end of the `with` block,
    ends all threads and frees the port.

    Args:
        host: The address to listen on. On a loopback address only this computer reaches the page;
            otherwise all who reach the address see it and may use the buttons.
        port: The port; 0 is any free one.

    Attributes:
        newest: The newest image.

    Raises:
        VideoError: The server cannot listen on the address.
    """

    def __init__(self, host: str = WEB_HOST, port: int = WEB_PORT) -> None:
        self.newest = NewestImage()
        self._status = Status()
        self._actions: deque[Action] = deque()
        self._server = _listen(host, port, self)
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.1,), name="mtcnn-rt web", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> WebView:
        """Returns the view, which the end of the `with` block closes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the view."""
        self.close()

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address of the page."""
        host = self._server.host
        if host in ("", "0.0.0.0", "::"):
            host = socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def show(self, image: Pixels | None, status: Status) -> list[Action]:
        """Offers the image and the status to all viewers, and returns the pressed buttons.

        Args:
            image: (H, W, 3) uint8 BGR, which must not change from now on; None keeps the last one.
            status: The numbers and states to show.
        """
        self._status = status
        if image is not None:
            self.newest.put(image)
        return [self._actions.popleft() for _ in range(len(self._actions))]

    def close(self) -> None:
        """Ends all connections and threads, and frees the port."""
        if not self._thread.is_alive():
            return
        self.newest.close()
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections()
        self._server.server_close()

    def ask(self, action: Action) -> None:
        """Keeps an action for the next `show` to return."""
        self._actions.append(action)

    def status(self) -> dict[str, Any]:
        """Returns the status and the number of viewers, as the page takes them in JSON."""
        return {**asdict(self._status), "viewers": self.newest.viewers}


class WebServer(ThreadingHTTPServer):
    """Serves the pages of a view, with a thread for each connection.

    `server_close` waits for all threads.

    Args:
        family: Address family of the socket.
        address: The address to listen on; host and port come first.
        view: The view whose images and status are served.
    """

    daemon_threads = False
    allow_reuse_address = os.name != "nt"  # there it would share the port with another program
    request_queue_size = 32

    def __init__(self, family: socket.AddressFamily, address: tuple[Any, ...], view: WebView):
        self.address_family = family
        self.view = view
        self.host = str(address[0])
        self.loopback = _is_loopback(self.host)
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(address[:2], Pages)

    def server_bind(self) -> None:
        """Binds the socket, without the DNS query of HTTP servers, which can take long."""
        TCPServer.server_bind(self)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Accepts a connection unless there are too many."""
        with self._lock:
            if len(self._connections) >= CONNECTIONS:
                return False
            self._connections.add(request)
            return True

    def shutdown_request(self, request: Any) -> None:
        """Ends a connection."""
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
        """Reports an error, unless it is a viewer that has left or does not read."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Pages(BaseHTTPRequestHandler):
    """Answers requests: the page, its images and status, and its buttons.

    GET / is the page, /stream the images as multipart JPEG, /status the status as JSON;
    POST /do/ACTION is a button.

    Requests with a host name that is not known to be this computer's are refused: that is how a
    page of another site reaches a server here (DNS rebinding). So are buttons pressed by pages of
    other sites.
    """

    server: WebServer
    timeout = SECONDS
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Sends the page, the images or the status."""
        if not self._is_for_us():
            self.send_error(HTTPStatus.FORBIDDEN)
        elif self.path == "/":
            self._page()
        elif self.path == "/status":
            self._send("application/json", json.dumps(self.server.view.status()).encode())
        elif urlsplit(self.path).path == "/stream":
            self._stream()
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Takes the action of a pressed button."""
        length = self.headers.get("Content-Length", "0")
        if not (length.isdecimal() and int(length) <= LONGEST_BODY):
            return self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.rfile.read(int(length))  # or the client takes the end of the connection for an error
        if not (self._is_for_us() and self._is_from_us()):
            return self.send_error(HTTPStatus.FORBIDDEN)
        for action in ACTIONS:
            if self.path == f"/do/{action}" and action != "quit":
                self.server.view.ask(action)
                self.send_response(HTTPStatus.NO_CONTENT)
                return self.end_headers()
        self.send_error(HTTPStatus.NOT_FOUND)

    def version_string(self) -> str:
        """Returns the name of the server for its answers."""
        return "mtcnn-rt"

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing: the command line shows no requests."""

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
        newest = self.server.view.newest
        with newest.watched():
            for jpeg in newest.jpegs():
                head = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
                # With the boundary that ends it, for which browsers wait.
                self.wfile.write(head + jpeg + _BOUNDARY)

    def _begin(self, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "same-origin")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(
        self, content_type: str, content: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self._begin(content_type, {"Content-Length": str(len(content)), **(headers or {})})
        self.wfile.write(content)

    def _is_for_us(self) -> bool:
        """Returns true if the request names this computer as its host."""
        try:
            name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        except ValueError:
            return False
        if _is_loopback(name) or name == self.server.host.lower():
            return True
        if self.server.loopback:
            return False
        here = socket.gethostname().lower()
        return _is_address(name) or name in (here, f"{here}.local")

    def _is_from_us(self) -> bool:
        """Returns false if a page of another site sent the request.

        Browsers name the page that a POST comes from; other clients do not follow pages.
        """
        site = self.headers.get("Sec-Fetch-Site", "same-origin")
        ours = f"http://{self.headers['Host']}"
        return site == "same-origin" and self.headers.get("Origin", ours) == ours


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
        raise VideoError(f"{where}: cannot serve the live view there: {reason}") from error


def _is_loopback(host: str) -> bool:
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

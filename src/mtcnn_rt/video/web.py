"""A live picture in browsers."""

from __future__ import annotations

import os
import socket
import sys
from collections import deque
from dataclasses import asdict
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from threading import Lock, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.newest import NewestPicture
from mtcnn_rt.video.view import Action, Status
from mtcnn_rt.video.web_pages import Pages, is_loopback

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

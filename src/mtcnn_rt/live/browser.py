"""Shows a live video in browsers."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._closing import Closing
from mtcnn_rt._defaults import WEB_HOST, WEB_PORT
from mtcnn_rt.live.access import Access
from mtcnn_rt.live.newest_image import NewestImage
from mtcnn_rt.live.pages import Pages
from mtcnn_rt.live.status import Status
from mtcnn_rt.live.view import Action
from mtcnn_rt.live.web_server import WebServer, listen
from mtcnn_rt.video.frame import VideoError

WAITING_ACTIONS = 16
"""Most actions that wait for the session; more are refused."""


class WebView(Closing):
    """A web page with the image and the status, for any number of browsers, and with controls.

    Watching and controlling are two rights: see `Access`. Each viewer gets the newest image
    whenever it is ready for one, so that a slow viewer misses images and delays no other. `close`,
    or the end of the `with` block, ends all connections and frees the port.

    Args:
        host: The address to listen on. On a loopback address only this computer reaches the page.
        port: The port; 0 is any free one.
        public: Everyone who reaches the address may watch without a token.
        allowed_hosts: More names under which the page is reached.

    Attributes:
        newest: The newest image.
        access: The tokens.

    Raises:
        VideoError: The server cannot listen on the address.
    """

    def __init__(
        self,
        host: str = WEB_HOST,
        port: int = WEB_PORT,
        public: bool = False,
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        listener = _listen(host, port)
        self._host, self.port = listener.getsockname()[:2]
        names = tuple(allowed_hosts)
        self._name = names[0] if names else socket.gethostname()
        self._status = Status()
        self._actions: deque[Action] = deque()
        self.newest = NewestImage()
        self.access = Access(self._host, public, names)
        pages = Pages(self.access, self.newest, self.status, self.ask)
        self._server = WebServer(listener, pages.answer, self.newest.attach)

    @property
    def url(self) -> str:
        """The address of the page, without a token."""
        host = self._name if self._host in ("0.0.0.0", "::") else self._host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    @property
    def watch_url(self) -> str:
        """The address for those who may watch."""
        return self._with(self.access.watch_token)

    @property
    def control_url(self) -> str:
        """The address for those who may watch and control."""
        return self._with(self.access.control_token)

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
        """Ends all connections and threads, and frees the port. More calls do nothing."""
        self.newest.attach(None)
        self._server.close()
        self.newest.close()

    def ask(self, action: Action) -> bool:
        """Keeps an action for the next `show` to return.

        Returns:
            False if too many wait already.
        """
        if len(self._actions) >= WAITING_ACTIONS:
            return False
        self._actions.append(action)
        return True

    def status(self) -> dict[str, Any]:
        """Returns the status and the number of viewers, as the page takes them in JSON."""
        return {**asdict(self._status), "viewers": self.newest.viewers}

    def _with(self, token: str | None) -> str:
        """Returns the address of the page with a token.

        It is in the fragment, which browsers keep to themselves: it is in no request, log or
        Referer.
        """
        return self.url if token is None else f"{self.url}#token={token}"


def _listen(host: str, port: int) -> socket.socket:
    where = f"{host}:{port}"
    if not 0 <= port < 1 << 16:
        raise VideoError(f"{where}: no port has this number")
    try:
        return listen(host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise VideoError(f"{where}: cannot serve the live view there: {reason}") from error

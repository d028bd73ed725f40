"""Decides who may watch and who may control a live view: tokens, host names, other sites' pages."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Iterable
from enum import IntEnum
from urllib.parse import urlsplit

from mtcnn_rt.live.http_requests import Request

TOKEN_HEADER = "X-Mtcnn-Rt-Token"
"""Header with a token. The page uses it, so that a proxy's own Authorization stays untouched."""


class Right(IntEnum):
    """The right of a request; each includes those before it."""

    NONE = 0
    WATCH = 1
    CONTROL = 2


class Access:
    """Knows the tokens of a live view, and the host names under which it is reached.

    Controlling always needs a token. Watching needs none if only this computer reaches the server:
    it listens on a loopback address, and no name is allowed besides, under which a proxy would pass
    on requests from elsewhere.

    Args:
        host: The address that the server listens on.
        public: Everyone who reaches the server may watch.
        allowed_hosts: More names under which the server is reached.

    Attributes:
        control_token: The token to control; it also lets its holder watch.
        watch_token: The token to watch; None if watching needs none.
    """

    def __init__(self, host: str, public: bool = False, allowed_hosts: Iterable[str] = ()) -> None:
        self._host = host.lower()
        self._loopback = is_loopback(host)
        self._allowed = {as_name(name) for name in allowed_hosts}
        open_to_all = public or (self._loopback and not self._allowed)
        self.watch_token = None if open_to_all else secrets.token_urlsafe(16)
        self.control_token = secrets.token_urlsafe(16)

    def right(self, request: Request) -> Right:
        """Returns the right that the request's token gives."""
        given = _token(request)
        if _equal(given, self.control_token):
            return Right.CONTROL
        if self.watch_token is None or _equal(given, self.watch_token):
            return Right.WATCH
        return Right.NONE

    def knows_host(self, request: Request) -> bool:
        """Returns true if the request names this server as its host.

        A page of another site may point its own name to this computer (DNS rebinding): its requests
        name that site.
        """
        try:
            name = as_name(urlsplit(f"//{request.headers.get('host', '')}").hostname or "")
        except ValueError:
            return False
        if is_loopback(name) or name == self._host or name in self._allowed:
            return True
        if self._loopback:
            return False
        here = socket.gethostname().lower()
        return is_ip_address(name) or name in (here, f"{here}.local")

    @staticmethod
    def is_from_other_site(request: Request, opened: bool = False) -> bool:
        """Returns true if a page of another origin sent the request.

        Browsers name the page that a POST comes from; other clients do not follow pages.

        Args:
            request: The request.
            opened: A link on another page may open the address in a tab.
        """
        site = request.headers.get("sec-fetch-site", "same-origin")
        if opened and request.headers.get("sec-fetch-dest") == "document":
            return False
        host = request.headers.get("host", "")
        ours = (f"http://{host}", f"https://{host}")  # the second one through a proxy
        origin = request.headers.get("origin", ours[0])
        return site not in ("same-origin", "none") or origin not in ours


def as_name(host: str) -> str:
    """Returns a host name as it is compared: in lower case, without the dot of the root."""
    return host.lower().removesuffix(".")


def is_loopback(host: str) -> bool:
    """Returns true for the names and addresses under which a computer reaches itself alone."""
    return host == "localhost" or (is_ip_address(host) and ipaddress.ip_address(host).is_loopback)


def is_ip_address(host: str) -> bool:
    """Returns true for an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _token(request: Request) -> str:
    """Returns the token of a header or of the query; empty if there is none."""
    kind, _, bearer = request.headers.get("authorization", "").partition(" ")
    return (
        request.headers.get(TOKEN_HEADER.lower())
        or (bearer if kind.lower() == "bearer" else "")
        or request.query.get("token", "")
    )


def _equal(given: str, token: str) -> bool:
    """Compares in a time that does not depend on where they differ."""
    return secrets.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())

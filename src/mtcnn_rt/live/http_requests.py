"""Parses HTTP requests strictly: anything unusual is an error with a status, never a traceback."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

LONGEST_HEAD = 1 << 14
"""Most bytes of a request's line and headers."""

LONGEST_BODY = 1024
"""Most bytes in the body of a request."""

MOST_HEADERS = 100
"""Most headers of a request."""

_LINE = re.compile(r"([A-Z]{1,16}) (/[!-~]*) HTTP/(\d)\.\d")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)")
_LENGTH = re.compile(r"[0-9]{1,10}")
_ONCE = ("host", "content-length", "authorization")


class RequestError(Exception):
    """A request that cannot be answered.

    Args:
        status: The status that the sender gets.
        reason: What is wrong, in a few words.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Request:
    """A request without its body.

    Attributes:
        method: The method, such as GET.
        path: The path, as it was sent, without the query.
        query: The parameters of the query; of several values of a name the last one.
        headers: The headers by their names in lower case; values of one name are joined by commas.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    def body_length(self) -> int:
        """Returns the number of bytes in the body.

        Raises:
            RequestError: The number is none, or too large.
        """
        if "transfer-encoding" in self.headers:
            raise RequestError(HTTPStatus.NOT_IMPLEMENTED, "a body needs a Content-Length")
        length = self.headers.get("content-length", "0")
        if not _LENGTH.fullmatch(length):
            raise RequestError(HTTPStatus.BAD_REQUEST, "the Content-Length is no valid number")
        if int(length) > LONGEST_BODY:
            raise RequestError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {LONGEST_BODY} bytes"
            )
        return int(length)


def parse_head(head: bytes) -> Request:
    """Returns the request of a head.

    Targets are paths: neither the form for proxies (http://...) nor that of OPTIONS (*) is taken.

    Args:
        head: The line and the headers of a request, up to the empty line.

    Raises:
        RequestError: The head does not follow the rules of HTTP/1.
    """
    line, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    match = _LINE.fullmatch(line)
    if match is None:
        raise RequestError(HTTPStatus.BAD_REQUEST, "the request line is malformed")
    if match[3] != "1":
        raise RequestError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "the version has to be HTTP/1")
    path, _, query = match[2].partition("?")
    return Request(match[1], path, _parameters(query), _headers(lines))


def _headers(lines: list[str]) -> dict[str, str]:
    if len(lines) > MOST_HEADERS:
        raise RequestError(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"there are over {MOST_HEADERS} headers"
        )
    headers: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise RequestError(HTTPStatus.BAD_REQUEST, "a header is malformed")
        name, value = match[1].lower(), match[2].strip(" \t")
        if name in headers and name in _ONCE:
            raise RequestError(HTTPStatus.BAD_REQUEST, f"there are two {name} headers")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _parameters(query: str) -> dict[str, str]:
    try:
        found = parse_qs(query, max_num_fields=16)
    except ValueError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, "the query is malformed") from error
    return {name: values[-1] for name, values in found.items()}

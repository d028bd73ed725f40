"""Answers the requests to a live view: the page, its images and status, and its controls."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from mtcnn_rt.live.access import Access, Right
from mtcnn_rt.live.http_requests import Request
from mtcnn_rt.live.newest_image import NewestImage
from mtcnn_rt.live.view import ACTIONS, Action
from mtcnn_rt.live.web_server import Answer, refusal

_BOUNDARY = b"\r\n--frame\r\n"
_TYPE = b"Content-Type: image/jpeg\r\n"


class Pages:
    """Answers requests, as far as they have the right to it.

    GET / is the page, which shows nothing by itself. Those who may watch get /stream, the images as
    multipart JPEG, /page-stream, the same for the page, /snapshot.jpg, the newest one, and /status,
    the status as JSON. Those who may control send POST /do/ACTION.

    Args:
        access: Decides who may watch and control.
        newest: The newest image.
        status: Gives the status as JSON takes it.
        ask: Takes an action; returns false if too many wait.
    """

    def __init__(
        self,
        access: Access,
        newest: NewestImage,
        status: Callable[[], dict[str, Any]],
        ask: Callable[[Action], bool],
    ) -> None:
        self._access, self._newest = access, newest
        self._status_now, self._ask = status, ask
        self._watched = {
            "/stream": self._stream,
            "/page-stream": self._page_stream,
            "/snapshot.jpg": self._snapshot,
            "/status": self._status,
        }

    async def answer(self, request: Request) -> Answer:
        """Returns the answer to a request."""
        if not self._access.knows_host(request):
            return refusal(
                HTTPStatus.FORBIDDEN,
                "The address names a host that is unknown here. "
                "To allow it, start mtcnn-rt with --allow-host NAME.",
            )
        if request.method == "GET":
            return await self._get(request)
        if request.method == "POST":
            return self._post(request)
        return refusal(HTTPStatus.NOT_IMPLEMENTED, "The method has to be GET or POST.")

    async def _get(self, request: Request) -> Answer:
        if request.path == "/":
            return _page()
        answer = self._watched.get(request.path)
        if answer is None:
            return refusal(HTTPStatus.NOT_FOUND, "There is no such page.")
        if self._access.is_from_other_site(request, opened=True):
            return refusal(HTTPStatus.FORBIDDEN, "Pages of other sites get nothing.")
        right = self._access.right(request)
        if right < Right.WATCH:
            return _unauthorized("Watching")
        return await answer(right)

    def _post(self, request: Request) -> Answer:
        if self._access.is_from_other_site(request):
            return refusal(HTTPStatus.FORBIDDEN, "Pages of other sites control nothing.")
        for action in ACTIONS:
            if request.path == f"/do/{action}" and action != "quit":
                return self._do(action, request)
        return refusal(HTTPStatus.NOT_FOUND, "There is no such action.")

    def _do(self, action: Action, request: Request) -> Answer:
        if self._access.right(request) < Right.CONTROL:
            return _unauthorized("Controlling")
        if not self._ask(action):
            return refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too many actions wait.")
        return Answer(HTTPStatus.NO_CONTENT)

    async def _status(self, right: Right) -> Answer:
        """Returns the status, with what the page of this client needs to know.

        The page takes the images with the token to watch, even if it has the one to control: the
        address of an image is easily copied and passed on.
        """
        status = {
            **self._status_now(),
            "viewers": self._newest.viewers,
            "controls": right == Right.CONTROL,
            "watch_token": self._access.watch_token,
        }
        return Answer(content=json.dumps(status).encode(), content_type="application/json")

    async def _snapshot(self, _: Right) -> Answer:
        jpeg = await self._newest.jpeg()
        if jpeg is None:
            reason = "There is no image yet."
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, reason, Retry_After="1")
        return Answer(content=jpeg, content_type="image/jpeg")

    async def _stream(self, _: Right) -> Answer:
        return _multipart(_parts(self._newest))

    async def _page_stream(self, _: Right) -> Answer:
        return _multipart(_parts_for_browsers(self._newest))


def _multipart(parts: AsyncGenerator[bytes, None]) -> Answer:
    content_type = "multipart/x-mixed-replace; boundary=frame"
    return Answer(content=None, content_type=content_type, stream=parts)


async def _parts(newest: NewestImage) -> AsyncGenerator[bytes, None]:
    """Yields each image with its length, and the boundary that ends it."""
    yield _BOUNDARY[2:]
    async with aclosing(newest.jpegs()) as jpegs:
        async for jpeg in jpegs:
            yield _TYPE + b"Content-Length: %d\r\n\r\n" % len(jpeg) + jpeg + _BOUNDARY


async def _parts_for_browsers(newest: NewestImage) -> AsyncGenerator[bytes, None]:
    """Yields each image with the head of the next one.

    Chromium draws an image when the next one's head comes: without this, an image too late. The
    length of the next one is not known yet; programs such as FFmpeg need it, since two bytes in a
    JPEG may look like a boundary to them.
    """
    head = _BOUNDARY + _TYPE + b"\r\n"
    yield head[2:]
    async with aclosing(newest.jpegs()) as jpegs:
        async for jpeg in jpegs:
            yield jpeg + head


def _unauthorized(what: str) -> Answer:
    reason = f"{what} needs the link that mtcnn-rt has printed at its start."
    return refusal(HTTPStatus.UNAUTHORIZED, reason, WWW_Authenticate="Bearer")


def _page() -> Answer:
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; img-src 'self' data:; connect-src 'self'; "
        f"style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Answer(
        content=_template().replace("NONCE", nonce).encode(),
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy},
    )


@cache
def _template() -> str:
    return (files("mtcnn_rt.live") / "browser.html").read_text("utf-8")

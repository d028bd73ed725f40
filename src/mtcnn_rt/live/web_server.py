"""Serves answers to HTTP requests from one thread, with a deadline for everything."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event, Thread
from typing import Any

from mtcnn_rt.live.connections import Connections, sender_of
from mtcnn_rt.live.http_requests import LONGEST_HEAD, Request, RequestError, parse_head

REQUESTS = 64
"""Most connections that wait for a request or its answer."""

STREAMS = 64
"""Most connections that get images."""

BACKLOG = 128
"""Connections that the system holds until they are accepted. Where they are too few for a flood,
those of others have to try again, a second later."""

REQUEST_SECONDS = 5.0
"""Seconds in which a request has to come in full."""

SEND_SECONDS = 10.0
"""Seconds in which a client has to take an answer, or an image of a stream."""

LINGER_SECONDS = 1.0
"""Seconds for which the rest of a refused request is read, or its sender misses the answer."""

SEND_BUFFER = 1 << 17
"""Bytes that the system holds on the way to a viewer: images in there get old."""

_HEADERS = {
    "Server": "mtcnn-rt",
    "Connection": "close",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Answer:
    """An answer to a request.

    Attributes:
        status: The status.
        content: The content; None where a stream comes instead.
        content_type: Type of the content.
        headers: More headers.
        stream: The parts of a content without an end.
    """

    status: HTTPStatus = HTTPStatus.OK
    content: bytes | None = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: AsyncGenerator[bytes, None] | None = None

    def head(self) -> bytes:
        """Returns the status line and the headers."""
        headers = {**_HEADERS, **self.headers}
        if self.status != HTTPStatus.NO_CONTENT:
            headers["Content-Type"] = self.content_type
            if self.content is not None:
                headers["Content-Length"] = str(len(self.content))
        lines = [f"HTTP/1.1 {self.status.value} {self.status.phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


def refusal(status: HTTPStatus, reason: str, **headers: str) -> Answer:
    """Returns an answer that gives a reason, in a sentence."""
    text = f"{status.value} {status.phrase}: {reason}\n"
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, text.encode(), headers=names)


class WebServer:
    """Answers requests in a thread with an event loop; each connection has one request.

    A connection costs no thread, so that slow ones cost little. Each has to send its request within
    `REQUEST_SECONDS`, and where there are too many, the address with the most gives way
    (`Connections`).

    Args:
        listener: A bound socket, which the server closes at its end.
        answer: Gives the answer to a request.
        started: Is called in the thread with the event loop, before the first request.
    """

    def __init__(
        self,
        listener: socket.socket,
        answer: Callable[[Request], Awaitable[Answer]],
        started: Callable[[asyncio.AbstractEventLoop], None],
    ) -> None:
        self._listener, self._answer, self._started = listener, answer, started
        self._requests, self._streams = Connections(REQUESTS), Connections(STREAMS)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()
        self._ready = Event()
        self._thread = Thread(target=self._run, name="mtcnn-rt web", daemon=True)
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """Ends all connections and the thread, and frees the port. More calls do nothing."""
        if self._thread.is_alive() and self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve_until_end())
        finally:
            self._ready.set()  # if the start has failed

    async def _serve_until_end(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._started(self._loop)
        server = await asyncio.start_server(
            self._accept, sock=self._listener, limit=LONGEST_HEAD, backlog=BACKLOG
        )
        self._ready.set()
        await self._end.wait()
        server.close()
        for _ in range(4):  # until the accepted connections have their tasks
            await asyncio.sleep(0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # which closes their sockets

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begins the task of a connection, whose end closes the connection."""

        def end(task: asyncio.Task[None]) -> None:
            self._requests.remove(task)
            self._streams.remove(task)
            writer.transport.abort()

        sender = sender_of(writer.get_extra_info("peername"))
        task = asyncio.ensure_future(self._serve(reader, writer, sender))
        task.add_done_callback(end)
        self._requests.add(task, sender)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str
    ) -> None:
        """Takes a request and answers it."""
        try:
            writer.transport.set_write_buffer_limits(0)  # `drain` waits for the system to take all
            await self._exchange(reader, writer, sender)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            pass  # it is slow, or has left

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str
    ) -> None:
        try:
            request = await asyncio.wait_for(_request(reader), REQUEST_SECONDS)
        except RequestError as error:
            await _send(writer, refusal(error.status, str(error)))
            return await _linger(reader, writer)
        answer = await self._safe_answer(request)
        if answer.stream is None:
            return await _send(writer, answer)
        task = asyncio.current_task()
        assert task is not None
        if not self._streams.add_fairly(task, sender):
            full = refusal(HTTPStatus.SERVICE_UNAVAILABLE, "There are too many viewers.")
            return await _send(writer, full)
        self._requests.remove(task)
        await _send_stream(reader, writer, answer, task)

    async def _safe_answer(self, request: Request) -> Answer:
        try:
            return await self._answer(request)
        except Exception as error:
            context = {"message": "the live view cannot answer a request", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "This is an error of mtcnn-rt.")


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that is bound to an address.

    Args:
        host: A name or an address.
        port: The port; 0 is any free one.

    Raises:
        OSError: The address is unknown or in use.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name != "nt":  # there it would share the port with another program
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


async def _request(reader: asyncio.StreamReader) -> Request:
    """Reads a request with its body, which no answer needs."""
    try:
        request = parse_head(await reader.readuntil(b"\r\n\r\n"))
    except asyncio.LimitOverrunError as error:
        raise RequestError(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"the head has more than {LONGEST_HEAD} bytes",
        ) from error
    await reader.readexactly(request.body_length())
    return request


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    writer.write(answer.head() + (answer.content or b""))
    await asyncio.wait_for(writer.drain(), SEND_SECONDS)


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads on for a moment: closing before would make the system take back the answer."""
    writer.write_eof()
    await asyncio.wait_for(_read_all(reader), LINGER_SECONDS)


async def _send_stream(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    answer: Answer,
    task: asyncio.Task[Any],
) -> None:
    """Sends parts until the client leaves or does not read."""
    assert answer.stream is not None
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def leave(_: object) -> None:
        task.cancel()

    leaving = asyncio.ensure_future(_read_all(reader))
    leaving.add_done_callback(leave)
    try:
        writer.write(answer.head())
        async with aclosing(answer.stream) as parts:
            async for part in parts:
                writer.write(part)
                await asyncio.wait_for(writer.drain(), SEND_SECONDS)
    finally:
        leaving.remove_done_callback(leave)
        leaving.cancel()


async def _read_all(reader: asyncio.StreamReader) -> None:
    """Reads and forgets until the client has ended."""
    try:
        while await reader.read(1 << 12):
            pass
    except OSError:
        pass

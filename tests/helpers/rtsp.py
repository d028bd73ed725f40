"""Serves one video over RTSP, as network cameras do: H.264, through the client's TCP connection."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from io import RawIOBase

import av

from helpers.clips import pattern

SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=Camera
c=IN IP4 127.0.0.1
t=0 0
m=video 0 RTP/AVP 96
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1
a=control:track0
""".replace("\n", "\r\n")

_SENDER_REPORT = 200  # RFC 3550, section 6.4.1


class Camera:
    """Serves one client at a time, at `url`.

    Args:
        frames: Number of frames to send, 50 per second, before it closes the connection.
        silent: True keeps the connection open after the frames, and sends nothing.
        port: Port to listen at; 0 is a free one.
        ahead: Time in milliseconds by which the reports of its clock are ahead of its frames.
    """

    def __init__(
        self, frames: int = 25, silent: bool = False, port: int = 0, ahead: int = 0
    ) -> None:
        self.frames, self.silent, self.ahead = frames, silent, ahead
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port = self._listening.getsockname()[1]
        self.url = f"rtsp://me:secret@127.0.0.1:{self.port}/live"
        self._closed = threading.Event()
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Ends the server and its connections."""
        self._closed.set()
        for one in (self._client, self._listening):
            if one:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while not self._closed.is_set():
            try:
                self._client, _ = self._listening.accept()
                with self._client:
                    self._answer(self._client)
            except OSError:
                continue

    def _answer(self, client: socket.socket) -> None:
        for method, number in _requests(client):
            more = {
                "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
                "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n",
                "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
            }.get(method, "Session: 1\r\n")
            body = SDP if method == "DESCRIBE" else ""
            client.sendall(f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{more}\r\n{body}".encode())
            if method == "PLAY":
                self._play(client)
                if self.silent:
                    self._closed.wait()
                return
            if method == "TEARDOWN":
                return

    def _play(self, client: socket.socket) -> None:
        with av.open(_Rtp(client, self.ahead), "w", format="rtp", buffer_size=1400) as output:
            options = {"tune": "zerolatency", "x264-params": "keyint=5:repeat-headers=1"}
            stream = output.add_stream("libx264", rate=50, options=options)
            stream.width, stream.height = 64, 48
            for index in range(self.frames):
                if self._closed.is_set():
                    return
                frame = av.VideoFrame.from_ndarray(pattern(index), format="bgr24")
                frame.pts, frame.time_base = index, Fraction(1, 50)
                output.mux(stream.encode(frame))
                time.sleep(0.01)
            output.mux(stream.encode(None))


class _Rtp(RawIOBase):
    """Wraps each packet, RTP or RTCP, in a frame of RTSP."""

    def __init__(self, client: socket.socket, ahead: int) -> None:
        self._client, self._ahead = client, ahead

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, packet: bytes) -> int:
        channel = 1 if 192 <= packet[1] <= 223 else 0
        if packet[1] == _SENDER_REPORT:
            (time,) = struct.unpack_from(">I", packet, 16)
            time = (time + 90 * self._ahead) % (1 << 32)
            packet = packet[:16] + struct.pack(">I", time) + packet[20:]
        self._client.sendall(b"$" + struct.pack(">BH", channel, len(packet)) + packet)
        return len(packet)


def _requests(client: socket.socket) -> Iterator[tuple[str, str]]:
    """Gives method and number of each request."""
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            more = client.recv(4096)
            if not more:
                return
            received += more
        head, _, received = received.partition(b"\r\n\r\n")
        text = head.decode()
        number = re.search(r"CSeq: *(\d+)", text, re.I)
        yield text.split()[0], number[1] if number else "0"


@contextmanager
def camera(**how: object) -> Iterator[Camera]:
    """Runs a server for the block."""
    one = Camera(**how)
    try:
        yield one
    finally:
        one.close()

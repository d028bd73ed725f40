"""Sends encoded frames to network addresses, by FFmpeg's protocols."""

from __future__ import annotations

import errno
import re
import socket
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import av
from av.container import OutputContainer

from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sinks.copies import Copies
from mtcnn_rt.video.sinks.encoder import VideoEncoder, usual_codec
from mtcnn_rt.video.sinks.encoder_options import TEE
from mtcnn_rt.video.sinks.live_places import format_of
from mtcnn_rt.video.sources.file import FileSource

TIMEOUT = 10  # seconds for a server to answer


class NetworkOutput:
    """Encodes frames, and the sound of a file, for a URL.

    Args:
        place: The URL.
        video: The properties that all frames share.
        copy_from: Source of the sound; None sends none.
        codec: FFmpeg's name of an encoder; None is that of MP4 files.
        quality: As for `FileSink`.
        preset: As for `FileSink`.
    """

    def __init__(
        self,
        place: str,
        video: VideoFormat,
        copy_from: FileSource | None,
        codec: str | None,
        quality: int | None,
        preset: str | None,
    ) -> None:
        self.damaged = 0
        file_type = format_of(place)
        _require_host(place)
        self._container = _opened(place, file_type)
        try:
            used = codec or usual_codec(".mp4", video)
            self._encoder = VideoEncoder(self._container, video, used, quality, preset, live=True)
            self._copies: Copies | None = None
            if copy_from:
                side, kind = copy_from.side_streams, f".{file_type}"
                self._copies = Copies(side, self._container, kind, subtitles=False, metadata=False)
            self._container.start_encoding()
        except BaseException:
            with suppress(av.FFmpegError):
                self._container.close()
            raise
        notes = self._copies.notes if self._copies else []
        self.notes = [note for note in notes if "left out" in note]

    def write(self, frame: Frame) -> None:
        """Sends a frame, and the sound up to its time."""
        self._container.mux(self._encoder.encode(frame))
        if self._copies:
            self._copies.write_until(frame.time)

    def close(self) -> None:
        """Sends what is left, and ends the connection."""
        try:
            self._container.mux(self._encoder.finish())
            if self._copies:
                self._copies.finish()
                self.damaged = self._copies.damaged
        finally:
            self._container.close()


def _require_host(place: str) -> None:
    """Finds out that there is no computer of the name, of which FFmpeg says "Input/output error".

    Raises:
        OSError: The name has no address.
    """
    if host := urlsplit(place).hostname:
        try:
            socket.getaddrinfo(host, None)
        except (socket.gaierror, UnicodeError):
            raise OSError(errno.EHOSTUNREACH, f"there is no computer {host}") from None


def _opened(place: str, file_type: str) -> OutputContainer:
    """Opens an output of a file type, which does not wait forever for its receiver.

    RTMP gets its limit of time, which PyAV cannot give it, through FFmpeg's muxer "tee".
    """
    if file_type != "flv":
        return av.open(_impatient(place), "w", format=file_type, options=_options(file_type))
    url = re.sub(r"([\\'|\[\]])", r"\\\1", place)
    limit = TIMEOUT * 1_000_000
    return av.open(f"[f=flv:rw_timeout={limit}:flush_packets=1]{url}", "w", format=TEE)


def _impatient(place: str) -> str:
    """Returns a URL by which FFmpeg does not wait forever for a receiver that takes nothing."""
    try:
        parts = urlsplit(place)
    except ValueError:  # FFmpeg has the reason
        return place
    if parts.scheme.lower() != "tcp" or "timeout" in parts.query:
        return place
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit(parts._replace(query=f"{query}timeout={TIMEOUT * 1_000_000}"))


def _options(file_type: str) -> dict[str, str]:
    """Returns FFmpeg's options of an output."""
    if file_type == "rtsp":  # over UDP, a lost packet is a broken frame; the time in microseconds
        return {"rtsp_transport": "tcp", "timeout": str(TIMEOUT * 1_000_000)}
    return {"flush_packets": "1"}

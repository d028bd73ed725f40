"""Sends frames to a network address or a virtual camera as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from time import monotonic, perf_counter, sleep
from typing import Protocol

from mtcnn_rt._packages import importing

with importing(__name__):
    import av

from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.limited_wait import NO_ANSWER, LimitedWait
from mtcnn_rt.video.sinks import network
from mtcnn_rt.video.sinks.frame_check import FrameCheck
from mtcnn_rt.video.sinks.live_places import is_camera
from mtcnn_rt.video.sinks.virtual_camera import camera_output
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.opening import name_of, reason

_MORE = 1  # seconds after which FFmpeg, which has limits for some protocols, is not waited for
_LATE = 0.5  # seconds by which frames may come late and the next ones still catch up


class LiveSink:
    """Sends frames to a URL or a virtual camera, none before its time.

    Nothing but the images and, if wanted, the sound is sent: no metadata, no subtitles. Receivers
    that join later see the video within two seconds. A server that does not answer, or takes
    nothing, ends the output after about ten seconds; Ctrl-C does at once, but not while FFmpeg
    connects: it then keeps Python from running, for each step up to ten seconds.

    Args:
        place: An address that starts with rtsp://, rtmp://, rtmps://, udp://, tcp://, srt:// or
            rtp://, where a receiver or a server waits; a device such as /dev/video9, of
            v4l2loopback; or "camera:", the virtual camera that pyvirtualcam finds, also
            "camera:NAME".
        video: The properties that all frames share.
        copy_from: Source of the sound, whose frames were not read yet.
        audio: True sends its sound.
        codec: FFmpeg's name of an encoder; None is that of MP4 files.
        quality: As for `FileSink`.
        preset: As for `FileSink`.
        paced: True waits until a frame is due, counted from the first one, as for those of a file.
            False sends each at once, as it comes from a camera.

    Attributes:
        name: The place, without passwords.
        notes: A line for each thing that differs from the input or the arguments.
        damaged: After closing: number of audio packets that could not be sent.

    Raises:
        VideoError: The place cannot be opened; later: the connection is lost.
        MissingPackageError: pyvirtualcam is needed, and is not installed; an ImportError.

    Example:
        >>> import mtcnn_rt
        >>> from pathlib import Path
        >>> clip = Path(mtcnn_rt.__file__).with_name("sample.mp4")
        >>> with FileSource(clip, end=0.2) as source:
        ...     with LiveSink("udp://127.0.0.1:5004", source.format, paced=False) as sink:
        ...         for frame in source:
        ...             sink.write(frame)
    """

    name: str
    notes: list[str]
    damaged: int

    def __init__(
        self,
        place: str,
        video: VideoFormat,
        copy_from: FileSource | None = None,
        *,
        audio: bool = True,
        codec: str | None = None,
        quality: int | None = None,
        preset: str | None = None,
        paced: bool = True,
    ) -> None:
        self.name = place if is_camera(place) else name_of(place)
        self.notes = []
        self.damaged = 0
        self._paced, self._began = paced, 0.0
        self._empty = True
        self._frames = FrameCheck(video)
        with self._naming_errors("opened"):
            if is_camera(place):
                self._output: _Output = camera_output(place, video)
            else:
                side = copy_from if audio else None
                self._output = _Waited(
                    lambda: network.NetworkOutput(place, video, side, codec, quality, preset)
                )
        self.notes += self._output.notes

    def write(self, frame: Frame) -> None:
        """Sends a frame, and the sound up to its time.

        Raises:
            VideoError: The connection is lost.
            TypeError: It is no frame.
            ValueError: It has another size than the video, or is not later than the one before.
        """
        self._frames.check(frame)
        if self._paced:
            self._wait(frame.time)
        self._empty = False
        with self._naming_errors("written"):
            self._output.write(frame)

    def close(self) -> None:
        """Sends what is left, and ends the connection.

        Raises:
            VideoError: The connection is lost.
        """
        with self._naming_errors("written"):
            self._output.close()
        self.damaged = self._output.damaged

    def __enter__(self) -> LiveSink:
        """Returns the sink, which the end of the `with` block closes."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Ends the connection; after an exception, an error of the connection does not hide it."""
        with suppress(VideoError) if kind else nullcontext():
            self.close()

    def _wait(self, time: float) -> None:
        """Waits until a frame of this time is due."""
        now = perf_counter()
        if self._empty or now - self._began - time > _LATE:
            self._began = now - time
        sleep(max(0.0, self._began + time - now))

    @contextmanager
    def _naming_errors(self, what: str) -> Iterator[None]:
        """Turns the errors of the block into a VideoError of one line, without passwords."""
        begin = monotonic()
        try:
            yield
        except VideoError:
            raise
        except (av.FFmpegError, OSError, ValueError, RuntimeError) as error:
            why = reason(error) if isinstance(error, (av.FFmpegError, OSError)) else str(error)
            if isinstance(error, av.InvalidDataError) and monotonic() - begin >= network.TIMEOUT:
                why = NO_ANSWER  # of RTSP
            raise VideoError(f"{self.name}: cannot be {what}: {why}") from None


class _Output(Protocol):
    """Takes frames for a place."""

    notes: list[str]
    damaged: int

    def write(self, frame: Frame) -> None:
        """Sends a frame."""

    def close(self) -> None:
        """Sends what is left."""


class _Waited:
    """Gives frames to an output that may never return, and waits for it only so long."""

    damaged = 0

    def __init__(self, make: Callable[[], _Output]) -> None:
        self._wait = LimitedWait(network.TIMEOUT + _MORE)
        try:
            self._output = self._wait.call(make, discard=lambda output: output.close())
        except BaseException:
            self._wait.end()
            raise
        self.notes = self._output.notes

    def write(self, frame: Frame) -> None:
        self._wait.call(lambda: self._output.write(frame))

    def close(self) -> None:
        lost = self._wait.lost
        try:
            self._wait.call(self._output.close)
            self.damaged = self._output.damaged
        finally:
            self._wait.end(self._output.close if lost else None)

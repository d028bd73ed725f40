"""Opens a video: a file, a URL, or standard input."""

from __future__ import annotations

import os
import re
import select
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import av
from av.container import InputContainer

from mtcnn_rt._errors import EMPTY
from mtcnn_rt._files.addresses import is_address
from mtcnn_rt._files.paths import NO_SUCH, check_path, is_there, why_missing
from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.limited_wait import NO_ANSWER, LimitedWait
from mtcnn_rt.video.pixel_limit import pixel_limit

STANDARD_INPUT = "-"
"""The place that stands for standard input."""
_MOMENT = 0.2  # seconds
_PROBED = 1 << 16  # bytes of a file that show whether the disk gives them
_STEPS = 4  # of opening: the name, the connection, the format, and the first frame
# Accepts a video whose metadata are no UTF-8. PyAV 19 always does.
_LENIENT: dict[str, Any] = (
    {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
)
_TRANSPORT = {"rtsp": {"rtsp_transport": "tcp"}}  # over UDP, a lost packet is a broken frame


class Pipe:
    """A file descriptor that cannot seek, for FFmpeg to read.

    Args:
        descriptor: The file descriptor.

    Attributes:
        interrupt: The KeyboardInterrupt that came while it waited for data. It is not raised there,
            since it would be lost on its way through FFmpeg, which gets the end of the data.
        had_data: True once there was any.
    """

    interrupt: KeyboardInterrupt | None
    had_data: bool

    def __init__(self, descriptor: int) -> None:
        self.interrupt = None
        self.had_data = False
        self._descriptor = descriptor
        self._stopped = False

    def stop(self) -> None:
        """Gives a reader the end of the data, within 0.2 seconds."""
        self._stopped = True

    def _has_data(self) -> bool:
        """Waits for data for a moment; not in Windows, whose `select` knows sockets alone."""
        return os.name == "nt" or bool(select.select([self._descriptor], [], [], _MOMENT)[0])

    def read(self, size: int) -> bytes:
        """Returns up to `size` bytes; none at the end, after `stop` and after Ctrl-C."""
        try:
            while not self._stopped:
                if self._has_data():
                    data = os.read(self._descriptor, size)
                    self.had_data |= bool(data)
                    return data
            return b""
        except KeyboardInterrupt as interrupt:
            self.interrupt = interrupt
            self.stop()  # or FFmpeg would read on
            return b""


def is_url(place: str | Path) -> bool:
    """Returns True for a URL, False for a path."""
    return isinstance(place, str) and is_address(place)


def name_of(place: str | Path) -> str:
    """Returns the name of a place for messages, without passwords.

    A URL loses its user, password and query, which may hold a password, too.

    Example:
        >>> name_of("rtsp://me:secret@camera/live?token=secret")
        'rtsp://camera/live'

    Raises:
        TypeError: It is no path.
    """
    check_path("place", place)
    if str(place) == STANDARD_INPUT:
        return "standard input"
    if not is_url(place):
        return str(place)
    try:
        parts = urlsplit(str(place))
    except ValueError:  # such as http://[::1/
        scheme, _, rest = str(place).partition("://")
        return f"{scheme}://{re.split(r'[?#]', rest)[0].rpartition('@')[2]}"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def open_place(
    place: str | Path, timeout: float, max_pixels: int
) -> tuple[InputContainer, Pipe | None, Path | None]:
    """Opens standard input, a URL or a file.

    Args:
        place: The place.
        timeout: Longest time to wait for an answer of a URL, in seconds.
        max_pixels: Largest number of pixels of a frame that FFmpeg decodes to know the format.

    Returns:
        The input, the pipe of standard input, and the path of a file.

    Raises:
        VideoError: It cannot be opened, or is no video.
    """
    if str(place) == STANDARD_INPUT:
        return *open_pipe(max_pixels), None
    if is_url(place):
        return open_url(str(place), timeout, max_pixels), None, None
    if place == "":  # `Path` would take it for the current folder
        raise VideoError(f"{place!r}: {NO_SUCH}")
    return open_file(Path(place), max_pixels), None, Path(place)


def answered(name: str, timeout: float, open_it: Callable[[], None]) -> None:
    """Opens a URL; does not wait for its server forever, and lets Ctrl-C end the wait.

    FFmpeg itself keeps to `timeout` for each step, but not in asking for the address of a name.

    Args:
        name: Its name for messages.
        timeout: Longest time to wait for one step, in seconds.
        open_it: Opens it.

    Raises:
        VideoError: It was not opened within the time of `_STEPS` steps.
    """
    wait = LimitedWait(_STEPS * timeout)
    try:
        wait.call(open_it)
    except TimeoutError:
        raise VideoError(f"{name}: cannot be opened ({NO_ANSWER})") from None
    finally:
        wait.end()


def open_pipe(max_pixels: int) -> tuple[InputContainer, Pipe]:
    """Opens standard input.

    Args:
        max_pixels: Largest number of pixels of a frame that FFmpeg decodes to know the format.

    Raises:
        VideoError: It is a terminal, or no video that FFmpeg reads.
    """
    if os.isatty(0):
        raise VideoError("standard input: a terminal, not a video")
    pipe = Pipe(0)
    try:
        return av.open(pipe, "r", options=pixel_limit(max_pixels), **_LENIENT), pipe
    except (av.FFmpegError, OSError, ValueError) as error:
        if pipe.interrupt:
            raise pipe.interrupt from None
        why = _unreadable(error) if pipe.had_data else EMPTY
        raise VideoError(f"standard input: {why}") from error


def open_url(url: str, timeout: float, max_pixels: int) -> InputContainer:
    """Opens a URL.

    Args:
        url: The URL.
        timeout: Longest time to wait for an answer, on opening and for each packet, in seconds.
        max_pixels: Largest number of pixels of a frame that FFmpeg decodes to know the format.

    Raises:
        VideoError: No answer came, or none that is a video.
    """
    options = _TRANSPORT.get(url.partition("://")[0].lower(), {}) | pixel_limit(max_pixels)
    begin = monotonic()
    try:
        container: InputContainer = av.open(url, options=options, timeout=timeout, **_LENIENT)
        return container
    except (av.FFmpegError, OSError, ValueError) as error:
        late = monotonic() - begin >= timeout  # RTSP then gives another error
        why = NO_ANSWER if late else reason(error)
        # Not `from error`: its text has the whole URL, with the password.
        raise VideoError(f"{name_of(url)}: cannot be opened ({why})") from None


def open_file(path: Path, max_pixels: int) -> InputContainer:
    """Opens a file.

    Args:
        path: Path of the file.
        max_pixels: Largest number of pixels of a frame that FFmpeg decodes to know the format.

    Raises:
        VideoError: The file does not exist, or is no video that FFmpeg reads.
    """
    if not is_there(path):
        why = why_missing(path).removesuffix(" or folder")  # which would be no video
        raise VideoError(f"{path}: {why}")
    if path.is_dir():
        raise VideoError(f"{path}: a folder, not a video")
    if path.is_file() and path.stat().st_size == 0:
        raise VideoError(f"{path}: {EMPTY}")
    try:
        # An absolute path, since FFmpeg takes the text before a colon for a protocol.
        options = pixel_limit(max_pixels)
        container: InputContainer = av.open(path.resolve(), options=options, **_LENIENT)
        return container
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"{path}: {_unreadable(_of_the_disk(path) or error)}") from error


def _of_the_disk(path: Path) -> OSError | None:
    """Returns the error of reading the start of a file, which FFmpeg takes for its end."""
    try:
        with path.open("rb") as file:
            file.read(_PROBED)
    except OSError as error:
        return error
    return None


def reason(error: Exception) -> str:
    """Returns the reason of an FFmpeg error, in words for the user."""
    if isinstance(error, av.ExitError):  # the timeout
        return NO_ANSWER
    return str(getattr(error, "strerror", None) or type(error).__name__)


def _unreadable(error: Exception) -> str:
    return f"not a video that can be read ({reason(error)})"

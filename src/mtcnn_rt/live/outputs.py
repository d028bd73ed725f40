"""Writes the shown images of a live view, and their faces, to several outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from mtcnn_rt._errors import text_of
from mtcnn_rt.faces import Faces
from mtcnn_rt.video.frame import Frame, FrameWriter, VideoError
from mtcnn_rt.video.sinks.records import RecordWriter


class LiveOutputs:
    """Writes frames to a recording, and sends them to an address as long as it takes them.

    The view and the recording go on where the connection is lost.

    Args:
        recording: The recording; None is none.
        sender: Sends frames; None sends none.
        report: Is called with a line when the connection is lost.

    Attributes:
        failure: The error of the connection; None while there is none.
    """

    failure: VideoError | None

    def __init__(
        self,
        recording: FrameWriter | None,
        sender: FrameWriter | None,
        report: Callable[[str], None],
    ) -> None:
        self.failure = None
        self._recording, self._sender, self._report = recording, sender, report

    def write(self, frame: Frame) -> None:
        """Writes a frame.

        Raises:
            VideoError: The recording cannot be written.
        """
        if self._recording is not None:
            self._recording.write(frame)
        if self._sender is None or self.failure is not None:
            return
        try:
            self._sender.write(frame)
        except VideoError as error:
            self.failure = error
            self._report(str(error))


class LiveRecords:
    """Writes the faces of a live view as long as their file takes them; use it in a `with` block.

    The view and the recording go on where the disk of that file is full, or where the program that
    reads standard output has ended: what they show does not come again.

    Args:
        writer: Writes the faces.
        report: Is called with a line when the file takes no more.

    Attributes:
        failure: The error of the file, which is removed; None while there is none.
    """

    failure: OSError | None

    def __init__(self, writer: RecordWriter, report: Callable[[str], None]) -> None:
        self.failure = None
        self._writer, self._report = writer, report

    def __enter__(self) -> LiveRecords:
        """Opens the file."""
        self._writer.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        """Finishes the file, or removes it after an exception."""
        if self.failure is None:
            self._writer.__exit__(*exception)

    def write(
        self, frame_index: int, time: float, faces: Faces, ids: Sequence[int] | None = None
    ) -> None:
        """Writes the faces of one frame, as `RecordWriter.write` does."""
        if self.failure is not None:
            return
        try:
            self._writer.write(frame_index, time, faces, ids)
        except OSError as error:
            self.failure = error
            with suppress(OSError):  # the same one, once more
                self._writer.__exit__(type(error), error, error.__traceback__)
            closed = isinstance(error, BrokenPipeError)
            reason = "standard output is closed" if closed else text_of(error)
            self._report(f"{reason}: no more faces are recorded")

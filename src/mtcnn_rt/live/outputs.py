"""Writes the shown images of a live view to several outputs."""

from __future__ import annotations

from collections.abc import Callable

from mtcnn_rt.video.frame import Frame, FrameWriter, VideoError


class Outputs:
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

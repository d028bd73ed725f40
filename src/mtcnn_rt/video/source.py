"""Where frames come from: a video file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mtcnn_rt.video.container import open_input
from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat

# by quarter turns, counter-clockwise
_ROTATE = (None, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE)


class FileSource:
    """The frames of the first video stream of a file that FFmpeg reads.

        with FileSource("clip.mp4") as source:
            for frame in source:
                ...

    Frames come once, in display order, upright, all of one size. Raises VideoError, on opening, for
    a file that is missing, is no video or has no frame. A damaged file gives the frames that can
    be decoded; `errors` counts what was met of the damage.
    """

    path: Path
    format: VideoFormat
    errors: int

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.errors = 0
        self._container = _open(self.path)
        try:
            self._stream = _video_stream(self._container, self.path)
            self._decoded = self._decode()
            first = next(self._decoded, None)
            if first is None:
                raise VideoError(f"{self.path}: no frame can be decoded")
        except BaseException:
            self._container.close()
            raise
        self._first = first
        self._turns = _quarter_turns(first)
        self._reformatter = VideoReformatter()
        self.format = _format(self._stream, first)

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._container.close()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.format.size

    @property
    def fps(self) -> Fraction:
        """Average frames a second."""
        return self.format.fps

    @property
    def duration(self) -> float:
        """Seconds, 0 if the file does not say."""
        if self._stream.duration and self._stream.time_base:
            return float(self._stream.duration * self._stream.time_base)
        return (self._container.duration or 0) / av.time_base

    @property
    def frame_count(self) -> int:
        """What the file says, else an estimate from duration and rate, else 0."""
        return self._stream.frames or round(self.duration * self.fps)

    def __iter__(self) -> Iterator[Frame]:
        time_base = self.format.time_base
        step = max(1, round(1 / (self.fps * time_base)))
        pts = self.format.start - step
        for index, picture in enumerate(chain([self._first], self._decoded)):
            pts = _next_pts(picture, pts, step)
            yield Frame(
                image=self._image(picture),
                time=float(pts * time_base),
                pts=pts,
                duration=picture.duration or step,
                time_base=time_base,
                index=index,
            )

    def _decode(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            if packet is not None and packet.is_corrupt:  # such as the last one of a truncated file
                self.errors += 1
            try:
                yield from self._stream.decode(packet)
            except av.FFmpegError:
                self.errors += 1

    def _packets(self) -> Iterator[Packet[VideoStream] | None]:
        """The last one is empty and has the decoder give the frames that it holds."""
        try:
            yield from self._container.demux(self._stream)
        except av.FFmpegError:
            self.errors += 1
            yield None

    def _image(self, picture: VideoFrame) -> NDArray[np.uint8]:
        width, height = self.size[:: -1 if self._turns % 2 else 1]
        bgr = self._reformatter.reformat(picture, width, height, "bgr24").to_ndarray()
        turn = _ROTATE[self._turns]
        return np.require(bgr if turn is None else cv2.rotate(bgr, turn), np.uint8, ["C", "W"])


def _open(path: Path) -> InputContainer:
    if not path.exists():
        raise VideoError(f"{path}: no such file")
    if path.is_dir():
        raise VideoError(f"{path}: a folder, not a video")
    try:
        return open_input(path)
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{path}: not a video that can be read ({error.strerror})") from error


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    for stream in container.streams.video:
        if stream.disposition & Disposition.attached_pic:  # the cover of an audio file
            continue
        if stream.codec_context is None:
            raise VideoError(f"{path}: no decoder for its video stream")
        stream.thread_type = "AUTO"
        return stream
    raise VideoError(f"{path}: no video stream")


def _format(stream: VideoStream, first: VideoFrame) -> VideoFormat:
    size, aspect = (first.width, first.height), stream.sample_aspect_ratio or Fraction(1)
    if _quarter_turns(first) % 2:
        size, aspect = size[::-1], 1 / aspect
    context = stream.codec_context
    fps = stream.average_rate or stream.guessed_rate or Fraction(25)
    return VideoFormat(
        size=size,
        fps=fps,
        time_base=stream.time_base or 1 / fps,
        start=first.pts or 0,
        aspect=aspect,
        colours=(context.colorspace, context.color_trc, context.color_primaries),
    )


def _quarter_turns(picture: VideoFrame) -> int:
    """Counter-clockwise, 0 to 3: what a phone held upright records in place of turned pixels."""
    return round(picture.rotation / 90) % 4


def _next_pts(picture: VideoFrame, previous: int, step: int) -> int:
    """Its own pts, or one step on where it has none or one that goes back."""
    pts = picture.pts
    return pts if pts is not None and pts > previous else previous + step

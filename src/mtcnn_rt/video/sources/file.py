"""Reads frames from a video file, a URL or standard input."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from time import perf_counter

from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.sources import opening, timing
from mtcnn_rt.video.sources.decoding import Decoding
from mtcnn_rt.video.sources.side_streams import SideStreams
from mtcnn_rt.video.sources.upright import UprightConverter


class FileSource:
    """Gives the frames of the first video stream of anything that FFmpeg reads.

    Frames come once, in display order, upright, all of one size. Their times are those of the file.
    In formats whose clock starts anywhere, such as transport streams, times count from the start.
    A damaged file gives the frames that can be decoded; see `errors`.

    Args:
        place: A path; a URL such as http://... or rtsp://...; or - for standard input.
        timeout: Longest time for a URL to answer, on opening and for each packet, in seconds.

    Attributes:
        name: The place, without the password of a URL.
        path: Of the file; None for a URL and standard input.
        format: The properties that all frames share.
        duration: In seconds; 0 if the file has none.
        frame_count: As the file has it, else estimated from duration and rate, else 0.
        notes: A line for each stream that is not used, and for the reason of an early end.
        live: False: all frames are wanted.
        side_streams: Its audio and subtitle streams, for a sink.

    Raises:
        VideoError: On opening: the place does not exist, is no video, or has no frame.

    Example:
        >>> import mtcnn_rt
        >>> with FileSource(Path(mtcnn_rt.__file__).with_name("sample.mp4")) as source:
        ...     for frame in source:
        ...         last = frame
        >>> last.index, last.time
        (124, 4.96)
    """

    name: str
    path: Path | None
    format: VideoFormat
    duration: float
    frame_count: int
    notes: list[str]
    side_streams: SideStreams
    live = False

    def __init__(self, place: str | Path, timeout: float = 10) -> None:
        self.name = opening.name_of(place)
        self.path = None
        self.notes = []
        self._stopped = False
        self._pipe: opening.Pipe | None = None
        self._container = self._open(place, timeout)
        try:
            self._read_first_frame()
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> FileSource:
        """Returns the source, which the end of the `with` block closes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the file."""
        self.close()

    def stop(self) -> None:
        """Ends the frames; may be called from any thread.

        A reader that waits for a frame waits no longer than for the data on their way. Those of a
        URL come, or fail to come, within `timeout`.
        """
        self._stopped = True
        if self._pipe:
            self._pipe.stop()

    def close(self) -> None:
        """Closes the file; not while another thread waits for a frame."""
        self._container.close()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the frames, in pixels."""
        return self.format.size

    @property
    def fps(self) -> Fraction:
        """Average number of frames per second."""
        return self.format.fps

    @property
    def errors(self) -> int:
        """Number of errors in the data that FFmpeg has reported so far; 0 for an intact file."""
        return self._decoding.errors

    def __iter__(self) -> Iterator[Frame]:
        """Gives the frames, once."""
        self.side_streams.end_selection()
        time_base = self.format.time_base
        step = max(1, round(1 / (self.fps * time_base)))
        pts = self.format.start - step
        for index, decoded in enumerate(self._decoded_frames()):
            if self._stopped:
                return
            captured = perf_counter()
            pts = timing.next_pts(decoded, pts, step, self._shift)
            yield Frame(
                image=self._converter.convert(decoded),
                time=float(pts * time_base),
                pts=pts,
                duration=decoded.duration or step,
                time_base=time_base,
                index=index,
                captured=captured,
            )

    def _open(self, place: str | Path, timeout: float) -> InputContainer:
        """Opens standard input, a URL or a file."""
        if str(place) == opening.STANDARD_INPUT:
            container, self._pipe = opening.open_pipe()
            return container
        if opening.is_url(place):
            return opening.open_url(str(place), timeout)
        self.path = Path(place)
        return opening.open_file(self.path)

    def _read_first_frame(self) -> None:
        """Reads up to the first frame, and sets what is known of the video."""
        stream = self._video_stream()
        offset = timing.offset(self._container)
        self.side_streams = SideStreams(self._container, stream, offset)
        self._decoding = Decoding(self._container, stream, self.side_streams)
        self._rest = iter(self._decoding)
        first = next(self._rest, None)
        self._raise_interrupt()
        if first is None:
            hint = "; some files cannot be read from a pipe" if self._pipe else ""
            raise VideoError(f"{self.name}: no frame can be decoded{hint}")
        self._first = first
        self._converter = UprightConverter(first)
        fps = timing.rate(stream)
        time_base = timing.fraction(stream.time_base) or 1 / fps
        self._shift = round(offset / time_base)
        aspect = timing.fraction(stream.sample_aspect_ratio) or Fraction(1)
        self.duration = timing.duration(self._container, stream)
        self.frame_count = stream.frames or round(self.duration * fps)
        context = stream.codec_context
        self.format = VideoFormat(
            size=self._converter.size,
            fps=fps,
            time_base=time_base,
            start=0 if first.pts is None else first.pts - self._shift,
            aspect=1 / aspect if self._converter.transposed else aspect,
            colors=(context.colorspace, context.color_trc, context.color_primaries),
        )

    def _video_stream(self) -> VideoStream:
        """Returns the first video stream."""
        cover = Disposition.attached_pic  # the cover image of an audio file
        streams = [s for s in self._container.streams.video if not s.disposition & cover]
        if not streams:
            raise VideoError(f"{self.name}: no video stream")
        if len(streams) > 1:
            self.notes.append(f"only the first of {len(streams)} video streams is used")
        if streams[0].codec_context is None:
            raise VideoError(f"{self.name}: no decoder for its video stream")
        streams[0].thread_type = "AUTO"
        return streams[0]

    def _decoded_frames(self) -> Iterator[VideoFrame]:
        """Gives all decoded frames; notes the reason of an early end."""
        yield self._first
        yield from self._rest
        self._raise_interrupt()
        if self._decoding.broken:
            self.notes.append(f"ended early: {self._decoding.broken}")

    def _raise_interrupt(self) -> None:
        """Raises the KeyboardInterrupt that came while FFmpeg read from the pipe, if any."""
        if self._pipe and self._pipe.interrupt:
            raise self._pipe.interrupt

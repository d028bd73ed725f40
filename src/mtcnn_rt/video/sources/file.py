"""Where frames come from: a video file, a URL, standard input."""

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
from mtcnn_rt.video.sources.upright import Pictures


class FileSource:
    """The frames of the first video stream of anything that FFmpeg reads.

        with FileSource("clip.mp4") as source:
            for frame in source:
                ...

    place    a path, a URL such as http://... or rtsp://..., or - for standard input.
    timeout  how long a URL may take to answer, on opening and for each packet, in seconds.

    Frames come once, in display order, upright, all of one size. Their times are those of the
    file; where its clock starts anywhere, as in a transport stream, they count from its start.
    Raises VideoError, on opening, for what is missing, is no video or has no frame. A damaged file
    gives the frames that can be decoded; `errors` counts what was met of the damage.

    name         the place, without the password of a URL.
    path         of the file; None for a URL and standard input.
    format       what the frames are like.
    duration     in seconds, 0 if the file does not say.
    frame_count  what the file says, else an estimate from duration and rate, else 0.
    notes        a line for what is not used of it, or why it broke off.
    live         False: all of its frames are wanted.
    tracks       its sound and subtitles, for a sink.
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
            self._begin()
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """No frame comes any more. From any thread; who waits for one waits no longer than for the
        data that are on their way: those of a URL come, or fail to, within `timeout`."""
        self._stopped = True
        if self._pipe:
            self._pipe.stop()

    def close(self) -> None:
        """Not while another thread waits for a frame."""
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
    def errors(self) -> int:
        """How much damage FFmpeg has told of so far; 0 of a whole file."""
        return self._decoding.errors

    def __iter__(self) -> Iterator[Frame]:
        self.side_streams.begin()
        time_base = self.format.time_base
        step = max(1, round(1 / (self.fps * time_base)))
        pts = self.format.start - step
        for index, picture in enumerate(self._all_pictures()):
            if self._stopped:
                return
            captured = perf_counter()
            pts = timing.next_pts(picture, pts, step, self._shift)
            yield Frame(
                image=self._pictures.image(picture),
                time=float(pts * time_base),
                pts=pts,
                duration=picture.duration or step,
                time_base=time_base,
                index=index,
                captured=captured,
            )

    def _open(self, place: str | Path, timeout: float) -> InputContainer:
        if str(place) == opening.STANDARD_INPUT:
            container, self._pipe = opening.open_pipe()
            return container
        if opening.is_url(place):
            return opening.open_url(str(place), timeout)
        self.path = Path(place)
        return opening.open_file(self.path)

    def _begin(self) -> None:
        """Reads up to the first frame."""
        stream = self._video_stream()
        offset = timing.offset(self._container)
        self.side_streams = SideStreams(self._container, stream, offset)
        self._decoding = Decoding(self._container, stream, self.side_streams)
        self._decoded = iter(self._decoding)
        first = next(self._decoded, None)
        self._raise_interrupt()
        if first is None:
            hint = "; some files cannot be read from a pipe" if self._pipe else ""
            raise VideoError(f"{self.name}: no frame can be decoded{hint}")
        self._first = first
        self._pictures = Pictures(first)
        fps = timing.rate(stream)
        time_base = timing.fraction(stream.time_base) or 1 / fps
        self._shift = round(offset / time_base)
        aspect = timing.fraction(stream.sample_aspect_ratio) or Fraction(1)
        self.duration = timing.duration(self._container, stream)
        self.frame_count = stream.frames or round(self.duration * fps)
        context = stream.codec_context
        self.format = VideoFormat(
            size=self._pictures.size,
            fps=fps,
            time_base=time_base,
            start=0 if first.pts is None else first.pts - self._shift,
            aspect=1 / aspect if self._pictures.turned else aspect,
            colors=(context.colorspace, context.color_trc, context.color_primaries),
        )

    def _video_stream(self) -> VideoStream:
        cover = Disposition.attached_pic  # the picture of an audio file
        streams = [s for s in self._container.streams.video if not s.disposition & cover]
        if not streams:
            raise VideoError(f"{self.name}: no video stream")
        if len(streams) > 1:
            self.notes.append(f"only the first of {len(streams)} video streams is used")
        if streams[0].codec_context is None:
            raise VideoError(f"{self.name}: no decoder for its video stream")
        streams[0].thread_type = "AUTO"
        return streams[0]

    def _all_pictures(self) -> Iterator[VideoFrame]:
        yield self._first
        yield from self._decoded
        self._raise_interrupt()
        if self._decoding.broken:
            self.notes.append(f"it breaks off: {self._decoding.broken}")

    def _raise_interrupt(self) -> None:
        if self._pipe and self._pipe.interrupt:
            raise self._pipe.interrupt

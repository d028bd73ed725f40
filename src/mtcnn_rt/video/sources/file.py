"""Reads frames from a video file, a URL or standard input."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from time import perf_counter

from mtcnn_rt._packages import importing

with importing(__name__):
    from av.error import BlockingIOError, FFmpegError
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._closing import Closing
from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._log import LOG
from mtcnn_rt.video.frame import Frame, Source, VideoError, VideoFormat
from mtcnn_rt.video.planar_frame import PlanarFrame
from mtcnn_rt.video.sources import opening, timing
from mtcnn_rt.video.sources.beside_pixels import beside_pixels
from mtcnn_rt.video.sources.choosing import choose_video
from mtcnn_rt.video.sources.close_after_use import CloseAfterUse
from mtcnn_rt.video.sources.decoding import Decoded, Decoding
from mtcnn_rt.video.sources.seeking import sought
from mtcnn_rt.video.sources.side_streams import SideStreams
from mtcnn_rt.video.sources.span import Span
from mtcnn_rt.video.sources.streams import decoding_of, format_of, open_decoder
from mtcnn_rt.video.sources.truncation import missing_of
from mtcnn_rt.video.sources.upright import UprightConverter
from mtcnn_rt.video.sources.webp import WebPAnimation, animation_in


class FileSource(Closing, Source):
    """Gives the frames of a video stream of anything that FFmpeg reads, and of animated WebP.

    Frames come once, in display order, upright, all of one size; a second loop goes on where the
    first has ended. Their times are those of the file. In formats whose clock starts anywhere, such
    as transport streams, times count from the start, and go on where the clock starts again; those
    of network cameras count from the start as well. Transparent parts are black. A damaged file
    gives the frames that can be decoded; see `errors` and `incomplete`.

    Args:
        place: A path; a URL such as http://... or rtsp://...; or - for standard input.
        timeout: Longest time for a URL to answer, on opening and for each packet, in seconds.
        stream: Number of the stream among the video streams, from 0; None takes the one with the
            largest frames.
        max_pixels: Most pixels of a frame.
        start: Where to begin, in seconds: with the frame that is shown then. Times count from
            there, also those of sound, subtitles and chapters. Where the container can seek, frames
            are decoded from a key frame on that comes 10 seconds before or earlier; else, and where
            subtitles are copied, from the beginning.
        end: Where to end, in seconds; None is the end of the video.

    Attributes:
        name: The place, without the password of a URL.
        path: Of the file; None for a URL and standard input.
        format: The properties that all frames share.
        duration: Of the whole file in seconds; 0 if it has none.
        frame_count: As the file has it, else estimated, else 0.
        notes: A line for each thing that the user may want to know, such as the choice among
            several streams, transparent parts, or the reason of an early end.
        incomplete: After the last frame: what came of what the file announces, such as "it has 900
            of at least 1000 bytes"; "" if all came up to `end`, or the file announces nothing.
        live: False: all frames are wanted.
        side_streams: Its audio and subtitle streams, for a sink.

    Raises:
        VideoError: On opening: the place does not exist, is no video, has no frame or no such
            stream, or frames of too many pixels. Later: no frame comes after `start`.
        ValueError: `start` is negative, or `end` not after it.
        TypeError: `place` is no path.

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
    incomplete: str
    side_streams: SideStreams
    live = False

    def __init__(
        self,
        place: str | Path,
        timeout: float = 10,
        *,
        stream: int | None = None,
        max_pixels: int = MAX_PIXELS,
        start: float | Fraction = 0,
        end: float | Fraction | None = None,
    ) -> None:
        self._again = partial(
            FileSource, place, timeout, stream=stream, max_pixels=max_pixels, start=start, end=end
        )
        self.name = opening.name_of(place)
        self.notes = []
        self.incomplete = ""
        self._max_pixels = max_pixels
        self._stopped = self._given_up = False
        self._span = Span.of(start, end)
        if opening.is_url(place):
            try:
                opening.answered(self.name, timeout, lambda: self._open(place, timeout, stream))
            except BaseException:
                self._given_up = True
                raise
        else:
            self._open(place, timeout, stream)
        self._frames = CloseAfterUse[Decoded](self._container.close)
        self._given: Iterator[Frame] | None = None

    def _open(self, place: str | Path, timeout: float, stream: int | None) -> None:
        """Opens the place, and reads its first frame."""
        opened = opening.open_place(place, timeout, self._max_pixels)
        self._container, self._pipe, self.path = opened
        try:
            self._read_first_frame(self._video_stream(stream))
            if self._given_up:  # it was too late
                self._container.close()
        except BaseException:
            self._container.close()
            raise

    def reopened(self) -> FileSource:
        """Returns another source of the same place, with the same arguments."""
        return self._again()

    def stop(self) -> None:
        """Ends the frames; may be called from any thread.

        A reader waits no longer than for the data on their way: those of a URL come, or fail to
        come, within `timeout`.
        """
        self._stopped = True
        if self._pipe:
            self._pipe.stop()

    def close(self) -> None:
        """Closes the file; where another thread waits for a frame, as soon as that has come."""
        self._given = None  # it refers to this source
        self._frames.close()

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
        """Gives the frames, once: a second loop goes on where the first has ended."""
        if self._given is None:
            self._given = self._give()
        return self._given

    def _give(self) -> Iterator[Frame]:
        self.side_streams.end_selection()
        time_base = self.format.time_base
        shown = self._span.shown(self._timed_frames(), time_base)
        index = -1
        for index, ((decoded, mask), pts, duration) in enumerate(shown):
            captured = perf_counter()
            times = (float(pts * time_base), pts, duration, time_base, index, captured)
            planes = self._converter.planes(decoded, mask)
            if planes is None:
                yield Frame(self._convert(decoded, mask), *times)
            else:
                yield PlanarFrame(planes, *times)
        if self._stopped or self._frames.closed:
            return
        if self._span.length is not None:
            self._decoding.read_on(self._span.length)
        if index < 0:
            raise VideoError(f"{self.name}: no frame from {float(self._span.start):g} s on")

    def _timed_frames(self) -> Iterator[tuple[Decoded, int, int]]:
        """Gives all decoded frames, with their times and durations."""
        step = max(1, round(1 / (self.fps * self.format.time_base)))
        pts = (self._first[0].pts or 0) - step
        for decoded, mask in self._decoded_frames():
            if self._stopped:
                return
            pts = timing.next_pts(decoded, pts, step)
            yield (decoded, mask), pts, decoded.duration or step

    def _read_first_frame(self, stream: VideoStream) -> None:
        """Reads up to the first frame, and sets what is known of the video."""
        self._stream = stream
        animation = animation_in(self._container, self.path, self._span.start)
        self._decoding: Decoding | WebPAnimation
        if animation is None:
            self._span = self._span.aligned(timing.fraction(stream.time_base))
            self._decoding = decoding_of(self._container, stream, self._span, self.notes)
            self.side_streams = self._decoding.side_streams
        else:
            self._check_pixels(*animation.size)
            self._decoding = animation
            self.side_streams = SideStreams(self._container, stream, ())
        self._rest = iter(self._decoding)
        first = next(self._rest, None)
        self._raise_interrupt()
        if first is None:
            raise self._no_frame(stream.codec_context.width)
        self._first = first
        self._check_pixels(first[0].width, first[0].height)
        self.side_streams.beside_pixels = beside_pixels(first[0])
        self._converter = UprightConverter(first[0])
        times = animation or timing.times_of(self._container, stream)
        self.duration = times.duration
        self.frame_count = self._span.frames_in(times.frames, times.duration, times.rate)
        about = stream, first, self._converter, times.rate, times.time_base
        self.format = format_of(*about, from_0=self._span.start > 0)
        text = "%s: opened, %s, %d x %d, %.2f fps"
        LOG.info(text, self.name, stream.codec_context.name, *self.size, float(self.fps))

    def _video_stream(self, number: int | None) -> VideoStream:
        """Returns the video stream to use, whose decoder is open."""
        try:
            stream = choose_video(self._container, number)
        except ValueError as error:
            raise VideoError(f"{self.name}: {error}") from None
        width, height = stream.codec_context.width, stream.codec_context.height
        self._check_pixels(width, height)
        try:
            open_decoder(stream, self._max_pixels)
        except BlockingIOError:  # there are no threads
            raise
        except FFmpegError as error:
            raise self._no_frame(width) from error
        return stream

    def _no_frame(self, width: int) -> VideoError:
        """Returns the error of an input without frames, whose width is 0 if FFmpeg refuses it."""
        hint = "; some files cannot be read from a pipe" if self._pipe else ""
        size = "" if width else f" of up to {self._max_pixels} pixels"
        return VideoError(f"{self.name}: no frame{size} can be decoded{hint}")

    def _check_pixels(self, width: int, height: int) -> None:
        """Raises VideoError for frames that are too large."""
        if width * height > self._max_pixels:
            why = f"frames of {width} x {height} have more than the {self._max_pixels} pixels"
            raise VideoError(f"{self.name}: {why} that are allowed")

    def _convert(self, frame: VideoFrame, mask: VideoFrame | None) -> Pixels:
        """Returns the image of a frame; notes the first one with transparent parts."""
        image = self._converter.convert(frame, mask)
        if self._converter.transparent or self._decoding.transparent:
            note = "transparent parts are black"
            self.notes += [note] if note not in self.notes else []
        return image

    def _decoded_frames(self) -> Iterator[Decoded]:
        """Gives all decoded frames; notes the reason of an early end."""
        yield from self._frames.each(self._all_frames())
        if self._frames.closed:
            return
        self._raise_interrupt()
        if self._decoding.broken:
            self.notes.append(f"ended early: {self._decoding.broken}")
        end, position = float(self._decoding.end + self._span.start), self._decoding.position
        self.incomplete = missing_of(self._container, self._stream, self.path, end, position)

    def _all_frames(self) -> Iterator[Decoded]:
        """Gives the frames from the beginning, or from a key frame before the start."""
        frames = None
        if self._pipe is None and isinstance(self._decoding, Decoding):
            frames = sought(self._container, self._stream, self._decoding, self._span.start)
        if frames is None:
            yield self._first
        yield from frames or self._rest

    def _raise_interrupt(self) -> None:
        """Raises the KeyboardInterrupt that came while FFmpeg read from the pipe, if any."""
        if self._pipe and self._pipe.interrupt:
            raise self._pipe.interrupt

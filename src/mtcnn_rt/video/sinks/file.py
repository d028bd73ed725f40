"""Where frames go: a video file, finished or absent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType

import av
from av.container import OutputContainer

from mtcnn_rt._files import finished_file, same_file
from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.sinks.copies import Copies
from mtcnn_rt.video.sinks.encoder import CODECS, VideoEncoder, container_options, usual_codec
from mtcnn_rt.video.sinks.gif import GifEncoder
from mtcnn_rt.video.sources.file import FileSource

__all__ = ["CODECS", "FileSink"]


class FileSink:
    """Writes frames to a video file, each at its own time.

        with FileSource("in.mp4") as source, FileSink("out.mp4", source.format, source) as sink:
            for frame in source:
                sink.write(frame)

    The file appears under its name at the end of the block; an exception or Ctrl-C leaves nothing.

    path       the extension decides the file type, see `CODECS`.
    video      what the frames are like.
    copy_from  where sound, subtitles, chapters and description come from; its frames must not have
               been asked for yet. What the file type cannot hold is converted or left out.
    audio      whether sound is copied.
    subtitles  whether subtitles are copied.
    codec      FFmpeg's name of an encoder; None is the usual one, see `CODECS`.
    quality    a constant rate factor on the scale of H.264, 0 to 51, lower is better; None is the
               encoder's usual one.
    preset     how much time to take, by x264's names, such as veryfast or slow; None is usual.
    overwrite  whether a file that exists is replaced.

    `notes` has a line for everything that is not as it was or not as it was asked for; the last
    ones come on closing. Raises VideoError: an unknown file type or encoder, a folder that is
    missing or cannot be written, a full disk, an output that is the input, and, unless `overwrite`,
    one that exists, be it only at the end.
    """

    path: Path
    notes: list[str]

    def __init__(
        self,
        path: str | Path,
        video: VideoFormat,
        copy_from: FileSource | None = None,
        *,
        audio: bool = True,
        subtitles: bool = True,
        codec: str | None = None,
        quality: int | None = None,
        preset: str | None = None,
        overwrite: bool = False,
    ) -> None:
        self.path = Path(path)
        self.notes = []
        self._copies: Copies | None = None
        self._empty = True
        _check_path(self.path, copy_from.path if copy_from else None)
        with self._naming_errors(), ExitStack() as opened:
            temporary = opened.enter_context(finished_file(self.path, overwrite))
            # An absolute path, since FFmpeg takes what stands before a colon for a protocol.
            options = container_options(video)
            self._output = av.open(temporary.resolve(), "w", container_options=options)
            opened.callback(_close_unfinished, self._output)
            self._video = self._video_track(video, codec, quality, preset)
            if copy_from:
                extension = self.path.suffix.lower()
                tracks = copy_from.side_streams
                self._copies = Copies(tracks, self._output, extension, audio, subtitles)
                self.notes += self._copies.notes
            self._output.start_encoding()
            self._opened = opened.pop_all()

    def __enter__(self) -> FileSink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._opened.__exit__(kind, error, traceback)

    def write(self, frame: Frame) -> None:
        """Raises VideoError where the file cannot be written any more."""
        self._empty = False
        with self._naming_errors():
            self._output.mux(self._video.encode(frame))
            if self._copies:
                self._copies.write_until(frame.time)

    def close(self) -> None:
        """Finishes the file and gives it its name. Once is enough; the `with` block does it.

        Of no frames there is no file, but a note. Raises VideoError where the file cannot be
        finished, which leaves none."""
        if self._empty:
            self.notes.append(f"no frames: {self.path} is not written")
            self._opened.__exit__(_NoFramesError, _NoFramesError(), None)
            return
        with self._naming_errors(), self._opened:
            self._output.mux(self._video.finish())
            if self._copies:
                known = len(self._copies.notes)
                self._copies.finish()
                self.notes += self._copies.notes[known:]
            if isinstance(self._video, GifEncoder) and self._video.left_out:
                self.notes.append(f"{self._video.left_out} frames left out: gif has 50 a second")
            self._output.close()

    def _video_track(
        self, video: VideoFormat, codec: str | None, quality: int | None, preset: str | None
    ) -> VideoEncoder | GifEncoder:
        extension = self.path.suffix.lower()
        if codec is None:
            codec = usual_codec(extension, video)
            if codec != CODECS[extension][0]:
                self.notes.append(f"encoded as {codec}: FFmpeg here has no {CODECS[extension][0]}")
        if codec == "gif" and extension == ".gif":
            return GifEncoder(self._output, video, quality, preset)
        return VideoEncoder(self._output, video, codec, quality, preset)

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except FileExistsError as error:
            raise VideoError(f"{self.path}: exists, and is not to be overwritten") from error
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"{self.path}: cannot be written: {error.strerror}") from error


class _NoFramesError(Exception):
    """Goes through what is open, so that it leaves nothing."""


def _check_path(path: Path, source: Path | None) -> None:
    if path.suffix.lower() not in CODECS:
        raise VideoError(f"{path}: cannot write this file type, only {', '.join(CODECS)}")
    if not path.parent.is_dir():
        raise VideoError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise VideoError(f"{path}: is a folder")
    if source and same_file(path, source):
        raise VideoError(f"{path}: is the input, which is never overwritten")


def _close_unfinished(output: OutputContainer) -> None:
    with suppress(av.FFmpegError):
        output.close()

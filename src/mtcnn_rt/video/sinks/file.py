"""Writes frames to a video file, which is either finished or absent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType

from mtcnn_rt._packages import importing

with importing(__name__):
    import av
    from av.container import OutputContainer

from mtcnn_rt._files.finished import finished_file, same_file
from mtcnn_rt._files.paths import NO_SUCH, check_path
from mtcnn_rt._log import LOG
from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.sinks.copies import Copies
from mtcnn_rt.video.sinks.encoder import CODECS, VideoEncoder, container_options, usual_codec
from mtcnn_rt.video.sinks.encoder_options import keeps_fields
from mtcnn_rt.video.sinks.frame_check import FrameCheck
from mtcnn_rt.video.sinks.gif import GifEncoder
from mtcnn_rt.video.sources.file import FileSource

__all__ = ["CODECS", "FileSink"]


class FileSink:
    """Writes frames to a video file, each at its own time; use it in a `with` block.

    The file appears under its name at the end of the block; an exception or Ctrl-C leaves no file.

    Args:
        path: The file; its extension decides the file type, see `CODECS`.
        video: The properties that all frames share.
        copy_from: Source of audio, subtitles, chapters and metadata, whose frames were not read
            yet. Streams that the file type cannot hold are converted or left out.
        audio: True copies audio.
        subtitles: True copies subtitles.
        metadata: True copies metadata, chapters, attachments and titles of streams. False leaves
            them out: they may have the place, the names and the device.
        codec: FFmpeg's name of an encoder; None is the usual one, see `CODECS`.
        quality: Constant rate factor on the scale of H.264, 0 to 51, lower is better; None is the
            encoder's usual one.
        preset: Speed of the encoder by x264's names, such as veryfast or slow; None is the
            encoder's usual one.
        overwrite: True replaces a file that exists.

    Attributes:
        path: The file.
        notes: A line for each thing that differs from the input or the arguments; the last ones
            come on closing.
        damaged: After closing: number of audio and subtitle packets that could not be copied.

    Raises:
        VideoError: The file type or encoder is unknown, the folder is missing or cannot be written,
            the disk is full, the output is the input, or, without `overwrite`, a file exists, on
            opening or on closing.
        RuntimeError: The frames of `copy_from` were read already, or another sink copies from it.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> import mtcnn_rt
        >>> clip = Path(mtcnn_rt.__file__).with_name("sample.mp4")
        >>> with TemporaryDirectory() as folder:
        ...     output = Path(folder) / "out.mp4"
        ...     with FileSource(clip) as source, FileSink(output, source.format, source) as sink:
        ...         for frame in source:
        ...             sink.write(frame)
        ...     output.exists()
        True
    """

    path: Path
    notes: list[str]
    damaged: int

    def __init__(
        self,
        path: str | Path,
        video: VideoFormat,
        copy_from: FileSource | None = None,
        *,
        audio: bool = True,
        subtitles: bool = True,
        metadata: bool = True,
        codec: str | None = None,
        quality: int | None = None,
        preset: str | None = None,
        overwrite: bool = False,
    ) -> None:
        check_path("path", path)
        if path == "":  # `Path` would take it for the current folder
            raise VideoError(f"{path!r}: {NO_SUCH}")
        self.path = Path(path)
        self.notes = []
        self.damaged = 0
        self._copies: Copies | None = None
        self._empty = True
        self._frames = FrameCheck(video)
        _check_path(self.path, copy_from.path if copy_from else None)
        with self._naming_errors(), ExitStack() as opened:
            temporary = opened.enter_context(finished_file(self.path, overwrite))
            # An absolute path, since FFmpeg takes the text before a colon for a protocol.
            options = container_options(video)
            self._output = av.open(temporary.resolve(), "w", container_options=options)
            opened.callback(_close_unfinished, self._output)
            self._encoder = self._new_encoder(video, codec, quality, preset)
            if copy_from:
                extension = self.path.suffix.lower()
                self._copies = Copies(
                    copy_from.side_streams, self._output, extension, audio, subtitles, metadata
                )
                self.notes += self._copies.notes
            self._output.start_encoding()
            self._opened = opened.pop_all()

    def __enter__(self) -> FileSink:
        """Returns the sink, which the end of the `with` block closes."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finishes the file, or removes it after an exception."""
        if kind is None:
            self.close()
        else:
            self._opened.__exit__(kind, error, traceback)

    def write(self, frame: Frame) -> None:
        """Writes a frame, and the packets of other streams up to its time.

        Raises:
            VideoError: The file cannot be written any more, such as on a full disk.
            TypeError: It is no frame.
            ValueError: It has another size than the video, or is not later than the one before.
        """
        self._frames.check(frame)
        self._empty = False
        with self._naming_errors():
            self._output.mux(self._encoder.encode(frame))
            if self._copies:
                self._copies.write_until(frame.time)

    def close(self) -> None:
        """Finishes the file and gives it its name; the `with` block does this.

        Without frames there is no file, but a note.

        Raises:
            VideoError: The file cannot be finished; none is left.
        """
        if self._empty:
            self.notes.append(f"no frames: {self.path} is not written")
            self._opened.__exit__(_NoFramesError, _NoFramesError(), None)
            return
        with self._naming_errors(), self._opened:
            self._output.mux(self._encoder.finish())
            if self._copies:
                known = len(self._copies.notes)
                self._copies.finish()
                self.notes += self._copies.notes[known:]
                self.damaged = self._copies.damaged
            if isinstance(self._encoder, GifEncoder) and self._encoder.left_out:
                self.notes.append(f"{self._encoder.left_out} frames left out: gif has 50 a second")
            self._output.close()

    def _new_encoder(
        self, video: VideoFormat, codec: str | None, quality: int | None, preset: str | None
    ) -> VideoEncoder | GifEncoder:
        """Adds the video stream to the output."""
        extension = self.path.suffix.lower()
        if codec is None:
            codec = usual_codec(extension, video)
            if codec != CODECS[extension][0]:
                missing = f"this build of FFmpeg has no {CODECS[extension][0]}"
                self.notes.append(f"encoded as {codec}: {missing}")
        if video.fields and not keeps_fields(codec, video):
            self.notes.append(f"interlaced frames are written as progressive ones by {codec}")
        LOG.info("%s: written with the encoder %s", self.path, codec)
        try:
            if codec == "gif" and extension == ".gif":
                return GifEncoder(self._output, video, quality, preset)
            return VideoEncoder(self._output, video, codec, quality, preset)
        except VideoError as error:
            raise VideoError(f"{self.path}: {error}") from error.__cause__

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        """Turns the errors of the block into a VideoError that names the file."""
        try:
            yield
        except FileExistsError as error:
            raise VideoError(str(error)) from error
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"{self.path}: cannot be written: {error.strerror}") from error


class _NoFramesError(Exception):
    """Unwinds the open files of a sink without frames, so that no file is left."""


def _check_path(path: Path, source: Path | None) -> None:
    """Raises VideoError for an output that cannot be written."""
    if path.suffix.lower() not in CODECS:
        raise VideoError(f"{path}: cannot write this file type, only {', '.join(CODECS)}")
    if not path.parent.is_dir():
        raise VideoError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise VideoError(f"{path}: is a folder")
    if source and same_file(path, source):
        raise VideoError(f"{path}: is the input, which is never overwritten")


def _close_unfinished(output: OutputContainer) -> None:
    """Closes an output whose file is removed."""
    with suppress(av.FFmpegError):
        output.close()

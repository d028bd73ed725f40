"""Where frames go: a video file, finished or absent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter

from mtcnn_rt.files import finished_file, same_file
from mtcnn_rt.video.audio import AudioCopy
from mtcnn_rt.video.encoder import add_video_stream, container_options
from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat

CODECS = {".mp4": "libx264", ".mov": "libx264", ".mkv": "libx264", ".webm": "libvpx-vp9"}
"""The file types that can be written, each with FFmpeg's name of its usual encoder."""


class FileSink:
    """Writes frames to a video file, each at its own time.

        with FileSink("out.mp4", source.format, audio_from=source.path) as sink:
            sink.write(frame)

    The file appears under its name at the end of the block; an exception or Ctrl-C leaves nothing.

    path        the extension decides the file type, see `CODECS`.
    video       what the frames are like.
    audio_from  a file whose audio is copied without encoding it again; None is no audio.
    codec       FFmpeg's name of an encoder; None is the usual one.
    quality     the encoder's constant rate factor, lower is better; None is the usual one.

    `notes` has a line for everything that had to be left out. Raises VideoError: an unknown file
    type or encoder, a folder that is missing or cannot be written, a full disk, an output that is
    the input, and, unless `overwrite`, one that exists, be it only at the end.
    """

    path: Path
    notes: list[str]

    def __init__(
        self,
        path: str | Path,
        video: VideoFormat,
        *,
        audio_from: str | Path | None = None,
        codec: str | None = None,
        quality: int | None = None,
        overwrite: bool = False,
    ) -> None:
        self.path = Path(path)
        self.notes = []
        self._reformatter = VideoReformatter()
        _check_path(self.path, audio_from)
        with self._naming_errors(), ExitStack() as opened:
            temporary = opened.enter_context(finished_file(self.path, overwrite))
            # An absolute path, since FFmpeg takes what stands before a colon for a protocol.
            options = container_options(video)
            self._output = av.open(temporary.resolve(), "w", container_options=options)
            opened.callback(_close_unfinished, self._output)
            codec = codec or CODECS[self.path.suffix.lower()]
            self._stream = add_video_stream(self._output, video, codec, quality)
            self._audio = AudioCopy(audio_from, self._output) if audio_from else None
            if self._audio:
                opened.callback(self._audio.close)
                self.notes = self._audio.notes
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
        stream = self._stream
        bgr = VideoFrame.from_ndarray(frame.image, format="bgr24")
        bgr.colorspace = stream.codec_context.colorspace
        picture = self._reformatter.reformat(
            bgr, stream.width, stream.height, stream.pix_fmt, dst_color_range=ColorRange.MPEG
        )
        picture.pts, picture.duration = frame.pts, frame.duration
        picture.time_base = frame.time_base
        with self._naming_errors():
            self._output.mux(stream.encode(picture))
            if self._audio:
                self._audio.copy_until(frame.time)

    def close(self) -> None:
        """Finishes the file and gives it its name. Once is enough; the `with` block does it."""
        with self._naming_errors(), self._opened:
            self._output.mux(self._stream.encode(None))
            if self._audio:
                self._audio.copy_until(math.inf)
            self._output.close()

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except FileExistsError as error:
            raise VideoError(f"{self.path}: exists, and is not to be overwritten") from error
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"{self.path}: cannot be written: {error.strerror}") from error


def _check_path(path: Path, audio_from: str | Path | None) -> None:
    if path.suffix.lower() not in CODECS:
        raise VideoError(f"{path}: cannot write this file type, only {', '.join(CODECS)}")
    if not path.parent.is_dir():
        raise VideoError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise VideoError(f"{path}: is a folder")
    if audio_from and same_file(path, Path(audio_from)):
        raise VideoError(f"{path}: is the input, which is never overwritten")


def _close_unfinished(output: OutputContainer) -> None:
    with suppress(av.FFmpegError):
        output.close()

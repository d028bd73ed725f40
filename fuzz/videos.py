"""Reads and copies mutated videos: frames, or a VideoError that names the file."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from contextlib import suppress
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource

MOST = 1_000_000  # pixels of a frame
FRAMES = 20  # that are read
COPIED = 0.2
"""Share of the inputs that are written to another file, with their other streams."""
KINDS = (
    *(("mp4", "libx264", "aac"), ("mov", "mjpeg", "pcm_s16le"), ("mkv", "libx264", "aac")),
    *(("webm", "libvpx", "libopus"), ("avi", "mpeg4", "libmp3lame"), ("ts", "libx264", "aac")),
    *(("flv", "flv", "libmp3lame"), ("mpg", "mpeg2video", "mp2"), ("nut", "ffv1", "flac")),
    *(("gif", "gif", ""), ("apng", "apng", ""), ("webp", "libwebp_anim", ""), ("y4m", "", "")),
)
"""Container, video and audio codec of the seeds that this build of FFmpeg can write."""
PIXELS = {"mjpeg": "yuvj420p", "gif": "rgb8", "apng": "rgba", "libwebp_anim": "bgra"}

_FOLDER = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)


def target(content: bytes) -> None:
    """Reads the video, and copies some of them."""
    file, copy = _FOLDER / "file.bin", _FOLDER / "copy.mkv"
    file.write_bytes(content)
    try:
        with FileSource(file, max_pixels=MOST) as source:
            width, height = source.size
            assert 0 < width * height <= MOST
            if sum(content) % 100 < 100 * COPIED:
                _copy(source, copy)
            else:
                for frame in islice(source, FRAMES):
                    assert frame.image.shape == (height, width, 3)
    except VideoError as error:
        assert "file.bin" in str(error) or "copy.mkv" in str(error), error
        assert "\n" not in str(error), error
    finally:
        copy.unlink(missing_ok=True)


def _copy(source: FileSource, copy: Path) -> None:
    with FileSink(copy, source.format, source, codec="mpeg4") as sink:
        for frame in islice(source, FRAMES):
            sink.write(frame)


def seeds() -> list[bytes]:
    """Returns a short video in each container."""
    found = []
    for extension, video, audio in KINDS:
        file = _FOLDER / f"seed.{extension}"
        with suppress(av.FFmpegError, ValueError):  # this build has no such encoder
            _write(file, video, audio)
            found.append(file.read_bytes())
    return found


def _write(file: Path, video: str, audio: str) -> None:
    with av.open(
        str(file), "w", format={"webp": "webp", "y4m": "yuv4mpegpipe"}.get(file.suffix[1:])
    ) as output:
        stream = output.add_stream(video or "wrapped_avframe", rate=10)
        stream.width, stream.height = 48, 32
        stream.pix_fmt = PIXELS.get(video, "yuv420p")
        sound = output.add_stream(audio, rate=48000, layout="mono") if audio else None
        for index in range(4):
            pixels = np.full((32, 48, 3), 60 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            output.mux(stream.encode(frame))
            if sound is not None:
                part = av.AudioFrame.from_ndarray(
                    np.zeros((1, 4800), np.int16), format="s16", layout="mono"
                )
                part.sample_rate, part.pts, part.time_base = 48000, 4800 * index, Fraction(1, 48000)
                output.mux(sound.encode(part))
        output.mux(stream.encode(None))
        if sound is not None:
            output.mux(sound.encode(None))

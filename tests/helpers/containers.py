"""Writes a short video with sound in every container that this build of FFmpeg can write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from helpers.clips import pattern
from mtcnn_rt.video.sinks.encoder_opening import usual_priority

FRAMES, FPS = 50, 25
_FAST = {"movflags": "+faststart"}
_LARGE = (176, 144)


@dataclass(frozen=True)
class Kind:
    """A container with its codecs; `states_end` is False if it has no length of the whole."""

    extension: str
    video: str
    audio: str = ""
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    format: str | None = None
    states_end: bool = True


KINDS = {
    "mp4": Kind("mp4", "libx264", "aac"),
    "mp4 faststart": Kind("mp4", "libx264", "aac", options=_FAST),
    "mp4 fragments": Kind("mp4", "libx264", "aac", options={"movflags": "+frag_keyframe"}),
    "mp4 live": Kind("mp4", "libx264", "aac", options={"movflags": "+frag_keyframe+empty_moov"}),
    "mp4 dash": Kind("mp4", "libx264", "aac", options={"movflags": "+dash"}),
    "mp4 hevc": Kind("mp4", "libx265", "aac", options=_FAST),
    "mp4 av1": Kind("mp4", "libsvtav1", "aac", options=_FAST),
    "mov mjpeg": Kind("mov", "mjpeg", "pcm_s16le", "yuvj420p", _FAST),
    "mov prores": Kind("mov", "prores_ks", "pcm_s16le", "yuv422p10le", _FAST),
    "mov png": Kind("mov", "png", "", "rgb24", _FAST),
    "3gp": Kind("3gp", "mpeg4", "aac", options=_FAST),
    "f4v": Kind("f4v", "libx264", "aac", options=_FAST),
    "ismv": Kind("ismv", "libx264", "aac"),
    "mkv": Kind("mkv", "libx264", "aac"),
    "mkv ffv1": Kind("mkv", "ffv1", "flac"),
    "mkv av1": Kind("mkv", "libsvtav1", "libopus"),
    "mkv live": Kind("mkv", "libx264", "aac", options={"live": "1"}),
    "webm vp8": Kind("webm", "libvpx", "libopus"),
    "webm vp9": Kind("webm", "libvpx-vp9", "libopus"),
    "webm av1": Kind("webm", "libsvtav1", "libopus"),
    "avi": Kind("avi", "mpeg4", "libmp3lame"),
    "avi mjpeg": Kind("avi", "mjpeg", "pcm_s16le", "yuvj420p"),
    "avi huffyuv": Kind("avi", "huffyuv", "pcm_s16le", "yuv422p"),
    "ts": Kind("ts", "libx264", "aac", states_end=False),
    "ts mpeg2": Kind("ts", "mpeg2video", "mp2", states_end=False),
    "m2ts": Kind("m2ts", "libx264", "ac3", states_end=False),
    "mpg": Kind("mpg", "mpeg2video", "mp2", states_end=False),
    "mpg mpeg1": Kind("mpg", "mpeg1video", "mp2", states_end=False),
    "vob": Kind("vob", "mpeg2video", "ac3", states_end=False),
    "flv": Kind("flv", "flv", "libmp3lame"),
    "flv h264": Kind("flv", "libx264", "aac"),
    "gif": Kind("gif", "gif", "", "rgb8"),
    "apng": Kind("apng", "apng", "", "rgb24"),
    "webp": Kind("webp", "libwebp_anim", "", "bgra", format="webp"),
    "avif": Kind("avif", "libsvtav1"),
    "nut": Kind("nut", "libx264", "aac"),
    "mxf": Kind("mxf", "mpeg2video", "pcm_s16le", "yuv422p"),
    "asf": Kind("asf", "msmpeg4", "libmp3lame"),
    "ogg vp8": Kind("ogg", "libvpx", "libopus"),
    "ivf vp8": Kind("ivf", "libvpx"),
    "ivf av1": Kind("ivf", "libsvtav1"),
    "rm": Kind("rm", "rv20", "ac3"),
    "swf": Kind("swf", "flv"),
    "wtv": Kind("wtv", "mpeg2video", "mp2"),
    "y4m": Kind("y4m", "wrapped_avframe", states_end=False),
    "h264": Kind("h264", "libx264", states_end=False),
    "mjpeg": Kind("mjpeg", "mjpeg", "", "yuvj420p", states_end=False),
}


def writable(kind: Kind) -> bool:
    """Returns True if this build of FFmpeg has the encoders."""
    codecs = [codec for codec in (kind.video, kind.audio) if codec]
    return all(codec in av.codecs_available for codec in codecs)


def write(
    path: Path,
    kind: Kind,
    frames: int = FRAMES,
    tags: Mapping[str, str] | None = None,
    matrix: tuple[int, ...] | None = None,
) -> Path:
    """Writes 25 frames per second, with a tone, and maybe with tags or turned by a matrix."""
    with av.open(path, "w", format=kind.format, container_options=kind.options) as output:
        output.metadata.update(tags or {})
        quiet = {"x265-params": "log-level=none"} if kind.video == "libx265" else {}
        video = output.add_stream(kind.video, rate=FPS, options=quiet)
        video.width, video.height = _LARGE
        video.pix_fmt = kind.pixels
        if matrix is not None:
            video.set_display_matrix(matrix)
        if kind.video == "libx264":
            video.codec_context.gop_size = 10
        if kind.video.startswith(("libx", "mpeg")):
            video.codec_context.max_b_frames = 0
        with usual_priority():
            video.codec_context.open()
        audio = output.add_stream(kind.audio, rate=48000, layout="stereo") if kind.audio else None
        tone = _Tone(audio) if audio else None
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(pattern(index, _LARGE), format="bgr24")
            frame = frame.reformat(format=kind.pixels)
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            output.mux(video.encode(frame))
            if tone:
                output.mux(tone.until((index + 1) / FPS))
        output.mux(video.encode(None))
        if audio:
            output.mux(audio.encode(None))
    return path


class _Tone:
    """Encodes a tone, piece by piece."""

    def __init__(self, stream):
        self.stream, self.pts = stream, 0
        stream.codec_context.open()
        self.samples = stream.codec_context.frame_size or 1024

    def until(self, seconds):
        packets = []
        while self.pts < seconds * 48000:
            sound = av.AudioFrame("s16", "stereo", self.samples)
            at = self.pts + np.arange(self.samples)
            wave = np.repeat(np.sin(at * 2 * np.pi * 440 / 48000) * 9000, 2)
            sound.planes[0].update(wave.astype(np.int16).tobytes())
            sound.sample_rate, sound.pts, sound.time_base = 48000, self.pts, Fraction(1, 48000)
            packets += self.stream.encode(sound)
            self.pts += self.samples
        return packets

"""Translates quality and preset into the options of each encoder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

import av
from av.codec.codec import UnknownCodecError
from av.codec.context import CodecContext, Flags
from av.container import OutputContainer

from mtcnn_rt.video.frame import VideoFormat
from mtcnn_rt.video.sinks.encoder_opening import open_encoder

TEE = "tee"
"""FFmpeg's muxer that gives packets to others."""

PRESETS = (
    *("ultrafast", "superfast", "veryfast", "faster", "fast"),
    *("medium", "slow", "slower", "veryslow"),
)
"""Presets of x264 and x265, fastest first; other encoders get the nearest of their own."""

_USUAL_QUALITY = 20
_BITS_A_PIXEL = 0.12  # at the usual quality, for an encoder without a constant quality
_HIGHEST_CRF = 51  # of H.264, and the scale of `quality`

_X26X = {
    "libx264": {"crf": "20", "preset": "superfast"},
    "libx265": {"crf": "23", "preset": "veryfast", "x265-params": "log-level=none"},
}
_VP9 = {"crf": "32", "deadline": "good", "cpu-used": "5", "row-mt": "1"}
_AV1 = {"crf": "32", "preset": "9"}
_LARGEST_CRF = 63  # of VP9 and AV1


@dataclass(frozen=True)
class Options:
    """Options of an encoder.

    Attributes:
        by_name: FFmpeg's options.
        bit_rate: In bits per second; 0 for none.
    """

    by_name: dict[str, str] = field(default_factory=dict)
    bit_rate: int = 0


def set_header(output: OutputContainer, encoder: CodecContext) -> None:
    """Gives an encoder the flag that RTMP needs; PyAV does so for other muxers than tee."""
    if output.format.name == TEE:
        encoder.flags |= Flags.global_header


def options_of(codec: str, video: VideoFormat, quality: int | None, preset: str | None) -> Options:
    """Returns the options of an encoder.

    Args:
        codec: FFmpeg's name of the encoder.
        video: The properties that all frames share.
        quality: Constant rate factor on the scale of H.264, 0 to 51; None is the usual one.
        preset: One of `PRESETS`; None is the usual one.

    Raises:
        ValueError: An option is out of its range, or the encoder has no such option.

    Example:
        >>> video = VideoFormat((640, 360), Fraction(25), Fraction(1, 25))
        >>> options_of("libx264", video, quality=18, preset="fast").by_name
        {'crf': '18', 'preset': 'fast'}
    """
    if quality is not None and not 0 <= quality <= _HIGHEST_CRF:
        raise ValueError(f"the quality is 0 to {_HIGHEST_CRF}, not {quality}")
    if preset is not None and preset not in PRESETS:
        raise ValueError(f"no preset {preset!r}, only {', '.join(PRESETS)}")
    if codec in _X26X:
        return Options(_X26X[codec] | _fields(codec, video) | _given(crf=quality, preset=preset))
    speed = None if preset is None else PRESETS.index(preset)
    crf = None if quality is None else round(quality * _LARGEST_CRF / _HIGHEST_CRF)
    if codec == "libvpx-vp9":
        level = None if speed is None else 8 - speed
        return Options(_VP9 | _given(crf=crf, **{"cpu-used": level}))
    if codec == "libsvtav1":
        level = None if speed is None else 12 - speed
        return Options(_AV1 | _given(crf=crf, preset=level))
    if preset is not None:
        raise ValueError("it has no presets")
    if codec == "gif":
        if quality is not None:
            raise ValueError("it has no quality")
        return Options()
    return Options(bit_rate=_bit_rate(video, _USUAL_QUALITY if quality is None else quality))


def without_delay(codec: str, options: Options) -> Options:
    """Returns options with which an encoder gives each frame at once, where it has such."""
    more = {
        "libx264": {"tune": "zerolatency"},
        "libx265": {"tune": "zerolatency"},
        "libvpx-vp9": {"deadline": "realtime", "lag-in-frames": "0"},
    }
    return replace(options, by_name=options.by_name | more.get(codec, {}))


def keeps_fields(codec: str, video: VideoFormat) -> bool:
    """Returns True if an encoder can mark the frames as made of two fields, for players."""
    return codec == "libx264" and video.size[1] % 4 == 0


def _fields(codec: str, video: VideoFormat) -> dict[str, str]:
    """Returns the options by which an encoder marks frames as made of two fields."""
    if not video.fields or not keeps_fields(codec, video):
        return {}
    return {"x264-params": f"fake-interlaced=1:{video.fields[0]}ff=1"}


def works(codec: str, video: VideoFormat) -> bool:
    """Returns True if this build of FFmpeg has an encoder, and it opens.

    A hardware encoder may be there and not work.
    """
    try:
        context = av.CodecContext.create(codec, "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height = (side + side % 2 for side in video.size)
        context.pix_fmt, context.time_base = "yuv420p", Fraction(1, 25)
        open_encoder(context)
    except (UnknownCodecError, av.FFmpegError):
        return False
    return True


def _given(**options: str | int | None) -> dict[str, str]:
    """Returns the options that are not None, as FFmpeg takes them."""
    return {name: str(value) for name, value in options.items() if value is not None}


def _bit_rate(video: VideoFormat, quality: int) -> int:
    """Returns a bit rate for a quality.

    Six steps of the constant rate factor halve the bits, approximately.
    """
    width, height = video.size
    return round(width * height * video.fps * _BITS_A_PIXEL * 2 ** ((_USUAL_QUALITY - quality) / 6))

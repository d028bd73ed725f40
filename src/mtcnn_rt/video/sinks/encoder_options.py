"""What quality and speed are called by the encoders."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import av
from av.codec.codec import UnknownCodecError

from mtcnn_rt.video.frame import VideoFormat

PRESETS = (
    *("ultrafast", "superfast", "veryfast", "faster", "fast"),
    *("medium", "slow", "slower", "veryslow"),
)
"""x264's and x265's, fastest first; other encoders get what is nearest."""

_USUAL_QUALITY = 20
_BITS_A_PIXEL = 0.12  # of an encoder that knows no constant quality, at the usual quality
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
    """FFmpeg's options of an encoder, and a bit rate in bits a second, 0 for none."""

    by_name: dict[str, str] = field(default_factory=dict)
    bit_rate: int = 0


def options_of(codec: str, video: VideoFormat, quality: int | None, preset: str | None) -> Options:
    """`quality` is on the scale of H.264's constant rate factor, `preset` one of `PRESETS`.

    Raises ValueError: out of range, or not for this encoder."""
    if quality is not None and not 0 <= quality <= _HIGHEST_CRF:
        raise ValueError(f"the quality is 0 to {_HIGHEST_CRF}, not {quality}")
    if preset is not None and preset not in PRESETS:
        raise ValueError(f"no preset {preset!r}, only {', '.join(PRESETS)}")
    if codec in _X26X:
        return Options(_X26X[codec] | _given(crf=quality, preset=preset))
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


def works(codec: str, video: VideoFormat) -> bool:
    """Whether the encoder is there and opens: one in hardware may be there and not work."""
    try:
        context = av.CodecContext.create(codec, "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height = (side + side % 2 for side in video.size)
        context.pix_fmt, context.time_base = "yuv420p", Fraction(1, 25)
        context.open()
    except (UnknownCodecError, av.FFmpegError):
        return False
    return True


def _given(**options: str | int | None) -> dict[str, str]:
    return {name: str(value) for name, value in options.items() if value is not None}


def _bit_rate(video: VideoFormat, quality: int) -> int:
    """Six steps of the constant rate factor are about half the bits."""
    width, height = video.size
    return round(width * height * video.fps * _BITS_A_PIXEL * 2 ** ((_USUAL_QUALITY - quality) / 6))

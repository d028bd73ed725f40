"""Encodes audio again that the output cannot hold as it is."""

from __future__ import annotations

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.format import AudioFormat
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer

from mtcnn_rt.video.sinks.converter import AnyPacket, Converter
from mtcnn_rt.video.sinks.encoder_options import set_header
from mtcnn_rt.video.sinks.untrimmed import untrimmed

_BITS_A_CHANNEL = 64_000  # a second
_USUAL_RATE = 48_000  # samples a second
_STEREO = "stereo"
_USUAL_LAYOUTS = dict(enumerate(("mono", _STEREO, "3.0", "quad", "5.0", "5.1", "6.1", "7.1"), 1))
"""Layouts that encoders accept, by their number of channels."""


class ReencodedAudio(Converter):
    """Adds an audio stream to an output, and encodes the audio of an input's stream for it.

    Args:
        source: The input's stream.
        output: The output.
        codec: FFmpeg's name of an encoder.

    Raises:
        av.FFmpegError: The encoder cannot be opened.
        ValueError: This build of FFmpeg has no such encoder.
    """

    def __init__(self, source: AudioStream, output: OutputContainer, codec: str) -> None:
        self._decoder = untrimmed(source).codec_context
        self._resampler: AudioResampler | None = None
        self._resampled = ""
        rate = _rate(codec, source.rate)
        layout = _layout(codec, source.layout, rate)
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = layout
        stream.codec_context.bit_rate = _BITS_A_CHANNEL * layout.nb_channels
        set_header(output, stream.codec_context)
        stream.codec_context.open()
        self.stream = stream

    def convert(self, packet: AnyPacket) -> list[AnyPacket]:
        """Returns the output's packets that a packet of the input makes ready.

        Raises:
            av.FFmpegError: The packet cannot be decoded.
        """
        return self._encode(self._decoder.decode(packet))

    def finish(self) -> list[AnyPacket]:
        """Returns the output's packets that are left at the end."""
        packets = self._encode(self._decoder.decode(None))
        if self._resampler:
            packets += self._encode_resampled(self._resampler.resample(None))
        return packets + list(self.stream.encode(None))

    def _encode(self, frames: list[AudioFrame]) -> list[AnyPacket]:
        """Resamples and encodes decoded audio."""
        packets: list[AnyPacket] = []
        for frame in frames:
            packets += self._encode_resampled(self._resample(frame))
        return packets

    def _resample(self, frame: AudioFrame) -> list[AudioFrame]:
        """Resamples decoded audio for the encoder.

        A stream may change its format, such as from stereo to 5.1 when a broadcast begins a film.
        """
        kind = f"{frame.format.name} {frame.layout.name} {frame.sample_rate}"
        before: list[AudioFrame] = []
        if self._resampler is None or kind != self._resampled:
            before = self._resampler.resample(None) if self._resampler else []
            context = self.stream.codec_context
            self._resampler = AudioResampler(context.format, context.layout, context.sample_rate)
            self._resampled = kind
        return before + self._resampler.resample(frame)

    def _encode_resampled(self, frames: list[AudioFrame]) -> list[AnyPacket]:
        return [packet for frame in frames for packet in self.stream.encode(frame)]


def _rate(codec: str, rate: int) -> int:
    """Returns the rate if the encoder supports it, else the usual one."""
    known = av.Codec(codec, "w").audio_rates
    return rate if not known or rate in known else _USUAL_RATE


def _layout(codec: str, layout: AudioLayout, rate: int) -> AudioLayout:
    """Returns the channel layout if the encoder accepts it, else the nearest that it does.

    That is the usual one of as many channels, such as 5.1 for the 5.1(side) of films, or stereo.
    """
    usual = AudioLayout(_USUAL_LAYOUTS.get(layout.nb_channels, _STEREO))
    accepted = (one for one in (layout, usual) if _accepts(codec, one, rate))
    return next(accepted, AudioLayout(_STEREO))


def _accepts(codec: str, layout: AudioLayout, rate: int) -> bool:
    try:
        context = av.CodecContext.create(codec, "w")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate, context.layout = rate, layout
        context.format = (av.Codec(codec, "w").audio_formats or [AudioFormat("s16")])[0]
        context.open()
    except (av.FFmpegError, ValueError):
        return False
    return True

"""Decodes a video and encodes it again as `mtcnn-rt process` does, with nothing in between.

    python -m benchmarks.probes.decode_encode VIDEO OUTPUT

It has the decoder's threads, the encoder, its preset and quality, and copies the sound.
"""

from __future__ import annotations

import sys

import av
from av.video.frame import PictureType
from av.video.stream import VideoStream

from mtcnn_rt.video.frame import VideoFormat
from mtcnn_rt.video.sinks.encoder_options import options_of

CODEC = "libx264"


def main(video: str, output: str) -> None:
    """Writes the copy."""
    with av.open(video) as source, av.open(output, "w") as sink:
        decoder = source.streams.video[0]
        decoder.thread_type = "AUTO"
        rate, time_base = decoder.average_rate, decoder.time_base
        assert rate is not None
        assert time_base is not None
        size = (decoder.width, decoder.height)
        options = options_of(CODEC, VideoFormat(size, rate, time_base), None, None)
        encoder = sink.add_stream(CODEC, rate=rate, options=options.by_name)
        assert isinstance(encoder, VideoStream)
        encoder.width, encoder.height = size
        encoder.pix_fmt, encoder.codec_context.max_b_frames = "yuv420p", 0
        sound = {one.index: sink.add_stream_from_template(one) for one in source.streams.audio}
        for packet in source.demux(decoder, *source.streams.audio):
            if packet.stream is not decoder:
                if packet.dts is not None:
                    packet.stream = sound[packet.stream_index]
                    sink.mux(packet)
                continue
            for frame in decoder.decode(packet):
                frame.pict_type = PictureType.NONE  # the encoder chooses its own
                sink.mux(encoder.encode(frame))
        sink.mux(encoder.encode(None))


if __name__ == "__main__":
    main(*sys.argv[1:])

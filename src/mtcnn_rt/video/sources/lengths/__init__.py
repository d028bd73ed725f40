"""Checks of single containers: is a file as long as they state?"""

from __future__ import annotations

from mtcnn_rt.video.sources.lengths.chunked import gif, matroska, png, real_media, riff
from mtcnn_rt.video.sources.lengths.reading import Check
from mtcnn_rt.video.sources.lengths.stated import asf, flash, mxf, nut, shockwave
from mtcnn_rt.video.sources.lengths.streamed import ivf, ogg, program_stream, yuv4mpeg

BY_MAGIC: dict[bytes, Check] = {
    b"\x1a\x45\xdf\xa3": matroska,
    b"RIFF": riff,
    b"FLV\1": flash,
    b"FWS": shockwave,
    b"GIF8": gif,
    b"\x89PNG": png,
    b"nut/multimedia container\0": nut,
    bytes.fromhex("060e2b34020501010d010201"): mxf,
    bytes.fromhex("3026b2758e66cf11"): asf,
    b"OggS": ogg,
    b"DKIF": ivf,
    b".RMF": real_media,
    b"\0\0\1\xba": program_stream,
    b"YUV4MPEG2 ": yuv4mpeg,
}
"""The checks of containers that begin with these bytes."""

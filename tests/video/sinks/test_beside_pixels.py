"""Tests what frames have beside their pixels, such as closed captions."""

from fractions import Fraction

import av
import pytest
from helpers.clips import copy, copy_video_alone, pattern, write_steady

_CAPTION = b"\0\0\1\xb2GA94\x03\xc1\xff\xfc\x94\x20\xff"
_FIRST_SLICE = b"\0\0\1\1"


def write_captioned(path):
    """Writes MPEG-2 frames, each with a caption before its first slice."""
    with av.open(path, "w") as output:
        stream = output.add_stream("mpeg2video", rate=25, width=64, height=48)
        frames = [av.VideoFrame.from_ndarray(pattern(n), format="bgr24") for n in range(5)]
        for index, one in enumerate([*frames, None]):
            if one is not None:
                one.pts, one.time_base = index, Fraction(1, 25)
            for packet in stream.encode(one):
                head, slices = bytes(packet).split(_FIRST_SLICE, 1)
                captioned = av.Packet(head + _CAPTION + _FIRST_SLICE + slices)
                for name in ("pts", "dts", "time_base", "is_keyframe", "stream"):
                    setattr(captioned, name, getattr(packet, name))
                output.mux(captioned)
    return path


def write_spherical(path, clip, stereo):
    """Marks a clip as editors of 360-degree videos do (Spherical Video V1)."""
    values = {"Spherical": "true", "Stitched": "true", "StitchingSoftware": "a"}
    values |= {"ProjectionType": "equirectangular", "StereoMode": stereo}
    names = "".join(
        f"<GSpherical:{name}>{value}</GSpherical:{name}>" for name, value in values.items()
    )
    text = f'<?xml version="1.0"?><rdf:SphericalVideo>{names}</rdf:SphericalVideo>'.encode()
    mark = b"uuid" + bytes.fromhex("ffcc8263f8554a938814587a02521fdd") + text
    mark = (4 + len(mark)).to_bytes(4, "big") + mark
    data = bytearray(copy_video_alone(clip, path).read_bytes())  # its header is at the end
    moov, trak = (data.index(kind) - 4 for kind in (b"moov", b"trak"))
    end = trak + int.from_bytes(data[trak : trak + 4], "big")
    data[end:end] = mark
    for box in (moov, trak):
        size = int.from_bytes(data[box : box + 4], "big") + len(mark)
        data[box : box + 4] = size.to_bytes(4, "big")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("stereo", "notes"),
    [("mono", []), ("top-bottom", ["the mark of a stereoscopic video left out"])],
)
def test_the_marks_of_360_degree_videos_are_left_out_with_a_note(tmp_path, stereo, notes):
    clip = write_steady(tmp_path / "clip.mp4", 3)
    source = write_spherical(tmp_path / "source.mp4", clip, stereo)
    expected = ["the mark of a 360-degree video left out", *notes]
    assert copy(source, tmp_path / "copy.mp4").notes == expected


def test_captions_are_left_out_with_a_note(tmp_path):
    source = write_captioned(tmp_path / "clip.ts")
    assert copy(source, tmp_path / "copy.mp4").notes == ["closed captions left out"]


def test_other_videos_have_no_note(tmp_path):
    assert copy(write_steady(tmp_path / "clip.mp4", 3), tmp_path / "copy.mp4").notes == []

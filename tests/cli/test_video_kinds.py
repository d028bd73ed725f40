"""Folders with videos of every kind that FFmpeg reads, and with files that only look like them."""

import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from helpers.clips import pattern
from helpers.containers import KINDS, Kind, writable, write

from mtcnn_rt.batch.sources import Sources
from mtcnn_rt.cli.found_files import find_files
from mtcnn_rt.video import FileSource

PROGRAM = Kind("mpg", "mpeg2video", "mp2", format="vob")
MPEG_1 = Kind("mpg", "mpeg1video", "mp2", format="mpeg")
TRANSPORT = Kind("ts", "libx264", "aac", format="mpegts")
H264 = KINDS["h264"]
H265 = Kind("hevc", "libx265", format="hevc")
MJPEG = replace(KINDS["mjpeg"], format="mjpeg")
REAL = replace(KINDS["rm"], format="rm")
ASF = replace(KINDS["asf"], format="asf")
OGG = replace(KINDS["ogg vp8"], format="ogg")
IVF = KINDS["ivf vp8"]

BY_NAME = {
    **dict.fromkeys((".264", ".avc", ".h264"), replace(H264, format="h264")),
    **dict.fromkeys((".265", ".h265", ".hevc"), H265),
    **dict.fromkeys((".mjpeg", ".mjpg"), MJPEG),
    ".m4v": Kind("m4v", "mpeg4", format="m4v"),
    ".obu": Kind("obu", "libsvtav1", format="obu"),
}
"""Videos without a container, which only their names tell."""

BY_BYTES = {
    **dict.fromkeys((".mod", ".m2p", ".vob"), PROGRAM),
    **dict.fromkeys((".mpe", ".mpeg"), MPEG_1),
    **dict.fromkeys((".tod", ".tp", ".trp", ".ts"), TRANSPORT),
    ".mts": replace(TRANSPORT, options={"mpegts_m2ts_mode": "1"}),
    ".m2v": Kind("m2v", "mpeg2video", format="mpeg2video"),
    ".mpv": Kind("mpv", "mpeg1video", format="mpeg1video"),
    **dict.fromkeys((".rm", ".rmvb"), REAL),
    **dict.fromkeys((".asf", ".dvr-ms", ".wmv"), ASF),
    **dict.fromkeys((".ogm", ".ogv"), OGG),
    **dict.fromkeys((".3gp2", ".3gpp"), replace(KINDS["3gp"], format="3gp")),
    ".f4v": replace(KINDS["f4v"], format="f4v"),
    ".flv": replace(KINDS["flv"], format="flv"),
    ".ismv": replace(KINDS["ismv"], format="ismv"),
    ".ivf": replace(IVF, format="ivf"),
    ".mk3d": replace(KINDS["mkv"], format="matroska"),
    ".mxf": replace(KINDS["mxf"], format="mxf"),
    ".nut": replace(KINDS["nut"], format="nut"),
    ".qt": Kind("mov", "mpeg4", format="mov"),
    ".wtv": replace(KINDS["wtv"], format="wtv"),
    ".y4m": replace(KINDS["y4m"], format="yuv4mpegpipe"),
}


def assert_taken(path: Path) -> None:
    """Asserts that FFmpeg reads a video, and that commands find it in its folder."""
    with FileSource(path) as source:
        assert next(iter(source)).image.size > 0
    found = find_files([str(path.parent)], None, videos=True)
    assert [(file.path, file.is_video) for file in found.files] == [(path, True)]
    assert (found.problems, found.unreadable) == ([], [])
    assert find_files([str(path.parent)], None).files == []
    assert list(Sources([str(path.parent)], None, 10**7).files()) == [str(path)]
    first = next(Sources([str(path.parent)], None, 10**7).items())
    assert first.key == f"{path}#0"


@pytest.mark.parametrize("extension", [*BY_NAME, *BY_BYTES])
def test_a_folder_gives_its_videos(tmp_path, extension):
    kind = {**BY_NAME, **BY_BYTES}[extension]
    if not writable(kind):
        pytest.skip(f"FFmpeg lacks an encoder of {kind.video} or {kind.audio}")
    assert_taken(write(tmp_path / f"clip{extension.upper()}", kind, 5))


@pytest.mark.parametrize("extension", BY_BYTES)
def test_first_bytes_tell_a_video_without_an_extension(tmp_path, extension):
    if not writable(BY_BYTES[extension]):
        pytest.skip(f"FFmpeg lacks an encoder of {extension}")
    assert_taken(write(tmp_path / "clip", BY_BYTES[extension], 5))


@pytest.mark.parametrize(
    ("name", "size", "rate", "pixels", "codec", "container"),
    [
        ("clip.dv", (720, 576), Fraction(25), "yuv420p", "dvvideo", "dv"),
        ("clip", (720, 480), Fraction(30000, 1001), "yuv411p", "dvvideo", "dv"),
        ("clip.gxf", (720, 576), Fraction(25), "yuv420p", "mpeg2video", "gxf"),
    ],
)
def test_a_folder_gives_videos_of_fixed_sizes(tmp_path, name, size, rate, pixels, codec, container):
    with av.open(tmp_path / name, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        (stream.width, stream.height), stream.pix_fmt = size, pixels
        if container == "gxf":
            output.add_stream("pcm_s16le", rate=48000, layout="mono")
        for index in range(3):
            frame = av.VideoFrame.from_ndarray(pattern(index, size), format="bgr24")
            frame = frame.reformat(format=pixels)
            frame.pts, frame.time_base = index, 1 / rate
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert_taken(tmp_path / name)


def test_a_folder_gives_the_video_of_a_video_cd(tmp_path):
    """Its sectors have 2324 bytes of MPEG-1 each."""
    path = write(tmp_path / "clip.mpg", replace(MPEG_1, format="vcd"), 20)
    content = path.read_bytes()
    path.unlink()
    sectors = b"".join(
        b"\0" + b"\xff" * 10 + bytes(13) + content[at : at + 2324].ljust(2324, b"\0") + bytes(4)
        for at in range(0, len(content), 2324)
    )
    head = struct.pack("<4sI8sI16x4sI", b"RIFF", 36, b"CDXAfmt ", 16, b"data", len(sectors))
    (tmp_path / "AVSEQ01.DAT").write_bytes(head + sectors)
    assert_taken(tmp_path / "AVSEQ01.DAT")


@pytest.mark.parametrize("start", [b"moov", b"mdat", b"wide", b"pnot"])
def test_first_bytes_tell_quicktime_without_a_type(tmp_path, start):
    (tmp_path / "clip").write_bytes(b"\0\0\0\x08" + start)
    assert len(find_files([str(tmp_path)], None, videos=True).files) == 1


TRACKER = b"a song".ljust(1080, b"\0") + b"M.K." + bytes(99)
WORDS = b"export const size: number = 3;\n" * 300
NO_VIDEOS = {
    "song.mod": TRACKER,
    "go.mod": b"module example.com/m\n\ngo 1.22\n",
    "main.ts": WORDS,
    "main.mts": b"export const name = 'G\xc3\xbcnter';\n",
    "qt_de.ts": '<?xml version="1.0"?><TS/>'.encode("utf-16"),
    "note.dv": b"divergence\n",
    "room.rm": b"a room\n",
    "script.nut": b"local x = 1;\r\n\tprint(x);\n",
    "G": b"G" * 5000,
    "sound.wma": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(99),
    "sound.ra": b".RMF\0\0\0\x12" + bytes(99),
    "sound.oga": b"OggS\0\2" + bytes(20) + b"\x01\x1e\x01vorbis" + bytes(99),
    "sound": b"FLV\x01\x04\0\0\0\x09",
    "free": b"The free mdat and the moov of pnot, wide as the sea.",
    "stream": b"\0\0\0\x01\x67\x64\0\x0b" + bytes(99),
    "zeros.dat": bytes(5000),
    "list.dat": b"RIFF....WAVE",
}


@pytest.mark.parametrize("name", NO_VIDEOS)
def test_what_is_no_video_is_left_out_without_a_line(tmp_path, name):
    (tmp_path / name).write_bytes(NO_VIDEOS[name])
    found = find_files([str(tmp_path)], None, videos=True)
    assert (found.files, found.unreadable) == ([], [])
    assert found.problems == [f"cannot read {tmp_path}: no image or video in this folder"]
    assert list(Sources([str(tmp_path)], None, 10**7).files()) == []


@pytest.mark.parametrize("content", [b"", bytes(3000), b"\x01" * 50])
def test_a_broken_video_is_no_text(tmp_path, content):
    """It is named, as other videos that cannot be read."""
    (tmp_path / "clip.ts").write_bytes(content)
    assert len(find_files([str(tmp_path)], None, videos=True).files) == 1
    assert len(list(Sources([str(tmp_path)], None, 10**7).files())) == 1


def test_a_folder_of_a_camcorder_is_covered(run, tmp_path):
    (tmp_path / "trip").mkdir()
    write(tmp_path / "trip" / "MOV001.MOD", PROGRAM, 5)
    write(tmp_path / "trip" / "MOV002.TOD", TRANSPORT, 5)
    (tmp_path / "trip" / "song.mod").write_bytes(TRACKER)
    result = run("process", "trip", "--anonymize", "solid")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "2 files: faces")
    copies = sorted(path.name for path in (tmp_path / "faces").iterdir())
    assert copies == ["MOV001.mp4", "MOV002.mp4"]

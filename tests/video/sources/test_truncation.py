"""Files that are cut off, in all containers, and whole files, which must raise no alarm."""

import struct
import subprocess
import sys

import av
import pytest
from helpers.clips import ENVIRONMENT, encode, pattern, write_steady
from helpers.containers import FRAMES, KINDS, writable, write

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.truncation import missing_part

NAMES = [name for name, kind in KINDS.items() if writable(kind)]
PACKED = [name for name in NAMES if name not in ("h264", "mjpeg")]  # which have frames alone
STATE_END = [name for name in NAMES if KINDS[name].states_end]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Returns the whole file of a kind; each is written once."""
    folder = tmp_path_factory.mktemp("whole")

    def file_of(name):
        path = folder / f"{name.replace(' ', '-')}.{KINDS[name].extension}"
        return path if path.exists() else write(path, KINDS[name])

    return file_of


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_file_raises_no_alarm(whole, name):
    with FileSource(whole(name)) as source:
        frames = sum(1 for _ in source)
    assert (frames, source.errors, source.incomplete) == (FRAMES, 0, "")


@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("name", PACKED)
def test_a_file_that_is_cut_off_raises_an_alarm(tmp_path, whole, name, share):
    content = whole(name).read_bytes()
    cut = tmp_path / whole(name).name
    cut.write_bytes(content[: int(len(content) * share) - 7])  # not where a packet ends
    assert lost_frames(cut) is not False


@pytest.mark.parametrize("name", STATE_END)
def test_a_file_without_its_last_packet_raises_an_alarm(tmp_path, whole, name):
    content = whole(name).read_bytes()
    with av.open(whole(name)) as container:
        places = [packet.pos for packet in container.demux() if packet.size and packet.pos]
    cut = tmp_path / whole(name).name
    cut.write_bytes(content[: max(places)] if max(places, default=0) > 0 else content[:-9])
    assert lost_frames(cut) is not False


def lost_frames(path):
    """Returns True or False for an alarm or none; None if the file is refused."""
    try:
        with FileSource(path) as source:
            assert sum(1 for _ in source) <= FRAMES
    except VideoError:
        return None
    return bool(source.errors or source.incomplete)


def test_the_reason_has_the_bytes(tmp_path):
    clip = write_steady(tmp_path / "clip.mkv", 20)
    content = clip.read_bytes()
    clip.write_bytes(content[:-100])
    with FileSource(clip) as source:
        assert source.incomplete == ""  # before the last frame
        assert sum(1 for _ in source) < 20 + 1
    assert source.incomplete == f"it has {len(content) - 100} of at least {len(content)} bytes"


def test_a_reader_that_stops_early_raises_no_alarm(tmp_path):
    clip = write_steady(tmp_path / "clip.mkv", 20)
    clip.write_bytes(clip.read_bytes()[:-100])
    with FileSource(clip) as source:
        next(iter(source))
    assert source.incomplete == ""


@pytest.mark.parametrize("extension", ["mp4", "mkv", "avi", "gif"])
def test_something_that_follows_a_whole_file_raises_no_alarm(tmp_path, extension):
    codec, pixels = ("gif", "rgb8") if extension == "gif" else ("libx264", "yuv420p")
    clip = encode(tmp_path / f"clip.{extension}", [pattern(n) for n in range(9)], codec, pixels)
    clip.write_bytes(clip.read_bytes() + bytes(100))
    with FileSource(clip) as source:
        assert (sum(1 for _ in source), source.incomplete) == (9, "")


def test_standard_input_is_compared_with_the_duration(tmp_path, whole):
    content = whole("mkv").read_bytes()
    script = "import sys; from mtcnn_rt.video.sources.file import FileSource\n"
    script += "with FileSource('-') as source: list(source); print(source.incomplete)"
    for data, said in ((content, ""), (content[: len(content) // 2], "it has 1.0 of 2.0 seconds")):
        result = subprocess.run(
            [sys.executable, "-c", script], input=data, capture_output=True, env=ENVIRONMENT
        )
        assert result.stdout.decode().strip() == said


@pytest.mark.parametrize("name", STATE_END)
def test_changed_bytes_never_stop_the_check(tmp_path, whole, name):
    """Each of the first 200 bytes is changed, one at a time."""
    content = bytearray(whole(name).read_bytes()[:4000])
    changed = tmp_path / whole(name).name
    for at in range(200):
        before, content[at] = content[at], content[at] ^ 0xFF
        changed.write_bytes(content)
        assert isinstance(missing_part(changed), str | None)
        content[at] = before


def test_other_files_are_not_judged(tmp_path):
    assert missing_part(tmp_path / "none") is None
    assert missing_part(tmp_path) is None
    (tmp_path / "text").write_bytes(b"no video\n" * 9)
    assert missing_part(tmp_path / "text") is None


@pytest.mark.parametrize("stated", [float("inf"), float("-inf"), float("nan"), -1.0, 0.0])
def test_flash_that_states_no_size_is_not_cut_off(tmp_path, whole, stated):
    content = whole("flv").read_bytes()
    at = content.index(b"filesize\0") + 9
    path = tmp_path / "clip.flv"
    path.write_bytes(content[:at] + struct.pack(">d", stated) + content[at + 8 :])
    with FileSource(path) as source:
        assert sum(1 for _ in source) == FRAMES
        assert source.incomplete == ""

"""HLS playlists whose segments are missing."""

import pytest
from helpers.clips import encode, pattern

from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.truncation import missing_part

HEAD = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n"
END = "#EXT-X-ENDLIST\n"


def playlist(folder, names, end=END):
    """Writes a playlist of segments of 0.2 s, of which a, b and "c d" are there, and e is empty."""
    for name in ("a.ts", "b.ts", "c d.ts"):
        encode(folder / name, map(pattern, range(5)))
    (folder / "e.ts").touch()
    entries = "".join(f"#EXT-X-DISCONTINUITY\n#EXTINF:0.2,\n{name}\n" for name in names)
    (folder / "list.m3u8").write_text(HEAD + entries + end)
    return folder / "list.m3u8"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["a.ts", "b.ts"], ""),
        (["a.ts", "gone.ts", "b.ts"], "it has 2 of 3 segments: gone.ts is missing or empty"),
        (["a.ts", "b.ts", "e.ts"], "it has 2 of 3 segments: e.ts is missing or empty"),
    ],
)
def test_a_segment_that_is_missing_is_told(tmp_path, names, reason):
    with FileSource(playlist(tmp_path, names)) as source:
        frames = list(source)
    assert source.incomplete == reason
    assert len(frames) >= 10


def test_what_lies_behind_the_end_is_not_missed(tmp_path):
    with FileSource(playlist(tmp_path, ["a.ts", "b.ts", "gone.ts"]), end=0.2) as source:
        assert len(list(source)) == 5
    assert source.incomplete == ""


def test_a_playlist_that_grows_and_segments_elsewhere_miss_nothing(tmp_path):
    assert missing_part(playlist(tmp_path, ["gone.ts", "a.ts"], end="")) is None
    assert missing_part(playlist(tmp_path, ["https://a/gone.ts", "a.ts"])) == ""
    assert missing_part(playlist(tmp_path, ["c%20d.ts?t=1", "a.ts"])) == ""


def test_a_segment_that_is_cut_off_is_told(tmp_path):
    place = playlist(tmp_path, ["a.ts", "b.ts", "c%20d.ts"])
    whole = (tmp_path / "b.ts").read_bytes()
    (tmp_path / "b.ts").write_bytes(whole[: len(whole) // 2 // 188 * 188 + 100])
    assert missing_part(place) == "segment b.ts: its end is missing"
    (tmp_path / "b.ts").write_bytes(whole)
    assert missing_part(place) == ""


def test_a_file_that_lacks_its_last_segments_is_told(tmp_path):
    place = playlist(tmp_path, [])
    size = (tmp_path / "a.ts").stat().st_size
    parts = "".join(
        f"#EXTINF:0.1,\n#EXT-X-BYTERANGE:{part}\na.ts\n" for part in ("188@0", size - 188)
    )
    place.write_text(HEAD + parts + END)
    assert missing_part(place) == ""
    (tmp_path / "a.ts").write_bytes((tmp_path / "a.ts").read_bytes()[: 188 * 3])
    assert missing_part(place) == f"segment a.ts: it has 564 of at least {size} bytes"


def test_a_playlist_that_is_its_own_segment_ends(tmp_path):
    assert missing_part(playlist(tmp_path, ["list.m3u8", "a.ts"])) == ""


@pytest.fixture
def qualities(tmp_path):
    """A playlist of two qualities and one of sound, in folders, without missing segments."""
    for name in ("low", "high", "sound"):
        (tmp_path / name).mkdir()
        playlist(tmp_path / name, ["a.ts", "b.ts"])
    encode(tmp_path / "high/a.ts", (pattern(n, (128, 96)) for n in range(5)))
    encode(tmp_path / "high/b.ts", (pattern(n, (128, 96)) for n in range(5)))
    (tmp_path / "main.m3u8").write_text(
        "#EXTM3U\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="sound/list.m3u8"\n'
        '#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=9,BANDWIDTH=1000,AUDIO="a"\nlow/list.m3u8\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=9000,AUDIO="a"\nhigh/list.m3u8\n'
    )
    return tmp_path / "main.m3u8"


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        ("high/b.ts", "it has 1 of 2 segments: b.ts is missing or empty"),
        ("sound/b.ts", "it has 1 of 2 segments: b.ts is missing or empty"),
        ("low/b.ts", ""),
        ("low/list.m3u8", ""),
    ],
)
def test_segments_of_the_quality_that_is_used_are_missed(qualities, gone, reason):
    with FileSource(qualities) as source:
        assert len(list(source)) == 10
        assert source.format.size == (128, 96)
        assert source.incomplete == ""
    (qualities.parent / gone).unlink()
    with FileSource(qualities) as source:
        list(source)
    assert source.incomplete == reason

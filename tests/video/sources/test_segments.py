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

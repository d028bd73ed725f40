"""Playlists: the files that they name are inputs, however the playlist is written."""

import pytest

from mtcnn_rt.cli.playlists import input_files


@pytest.mark.parametrize(
    "lines",
    [
        "file a.mp4\nfile 'b c.mp4'\n",
        "\n" * 1_000_000 + "  file\ta.mp4\n" + " " * 1_000_000 + '\n\tfile "b c.mp4"\n',
        "duration 2\r\nfile a.mp4\r\nfile 'b c.mp4'\r\nno file x.mp4\r\n",
    ],
    ids=["plain", "empty lines", "other lines"],
)
def test_a_list_names_its_files(tmp_path, lines):
    """With empty lines, the time once grew with the square of their number."""
    (tmp_path / "list.txt").write_text("ffconcat version 1.0\n" + lines, newline="")
    found = {path.name for path in input_files(str(tmp_path / "list.txt"))}
    assert found == {"list.txt", "a.mp4", "b c.mp4"}

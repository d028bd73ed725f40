"""Names that lead to nothing: links that glob patterns match although no file is there, and ''."""

import os

import pytest
from click.testing import CliRunner

from mtcnn_rt.cli import main
from mtcnn_rt.cli.image_files import find_image_files, find_media_files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a right")
NOTHING = "no such file or folder"


@pytest.fixture(autouse=True)
def links(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    for name in ("b.jpg", "c.mp4", "star*.jpg"):
        (tmp_path / name).symlink_to("none")
    (tmp_path / "circle.jpg").symlink_to("circle.jpg")


@pytest.mark.parametrize("find", [find_image_files, find_media_files])
@pytest.mark.parametrize("name", ["b.jpg", "star*.jpg", "circle.jpg"])
def test_a_link_that_is_named_is_one_problem(find, name):
    found = find([name], None)
    start = f"cannot read {name}: no such file or folder"
    assert (found.files, found.problems, found.unreadable) == ([], [start], [])


def test_links_that_a_pattern_matches_are_named_beside_the_files():
    found = find_media_files(["*.*"], None)
    assert [str(file.path) for file in found.files] == ["a.jpg"]
    named = sorted(found.unreadable)
    names = ["b.jpg", "c.mp4", "circle.jpg", "star*.jpg"]
    assert named == [f"cannot read {name}: {NOTHING}" for name in names]
    assert found.problems == []


@pytest.mark.parametrize("find", [find_image_files, find_media_files])
def test_an_empty_name_is_not_the_current_folder(find):
    found = find([""], None)
    assert (found.files, found.problems) == ([], ["cannot read '': no such file or folder"])


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["batch", "a.jpg", "--out", "a.jsonl", "--workers", "9" * 20], "--workers"),
        (["train", "pnet", "--workers", "257"], "--workers"),
        (["train", "pnet", "--threads", "1025"], "--threads"),
    ],
)
def test_numbers_of_processes_and_threads_are_limited(words, option):
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.stderr


def test_an_empty_name_is_no_video_and_no_model(run, clip):
    result = run("process", "")
    assert (result.exit_code, result.stderr) == (
        2,
        "mtcnn-rt: error: cannot read '': no such file or folder\n",
    )
    result = run("process", "", clip, "--out", "o")
    assert result.exit_code == 1
    assert result.stderr == "mtcnn-rt: cannot read '': no such file or folder\n"
    result = run("process", clip, "--model", "")
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: error: '': no such file, and the package has: ")


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_an_address_that_is_none_is_named_without_its_password(run, scheme):
    result = run("process", f"{scheme}://me:secret@[::1/clip?key=secret", "-o", "o.mp4")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"mtcnn-rt: error: {scheme}://[::1/clip: cannot be opened (")
    assert "secret" not in result.stderr


@pytest.mark.parametrize("scheme", ["rtsp", "tcp"])
def test_a_receiver_that_is_no_address_is_named(run, clip, scheme):
    result = run("process", clip, "-o", f"{scheme}://me:secret@[::1/live")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"mtcnn-rt: error: {scheme}://[::1/live: cannot be opened: ")

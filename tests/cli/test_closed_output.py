"""Programs that read our lines and then end, as `head` does: files are written all the same."""

import json
import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from mtcnn_rt.video.sources.file import FileSource

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX pipes")
FAST = ("--min-face-size", "60", "--threads", "1")


@pytest.fixture
def until_closed(program, tmp_path):
    """Returns a function that runs a command, whose reader ends after some lines, or at once."""

    def run(*words, lines=0):
        command = [*program, *map(str, words)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, cwd=tmp_path, text=True, **pipes) as running:
            read = [running.stdout.readline() for _ in range(lines)]
            running.stdout.close()
            said = running.stderr.read()
        return running.returncode, read, said.splitlines()

    return run


def frames_of(path: Path) -> int:
    with FileSource(path) as source:
        return sum(1 for _ in source)


def test_a_copy_is_finished_without_the_reader_of_the_records(until_closed, tmp_path):
    words = ("process", "--sample", *FAST, "--end", "2", "-o", "out.mp4", "--jsonl", "-")
    status, read, said = until_closed(*words, lines=2)
    assert read[1].startswith('{"frame": 1, ')
    assert status == 1
    assert said[0] == "mtcnn-rt: standard output is closed: no more records go there"
    assert said[1].startswith("50 frames, ")
    assert frames_of(tmp_path / "out.mp4") == 50


@pytest.mark.parametrize("other", [("--csv", "out.csv"), ("--save-crops", "crops")])
def test_other_records_are_finished_too(until_closed, tmp_path, other):
    words = ("process", "--sample", *FAST, "--end", "1", "--no-video", "--jsonl", "-", *other)
    status, _, said = until_closed(*words, lines=1)
    assert status == 1
    assert said[0] == "mtcnn-rt: standard output is closed: no more records go there"
    if other[0] == "--csv":
        assert (tmp_path / "out.csv").read_text().splitlines()[-1].startswith("24,0.96,")
    else:
        assert len(list((tmp_path / "crops").glob("frame-000024-*"))) >= 1


def test_records_alone_end_with_their_reader(until_closed):
    words = ("process", "--sample", *FAST, "--no-video", "--jsonl", "-")
    assert until_closed(*words, lines=1)[::2] == (1, [])


@pytest.mark.parametrize("command", ["image", "crops", "process"])
def test_all_inputs_are_done_without_the_reader_of_the_lines(
    until_closed, save, photo, tmp_path, command
):
    for name in "ab":
        save(f"{name}.png", photo)
    status, _, said = until_closed(command, "a.png", "b.png", *FAST, "--out", "out")
    assert (status, said) == (0, [])
    assert len({path.name[0] for path in (tmp_path / "out").iterdir()}) == 2


def test_standard_error_on_a_full_disk_ends_no_work(program, save, photo, tmp_path):
    save("a.png", photo)
    save("b.png", photo)
    (tmp_path / "0.png").write_bytes(b"no picture")
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    words = ["image", "0.png", "a.png", "b.png", *FAST, "--out", "out", "--json", "out.json"]
    with open("/dev/full", "w") as full:
        done = subprocess.run([*program, *words], cwd=tmp_path, stderr=full)
    assert done.returncode == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]
    assert (tmp_path / "out.json").exists()


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("word", ["image", "process", "batch"])
def test_an_error_has_its_status_where_standard_error_is_on_a_full_disk(
    program, tmp_path, word, unbuffered
):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        done = subprocess.run([*program, word], cwd=tmp_path, stderr=full, env=environment)
    assert done.returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ("image", "a.png", "--no-images", "--json", "-"),
        ("image", "a.png", "--no-images", "--csv", "-"),
        ("crops", "a.png", "--json", "-"),
        ("process", "a.png", "--no-video", "--jsonl", "-"),
        ("process", "a.png", "--no-video", "--csv", "-"),
    ],
    ids=" ".join,
)
def test_standard_output_on_a_full_disk_is_named(program, save, tmp_path, words):
    save("a.png")
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*program, *words, *FAST], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True
        )
    expected = "mtcnn-rt: error: standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, expected)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [(), ("--help",), ("process", "--help")], ids=" ".join)
def test_help_names_standard_output_on_a_full_disk(program, words, unbuffered):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*program, *words], stdout=full, stderr=subprocess.PIPE, text=True, env=environment
        )
    expected = "mtcnn-rt: error: standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, expected)


def test_a_live_recording_is_finished_without_the_reader_of_the_records(until_closed, tmp_path):
    words = ("webcam", *FAST, "--camera", sample(), "--web", "127.0.0.1:0")
    status, _, said = until_closed(*words, "--record", "out.mp4", "--jsonl", "-", lines=3)
    assert status == 1
    assert "mtcnn-rt: standard output is closed: no more faces are recorded" in said
    recorded = next(line for line in said if " frames recorded: " in line)
    assert frames_of(tmp_path / "out.mp4") == int(recorded.split()[0]) > 50


def sample() -> Path:
    import mtcnn_rt

    return Path(mtcnn_rt.__file__).with_name("sample.mp4")


def until_blocking(pipe, running):
    """Waits until the process has made the pipe block, or has ended without that."""
    while not os.get_blocking(pipe) and running.poll() is None:
        time.sleep(0.01)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_pipe_that_does_not_block_gets_all_records(program, tmp_path, unbuffered):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):  # fills it
        while True:
            os.write(writer, bytes(4096))
    words = [*program, "process", "--sample", *FAST, "--end", "1", "--no-video", "--jsonl", "-"]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    pipes = {"stdout": writer, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, cwd=tmp_path, env=environment, **pipes) as running:
        until_blocking(writer, running)
        os.close(writer)
        with open(reader, "rb") as pipe:
            lines = pipe.read().lstrip(b"\0").splitlines()
        said = running.stderr.read().decode()
    assert (running.returncode, len(said.splitlines())) == (0, 1), said
    assert [json.loads(line)["frame"] for line in lines] == list(range(25))


def test_a_list_from_a_pipe_that_does_not_block_is_read(program, save, tmp_path):
    save("a.png")
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    words = [*program, "batch", "-", "--out", "out.jsonl", "--workers", "1"]
    pipes = {"stdin": reader, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, cwd=tmp_path, text=True, **pipes) as running:
        until_blocking(reader, running)
        os.close(reader)
        with suppress(BrokenPipeError):
            os.write(writer, b"a.png\n")
        os.close(writer)
        said = running.stderr.read()
    assert (running.returncode, said) == (0, "")
    assert json.loads((tmp_path / "out.jsonl").read_text())["image"] == "a.png"

"""Tests the damage of JPEG files that only libjpeg's lines on standard error tell of."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mtcnn_rt._images.library_lines import UNHEARD, LibraryLines, heard_libraries, jpeg_damage

NOTE = "its data are damaged (", "), and a part of the image may be wrong"


@pytest.fixture
def content(sample_frame):
    """Returns the content of a JPEG file with four faces."""
    return cv2.imencode(".jpg", sample_frame, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


@pytest.fixture
def damaged(content):
    """Returns the content of a JPEG file of which a sector of 512 bytes was lost."""
    middle = len(content) // 2
    return content[:middle] + bytes(512) + content[middle + 512 :]


@pytest.mark.parametrize(
    ("lines", "damage"),
    [
        ("", ""),
        ("Corrupt JPEG data: bad Huffman code\n", "bad Huffman code"),
        ("libpng error\nPremature end of JPEG file\n", "its end is missing"),
        ("Corrupt JPEG data: 2 extraneous bytes before marker 0xd9\n", ""),
        ("Corrupt JPEG data: 16 extraneous bytes before marker 0xd9", ""),
        (
            "Corrupt JPEG data: 17 extraneous bytes before marker 0xd9",
            "17 extraneous bytes before marker 0xd9",
        ),
        (
            "Corrupt JPEG data: 2 extraneous bytes before marker 0xd9\n"
            "Corrupt JPEG data: premature end of data segment\n",
            "premature end of data segment",
        ),
        ("a line of another library\n", ""),
    ],
)
def test_the_words_of_libjpeg(lines, damage):
    assert jpeg_damage(lines) == damage


def test_lines_are_taken_once(tmp_path):
    with open(tmp_path / "lines", "w+b") as file:
        lines = LibraryLines(file.fileno())
        os.write(file.fileno(), b"one\n")
        assert (lines.take(), lines.take()) == ("one\n", "")
        os.write(file.fileno(), b"two\n")
        assert lines.take() == "two\n"
    assert UNHEARD.take() == ""


def test_lines_of_libraries_are_heard_and_not_printed(damaged, capfd):
    encoded = np.frombuffer(damaged, np.uint8)
    with heard_libraries() as lines:
        cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        assert lines.take().startswith("Corrupt JPEG data: ")
        cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert capfd.readouterr().err == ""


def test_standard_error_of_the_block_may_be_written_to_after_it():
    program = """
import sys
from mtcnn_rt._images.library_lines import heard_libraries
for number in range(2):
    with heard_libraries():
        held = sys.stderr
    print(number, file=held, flush=True)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr.split()) == (0, ["0", "1"])


def test_nothing_is_heard_where_no_folder_for_it_can_be_written(damaged, capfd, monkeypatch):
    def refuse():
        raise OSError("no space")

    monkeypatch.setattr("mtcnn_rt._images.library_lines.TemporaryFile", refuse)
    with heard_libraries() as lines:
        cv2.imdecode(np.frombuffer(damaged, np.uint8), cv2.IMREAD_COLOR)
        assert lines.take() == ""
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "command", ["image --json", "process --jsonl", "batch --out", "batch --fast-jpeg --out"]
)
def test_a_damaged_photo_is_named(tmp_path, run, content, damaged, command):
    """Its faces are written, since most of it is right; the exit status is 1."""
    (tmp_path / "damaged.jpg").write_bytes(damaged)
    (tmp_path / "whole.jpg").write_bytes(content)
    name, *options = command.split()
    images = ["damaged.jpg", "whole.jpg", "--min-face-size", "40"]
    result = run(name, *images, *options, "faces.jsonl")
    complaints = [line for line in result.stderr.splitlines() if "damaged.jpg" in line]
    assert (result.exit_code, len(complaints)) == (1, 1)
    assert all(part in complaints[0] for part in NOTE)
    assert "Corrupt JPEG" not in result.stderr
    assert not any(NOTE[0] in line for line in result.stderr.splitlines() if "whole.jpg" in line)
    found = (tmp_path / "faces.jsonl").read_text()
    assert found.count('"damaged.jpg"') == 1
    assert found.count('"nose"') >= 5

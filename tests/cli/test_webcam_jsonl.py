"""Tests the records of `mtcnn-rt webcam --jsonl`."""

import json
import re
from importlib.resources import files
from itertools import islice
from pathlib import Path

import pytest

from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource

SAMPLE = Path(str(files("mtcnn_rt") / "sample.mp4"))
FAST = ("--min-face-size", "60", "--threads", "1")


def test_jsonl_has_a_line_for_each_image_that_is_shown(run):
    with FileSource(SAMPLE) as source, FileSink(Path("faces.mp4"), source.format) as sink:
        for frame in islice(source, 12):
            sink.write(frame)
    words = ("webcam", *FAST, "--camera", "faces.mp4", "--web", "127.0.0.1:0")
    result = run(*words, "--record", "out.mkv", "--jsonl", "out.jsonl")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert re.search(rf"^{len(lines)} frames recorded: ", result.stdout, re.M)
    assert 1 <= len(lines) <= 12
    assert all(line["time"] == pytest.approx(line["frame"] / 25, abs=1e-3) for line in lines)
    assert [face["id"] for face in lines[-1]["faces"]] == [1, 2, 3, 4]
    again = run(*words, "--jsonl", "out.jsonl")
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    assert "out.jsonl exists" in again.stderr


def test_jsonl_at_standard_output_is_alone_there(run):
    words = ("webcam", *FAST, "--camera", SAMPLE, "--web", "127.0.0.1:0", "--no-track")
    result = run(*words, "--jsonl", "-")
    assert result.exit_code == 0, result.stderr
    assert "watch at http://" in result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) > 10
    assert all("id" not in face for line in lines for face in line["faces"])

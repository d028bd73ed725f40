"""Records: the faces of a video as JSON lines and CSV."""

import csv
import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.processes import piped

from mtcnn_rt.faces import Faces
from mtcnn_rt.video.sinks.records import CsvWriter, JsonLinesWriter, csv_line

FACES = Faces(
    np.array([[1, 2, 30, 40], [50, 6, 70, 8.126]], np.float32),
    np.array([0.999, 0.75], np.float32),
    np.arange(20, dtype=np.float32).reshape(2, 5, 2),
)


@pytest.mark.parametrize("ids", [None, [7, 3], np.array([7, 3])])
def test_json_lines_have_a_line_per_frame(tmp_path, ids):
    with JsonLinesWriter(tmp_path / "faces.jsonl") as results:
        results.write(0, 0.0, FACES, ids)
        results.write(np.int64(1), np.float32(0.04), Faces.empty(), None if ids is None else [])
    lines = (tmp_path / "faces.jsonl").read_text().splitlines()
    plain = FACES.to_dicts()
    if ids is not None:
        plain = [{"id": number, **face} for number, face in zip([7, 3], plain, strict=True)]
    assert [json.loads(line) for line in lines] == [
        {"frame": 0, "time": 0.0, "faces": plain},
        {"frame": 1, "time": 0.04, "faces": []},
    ]


@pytest.mark.parametrize("ids", [None, [7, 3]])
def test_csv_has_a_row_per_face(tmp_path, ids):
    with CsvWriter(tmp_path / "faces.csv") as results:
        results.write(0, 0.0, Faces.empty())
        results.write(1, 1 / 30, FACES, ids)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "faces.csv").read_text())))
    assert list(rows[0])[:8] == ["frame", "time", "id", "x1", "y1", "x2", "y2", "score"]
    assert list(rows[0])[8:10] == ["left_eye_x", "left_eye_y"]
    assert len(rows[0]) == 18
    assert [row["id"] for row in rows] == (["", ""] if ids is None else ["7", "3"])
    assert {(row["frame"], row["time"]) for row in rows} == {("1", "0.033333")}
    assert [float(rows[1][name]) for name in ("x1", "y2", "score", "mouth_right_y")] == [
        50,
        8.13,
        0.75,
        19,
    ]


@pytest.mark.parametrize("name", ["a\rb", "\r", "a\nb", "a\r\n", 'a"b', "a,b", " a "])
def test_a_row_of_csv_gives_back_its_values(name):
    line = csv_line([name, 0.5, None])
    assert line.endswith(",0.5,\n")
    assert list(csv.reader(io.StringIO(line, newline=""))) == [[name, "0.5", ""]]


def test_each_face_needs_an_id(tmp_path):
    with (
        pytest.raises(ValueError, match=r"^ids: expected one a face, 2, not "),
        JsonLinesWriter(tmp_path / "a") as results,
    ):
        results.write(0, 0.0, FACES, [1])


@pytest.mark.parametrize("kind", [JsonLinesWriter, CsvWriter])
def test_the_file_appears_when_it_is_finished(tmp_path, kind):
    with kind(tmp_path / "out") as results:
        results.write(0, 0.0, FACES)
        (temporary,) = tmp_path.iterdir()
        assert temporary.name.startswith(".mtcnn-rt-")
        assert temporary.read_text().count("\n") >= 1  # each line is there at once
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(tmp_path, error):
    def interrupted() -> None:
        with JsonLinesWriter(tmp_path / "out") as results:
            results.write(0, 0.0, FACES)
            raise error

    with pytest.raises(error):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_replaced_only_on_demand(tmp_path):
    output = tmp_path / "out"
    output.write_text("precious")
    with pytest.raises(FileExistsError, match="out exists"), JsonLinesWriter(output):
        pass
    assert output.read_text() == "precious"
    with JsonLinesWriter(output, overwrite=True):
        assert output.read_text() == "precious"
    assert output.read_text() == ""


@pytest.mark.parametrize("kind", [JsonLinesWriter, CsvWriter])
def test_the_video_is_never_replaced(tmp_path, kind):
    video, link = tmp_path / "clip.mp4", tmp_path / "link"
    video.write_text("precious")
    link.symlink_to(video)
    results = kind(link, overwrite=True, source=video)
    with pytest.raises(FileExistsError, match="is the input, which is never overwritten"), results:
        pass
    assert video.read_text() == "precious"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OSError, match="nowhere") as caught, CsvWriter(tmp_path / "nowhere" / "out"):
        pass
    assert caught.value.filename == str(tmp_path / "nowhere" / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
@pytest.mark.parametrize("kind", ["JsonLinesWriter", "CsvWriter"])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, kind):
    script = f"""
import resource, sys
import numpy as np
from mtcnn_rt.faces import Faces
from mtcnn_rt.video.sinks.records import {kind}
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
face = Faces(np.zeros((1, 4), "f"), np.zeros(1, "f"), np.zeros((1, 5, 2), "f"))
try:
    with {kind}(sys.argv[1]) as results:
        for index in range(1000):
            results.write(index, 0.0, face)
except OSError as error:
    print(error.errno, error.filename)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "out"], capture_output=True, text=True
    )
    assert done.stdout == f"{errno.EFBIG} {tmp_path / 'out'}\n"
    assert list(tmp_path.iterdir()) == []


STREAM = """
import sys
from pathlib import Path
from mtcnn_rt.faces import Faces
from mtcnn_rt.video.sinks.records import CsvWriter, JsonLinesWriter, csv_line
with {kind}("-") as results:
    results.write(0, 0.0, Faces.empty())
    sys.stdin.readline()
    for index in range(1, 100000):
        results.write(index, 0.0, Faces.empty())
"""


def test_standard_output_gets_each_frame_at_once():
    with piped(STREAM.format(kind="JsonLinesWriter"), text=True) as writer:
        assert json.loads(writer.stdout.readline()) == {"frame": 0, "time": 0.0, "faces": []}
        assert writer.poll() is None  # it still runs
        writer.kill()


def test_the_column_names_come_at_once():
    with piped(STREAM.format(kind="CsvWriter"), text=True) as writer:
        assert writer.stdout.readline().startswith("frame,time,id,x1,")
        writer.kill()


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX pipes")
def test_a_reader_that_ends_raises_broken_pipe():
    script = STREAM.format(kind="JsonLinesWriter")
    with piped(script, stderr=subprocess.PIPE, text=True) as writer:
        writer.stdout.readline()
        writer.stdout.close()
        writer.stdin.write("\n")
        writer.stdin.flush()
        assert "BrokenPipeError" in writer.stderr.read()


def test_standard_output_stays_open(capsys):
    with JsonLinesWriter("-") as results:
        results.write(0, 0.04, Faces.empty())
    print("after")
    assert capsys.readouterr().out == '{"frame": 0, "time": 0.04, "faces": []}\nafter\n'


def test_an_error_of_something_else_keeps_its_reason(tmp_path):
    def write_crops():
        with JsonLinesWriter(tmp_path / "a.jsonl") as records:
            records.write(0, 0.04, Faces.empty())
            raise OSError("cannot write crops/a.png: No space left on device")

    with pytest.raises(OSError, match=r"^cannot write crops/a.png: No space left on device$"):
        write_crops()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    def failing(path, *how, **other):
        raise OSError(24, os.strerror(24), str(path))

    monkeypatch.setattr(Path, "open", failing)
    path = tmp_path / "out.jsonl"
    with pytest.raises(OSError, match=f"{path}'$"), JsonLinesWriter(path):
        pass
    assert os.listdir(tmp_path) == []

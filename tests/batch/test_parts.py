"""The folder of unfinished results."""

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtcnn_rt.batch.formats import Csv, JsonLines
from mtcnn_rt.batch.items import Item, Unreadable
from mtcnn_rt.batch.parts import Parts, discard, folder_of
from mtcnn_rt.batch.resuming import ResumeError

RUN = {"min_face_size": 20}
FACE = {
    "box": [1.0, 2.0, 3.5, 4.25],
    "score": 0.99,
    "landmarks": {
        name: [1.5, 2.5] for name in ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
    },
}


def record(number: int) -> dict:
    error = None if number % 3 else "cannot read it"
    faces = [] if error else [FACE] * (number % 4)
    first = {"image": f"{number}.jpg", "frame": None, "time": None, "width": 10, "height": 20}
    return {**first, "faces": faces, "note": None, "error": error}


def items(count: int):
    return iter([Item(f"{number}.jpg", Unreadable("")) for number in range(count)])


def go_on(output: Path, count: int, stop: int, run=RUN, size: int = 4, made=JsonLines) -> None:
    """Writes the records from where they end up to `stop`; the output if that is `count`."""
    with Parts(output, made(), size, run) as parts:
        found = items(count)
        parts.skip_done(found)
        for number in range(parts.totals.images, stop):
            parts.write(next(found).key, record(number))
        if stop == count:
            parts.finish(overwrite=False)


@pytest.fixture
def output(tmp_path) -> Path:
    return tmp_path / "out.jsonl"


@pytest.mark.parametrize("made", [JsonLines, Csv])
def test_results_are_the_same_wherever_a_run_ends(tmp_path_factory, made):
    def write(stops: list[int], torn: int) -> bytes:
        output = tmp_path_factory.mktemp("out") / "out.jsonl"
        for stop in sorted(stops):
            go_on(output, 23, stop, made=made)
            journal = folder_of(output) / "journal.jsonl"
            journal.write_bytes(journal.read_bytes()[: -torn or None])
        go_on(output, 23, 23, made=made)
        assert [path.name for path in output.parent.iterdir()] == ["out.jsonl"]
        return output.read_bytes()

    expected = write([], 0)
    assert expected.count(b"\n") > 23 - (made is JsonLines)

    @settings(max_examples=20)
    @given(st.lists(st.integers(0, 22), max_size=4), st.integers(0, 300))
    def check(stops, torn):
        assert write(stops, torn) == expected

    check()


def test_json_lines_have_what_applies(output):
    go_on(output, 3, 3)
    assert [json.loads(line) for line in output.read_text().splitlines()] == [
        {"image": "0.jpg", "width": 10, "height": 20, "faces": [], "error": "cannot read it"},
        {"image": "1.jpg", "width": 10, "height": 20, "faces": [FACE]},
        {"image": "2.jpg", "width": 10, "height": 20, "faces": [FACE] * 2},
    ]


def test_csv_has_a_row_for_images_without_faces(output):
    go_on(output, 2, 2, made=Csv)
    head, failed, face = output.read_text().splitlines()
    assert head.startswith("image,frame,time,width,height,note,error,face,x1,y1,x2,y2,score,left_")
    assert failed == "0.jpg,,,10,20,,cannot read it" + "," * 16
    assert face.startswith("1.jpg,,,10,20,,,0,1.0,2.0,3.5,4.25,0.99,1.5,2.5,")


def test_all_but_the_line_that_is_being_written_is_kept(output):
    go_on(output, 23, 15)
    folder = folder_of(output)
    assert sorted(path.name.split(".")[0] for path in folder.iterdir()) == [
        *("journal", "part-000000", "part-000001", "part-000002", "run"),
    ]
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'[15, "15.jpg", {"ima')
    with Parts(output, JsonLines(), 4, RUN) as parts:
        assert (parts.totals.images, parts.totals.failed) == (15, 5)
        assert parts.totals.faces == sum(len(record(number)["faces"]) for number in range(15))


def test_another_run_does_not_go_on(output):
    go_on(output, 23, 9)
    with pytest.raises(ResumeError, match="made with min_face_size 20, not 40; --overwrite"):
        go_on(output, 23, 23, run={"min_face_size": 40})


def test_a_run_that_lacks_an_entry_does_not_go_on(output):
    go_on(output, 23, 9)
    with pytest.raises(ResumeError, match="have no version: an earlier version of mtcnn-rt made"):
        go_on(output, 23, 23, run={**RUN, "version": "0.1.0"})


def test_other_files_do_not_go_on(output):
    go_on(output, 23, 9)
    with (
        Parts(output, JsonLines(), 4, RUN) as parts,
        pytest.raises(ResumeError, match="the first 9 images are not those of before"),
    ):
        parts.skip_done(iter([Item("new.jpg", Unreadable("")), *items(23)]))
    with (
        Parts(output, JsonLines(), 4, RUN) as parts,
        pytest.raises(ResumeError, match="the first 9 images are not those of before"),
    ):
        parts.skip_done(items(8))


def test_two_processes_do_not_write_one_output(output):
    pytest.importorskip("fcntl")
    with (
        Parts(output, JsonLines(), 4, RUN),
        pytest.raises(ResumeError, match="another process is writing"),
        Parts(output, JsonLines(), 4, RUN),
    ):
        pass


@pytest.mark.parametrize("name", ["ENOSYS", "ENOLCK", "ENOTSUP"])
def test_a_disk_without_locks_has_results(output, monkeypatch, name):
    fcntl = pytest.importorskip("fcntl")
    number = getattr(errno, name)

    def failing(file, how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", failing)
    go_on(output, 2, 1)
    go_on(output, 2, 2)
    lines = output.read_text().splitlines()
    assert [json.loads(line)["image"] for line in lines] == ["0.jpg", "1.jpg"]


def test_a_part_that_is_missing_is_noticed(output):
    go_on(output, 23, 15)
    next(folder_of(output).glob("part-000001*")).unlink()
    with pytest.raises(ResumeError, match="no part is expected here"):
        go_on(output, 23, 23)


@pytest.mark.parametrize("size", [0, 100])
def test_a_part_that_is_cut_off_is_noticed(output, size):
    go_on(output, 23, 15)
    [part] = folder_of(output).glob("part-000001*")
    whole = part.stat().st_size
    os.truncate(part, size)
    with pytest.raises(ResumeError, match=f"is damaged: it has {size} of {whole} bytes; --overwri"):
        go_on(output, 23, 23)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_broken_description_is_named(output, content):
    go_on(output, 23, 3)
    (folder_of(output) / "run.json").write_bytes(content)
    with pytest.raises(ResumeError, match=r"run\.json: is broken; --overwrite begins again"):
        go_on(output, 23, 23)


@pytest.mark.parametrize(
    "line", [b"1", b"[2, 3]", b"[2, 3, 4]", b'[2, "k", {}]', b"\xff", b"null", b"[" * 10**5]
)
def test_a_broken_line_of_the_journal_is_dropped(output, line):
    go_on(output, 23, 3)
    journal = folder_of(output) / "journal.jsonl"
    lines = journal.read_bytes().splitlines()
    journal.write_bytes(b"\n".join([*lines[:2], line, b""]))
    with Parts(output, JsonLines(), 4, RUN) as parts:
        assert parts.totals.images == 2
        assert journal.read_bytes().splitlines() == lines[:2]


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_a_kill_while_the_journal_is_read_loses_no_record(output, monkeypatch, taken):
    """Before, the journal was emptied, and written again line by line."""
    go_on(output, 23, 7)
    journal = folder_of(output) / "journal.jsonl"
    lines = journal.read_bytes()
    assert lines.count(b"\n") == 3
    journal.write_bytes(lines + b'[7, "7.jpg", {"ima')
    take, calls = Parts._take, []

    def killed(self, key, record):
        if len(calls) == taken:
            raise KeyboardInterrupt
        calls.append(key)
        take(self, key, record)

    monkeypatch.setattr(Parts, "_take", killed)
    with pytest.raises(KeyboardInterrupt):
        go_on(output, 23, 23)
    monkeypatch.setattr(Parts, "_take", take)
    assert journal.read_bytes() == lines
    with Parts(output, JsonLines(), 4, RUN) as parts:
        assert parts.totals.images == 7


@pytest.mark.parametrize("later", [0, 2])
def test_a_journal_whose_part_is_written_already_is_passed_over(output, later):
    """A kill after a part is written and before the journal is emptied leaves its records."""
    go_on(output, 23, 4)
    journal = folder_of(output) / "journal.jsonl"
    old = b"".join(
        f"{json.dumps([number, f'{number}.jpg', record(number)])}\n".encode()
        for number in range(4 + later)
    )
    journal.write_bytes(old)
    with Parts(output, JsonLines(), 4, RUN) as parts:
        assert parts.totals.images == 4 + later
    assert journal.read_bytes() == (old if later else b"")
    go_on(output, 23, 23)
    assert len(output.read_bytes().splitlines()) == 23


def test_other_files_in_the_folder_stay(output):
    folder = folder_of(output)
    folder.mkdir()
    (folder / "photo.png").write_text("precious")
    with pytest.raises(ResumeError, match=r"is not replaced: it also holds photo\.png"):
        discard(folder)
    go_on(output, 3, 3)
    assert [path.name for path in folder.iterdir()] == ["photo.png"]


def test_results_that_another_process_is_writing_stay(output):
    pytest.importorskip("fcntl")
    with Parts(output, JsonLines(), 4, RUN) as parts:
        parts.write("0.jpg", record(0))
        with pytest.raises(ResumeError, match="another process is writing"):
            discard(folder_of(output))
    assert (folder_of(output) / "journal.jsonl").stat().st_size > 0
    discard(folder_of(output))
    assert not folder_of(output).exists()

"""`mtcnn-rt batch`, end to end."""

import json
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers.archives import write_archive

from mtcnn_rt import MTCNN
from mtcnn_rt.cli import main
from mtcnn_rt.cli.batch_description import described
from mtcnn_rt.model import MODELS

COUNT = 12  # images in each of the four places of the archive
OPTIONS = ["--part", "7", "--min-face-size", "60"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory, photo) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    assert write_archive(folder / "all", photo, COUNT) == 53
    return folder


@pytest.fixture(scope="module")
def undisturbed(archive) -> bytes:
    """The results of a run that nothing interrupts, as JSON lines."""
    out = archive / "undisturbed.jsonl"
    words = ["batch", str(archive / "all"), "--out", str(out), "--workers", "1", *OPTIONS]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1, done.output
    assert "53 images, " in done.output
    assert "5 failed" in done.output
    return out.read_bytes()


def progress(folder: Path) -> int:
    """Returns how many records are on the disk.

    A record is in the journal and in a part for a moment, so the number of the last one counts.
    """
    in_parts = 7 * len(list(folder.glob("part-*")))
    try:
        lines = (folder / "journal.jsonl").read_bytes().split(b"\n")[:-1]
    except OSError:
        return in_parts
    return max(in_parts, json.loads(lines[-1])[0] + 1 if lines else 0)


def test_a_run_has_a_record_for_everything(archive, undisturbed):
    records = [json.loads(line) for line in undisturbed.splitlines()]
    assert len(records) == 53
    failed = [record for record in records if "error" in record]
    assert [Path(record["image"]).name for record in failed] == [
        *("broken.jpg", "broken.jpg", "broken.png", "d.tar", "broken.jpg"),
    ]
    detector = MTCNN(min_face_size=60)
    for record in records:
        if record["image"].startswith(str(archive / "all" / "images")) and "error" not in record:
            assert record["faces"] == detector.detect(record["image"]).to_dicts()
    assert sum(len(record["faces"]) for record in records) > 100


@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".parquet"])
def test_a_run_that_is_killed_three_times_has_the_bits_of_another(
    archive, undisturbed, program, tmp_path, extension
):
    if extension == ".parquet":
        pytest.importorskip("pyarrow")
    whole, out = tmp_path / f"whole{extension}", tmp_path / f"out{extension}"
    words = [*program, "batch", str(archive / "all"), *OPTIONS, "--workers", "2", "--out"]
    if extension == ".jsonl":
        whole.write_bytes(undisturbed)
    else:
        assert subprocess.run([*words, whole], capture_output=True).returncode == 1
    folder = tmp_path / f"out{extension}.partial"
    generator = random.Random(extension)
    killed = [signal.SIGKILL, signal.SIGINT, signal.SIGKILL]
    for number, target in zip(killed, sorted(generator.sample(range(2, 40), 3)), strict=True):
        target = max(target, progress(folder) + 1)
        process = subprocess.Popen(
            [*words, out, "--resume"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while progress(folder) < target and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == (130 if number == signal.SIGINT else -number), errors
        assert not out.exists()
        assert progress(folder) >= target
    done = subprocess.run([*words, out, "--resume"], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("53 images, ")
    assert "5 failed" in done.stdout
    assert out.read_bytes() == whole.read_bytes()
    assert not folder.exists()


def test_parquet_has_a_row_for_each_record(archive, undisturbed, run, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "out.parquet"
    assert run("batch", archive / "all", "--out", out, *OPTIONS).exit_code == 1
    file = parquet.ParquetFile(out)
    groups = [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)]
    assert groups == [7] * 7 + [4]
    for row, line in zip(file.read().to_pylist(), undisturbed.splitlines(), strict=True):
        record = json.loads(line)
        assert row["image"] == record["image"]
        assert (row["width"], row["error"]) == (record.get("width"), record.get("error"))
        found = [[face[name] for name in ("x1", "y1", "x2", "y2")] for face in row["faces"]]
        assert found == [pytest.approx(face["box"], abs=1e-3) for face in record["faces"]]


def test_parquet_without_pyarrow_is_one_line(run, archive, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    done = run("batch", archive / "all", "--out", "out.parquet")
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("mtcnn-rt: error: Parquet needs PyArrow")


def test_results_that_exist_are_kept(run, archive, tmp_path):
    photo = archive / "all" / "images" / "0.jpg"
    (tmp_path / "out.csv").write_text("kept")
    done = run("batch", photo, "--out", "out.csv")
    assert (done.exit_code, done.stderr) == (
        2,
        "mtcnn-rt: error: out.csv exists (--overwrite replaces it)\n",
    )
    done = run("batch", photo, "--out", "out.csv", "--resume")
    assert (done.exit_code, done.stdout) == (0, "out.csv is complete\n")
    assert "nothing was searched: these are the results of an earlier run" in done.stderr
    assert (tmp_path / "out.csv").read_text() == "kept"
    done = run("batch", photo, "--out", "out.csv", "--overwrite", "--workers", "1")
    assert done.exit_code == 0
    assert done.stdout.startswith("1 images, 4 faces, ")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 5


def test_unfinished_results_need_a_decision(run, archive, tmp_path):
    shutil.copytree(archive / "all" / "images", "images")
    (tmp_path / "out.csv.partial").mkdir()
    done = run("batch", "images", "--out", "out.csv")
    assert done.exit_code == 2
    assert "out.csv.partial has results of a run that has ended: --resume goes on" in done.stderr
    done = run("batch", "images", "--out", "out.csv", "--resume", "--overwrite")
    assert "exclude each other" in done.stderr


def ended(*_):
    raise OSError("the disk is gone")


def test_another_model_at_the_same_place_does_not_go_on(run, archive, tmp_path, monkeypatch):
    """Before, the first images had the faces of one model, and the rest those of another."""
    shutil.copytree(archive / "all" / "images", "images")
    shutil.copytree(MODELS / "distilled", "model")
    words = ("batch", "images", "--out", "out.jsonl", "--model", "./model", "--workers", "1")
    with monkeypatch.context() as patched:
        patched.setattr("mtcnn_rt.batch.workers.Workers.records", ended)
        assert run(*words).exit_code == 2
    assert (tmp_path / "out.jsonl.partial" / "run.json").exists()
    shutil.move("model", "first")
    shutil.copytree(MODELS / "published", "model")
    description = json.loads((tmp_path / "model" / "model.json").read_bytes())
    first = json.loads((tmp_path / "first" / "model.json").read_bytes())
    description["thresholds"], description["presets"] = first["thresholds"], first["presets"]
    (tmp_path / "model" / "model.json").write_text(json.dumps(description))
    done = run(*words, "--resume")
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "were made with model_sha256 " in done.stderr
    shutil.rmtree("model")
    shutil.move("first", "model")
    with monkeypatch.context() as patched:
        patched.setattr("mtcnn_rt.cli.batch_description.version", lambda _: "99")
        done = run(*words, "--resume")
        assert done.exit_code == 2
        assert "were made with version '" in done.stderr
        assert "not '99'; --overwrite begins again" in done.stderr
    done = run(*words, "--resume")
    assert done.stdout.startswith(f"{COUNT + 1} images, ")


@pytest.mark.parametrize("option", [(), ("--overwrite",), ("--resume",)])
def test_a_folder_in_the_place_of_the_results_is_refused_before_the_search(
    run, save, tmp_path, option
):
    save("a.png")
    (tmp_path / "out.jsonl").mkdir()
    done = run("batch", "a.png", "--out", "out.jsonl", *option)
    expected = (2, "", "mtcnn-rt: error: out.jsonl is a folder, not a file\n")
    assert (done.exit_code, done.stdout, done.stderr) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "out.jsonl"]


def test_passwords_of_sources_are_not_written(detector):
    found = described(detector, ["s3://key:secret@bucket/a", "photos"], part=7)
    assert (found["sources"], found["part"]) == (["s3://bucket/a", "photos"], 7)
    assert len(found["model_sha256"]) == 16
    assert "secret" not in json.dumps(found)


def test_an_output_is_never_an_input(run, archive, tmp_path):
    (tmp_path / "photo.jpg").write_bytes((archive / "all" / "images" / "0.jpg").read_bytes())
    (tmp_path / "out.csv").hardlink_to(tmp_path / "photo.jpg")
    done = run("batch", "photo.jpg", "--out", "out.csv", "--overwrite")
    assert done.exit_code == 2
    assert "out.csv is an input, which is never overwritten" in done.stderr


def test_nothing_to_do_is_an_error(run, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run("batch", "empty", "--out", "out.csv")
    assert (done.exit_code, done.stderr) == (2, "mtcnn-rt: error: no image or video in empty\n")
    assert "does not end in .parquet, .jsonl, .csv" in run("batch", "x", "--out", "a.txt").stderr


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_list_comes_at_standard_input(archive, program, tmp_path, start):
    names = [str(archive / "all" / "images" / f"{index}.jpg") for index in (4, 0)]
    words = [*program, "batch", "-", "--out", "out.jsonl", "--workers", "1"]
    listed = (start + "\n".join(names)).encode()
    done = subprocess.run(words, input=listed, cwd=tmp_path)
    assert done.returncode == 0
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["image"] for line in lines] == names


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_workers_start_where_streams_are_closed(archive, program, tmp_path, closed):
    photo = archive / "all" / "images" / "0.jpg"
    words = shlex.join([*program, "batch", str(photo), "--out", "out.jsonl", "--workers", "1"])
    done = subprocess.run(f"{words} {closed}", shell=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 0
    assert len(json.loads((tmp_path / "out.jsonl").read_bytes())["faces"]) == 4


def test_a_closed_list_is_one_line(program, tmp_path):
    words = shlex.join([*program, "batch", "-", "--out", "out.jsonl"])
    done = subprocess.run(f"{words} <&-", shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("mtcnn-rt: error: -: standard input is closed; it takes a list")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def limited(program, size: int) -> list[str]:
    """Returns the command line with a limit of the file size, which stands for a full disk."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
    return [*program[:2], limit + program[2]]


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of file sizes")
@pytest.mark.parametrize(
    ("size", "place"),
    [(200, "out.jsonl.partial/run.json"), (900, "out.jsonl.partial/journal.jsonl")],
)
def test_a_full_disk_is_named_and_resume_goes_on(archive, program, tmp_path, size, place):
    """The line of the journal had neither its name nor that of the results."""
    photo = archive / "all" / "images" / "0.jpg"
    words = ["batch", photo, "--out", "out.jsonl", "--workers", "1", *OPTIONS]
    done = subprocess.run(
        [*limited(program, size), *words], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == f"mtcnn-rt: error: {Path(place)}: File too large\n"
    done = subprocess.run([*program, *words, "--resume"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert len(json.loads((tmp_path / "out.jsonl").read_bytes())["faces"]) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of file sizes")
def test_a_list_that_fits_no_disk_names_the_folder_of_temporary_files(program, tmp_path):
    words = [*limited(program, 200), "batch", "-", "--out", "out.jsonl"]
    names = "\n".join(f"{index}.jpg" for index in range(9999))
    done = subprocess.run(words, input=names, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"mtcnn-rt: error: {tempfile.gettempdir()}: File too large\n"


@pytest.mark.skipif(sys.platform == "win32", reason="keeps the current folder of a process")
def test_a_current_folder_that_is_gone_is_named_before_there_are_results(
    archive, program, tmp_path
):
    """It left a folder of unfinished results, and a line without a name."""
    (tmp_path / "gone").mkdir()
    photo, out = archive / "all" / "images" / "0.jpg", tmp_path / "out.jsonl"
    words = shlex.join([*program, "batch", str(photo), "--out", str(out), "--workers", "1"])
    done = subprocess.run(
        f"rmdir ../gone; {words}",
        shell=True,
        cwd=tmp_path / "gone",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("mtcnn-rt: error: the current folder was removed, ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []

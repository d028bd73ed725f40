"""Tests of folders that vanish, or become read-only, while a command reads or writes them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.whole_files import check_whole

from mtcnn_rt._files.temporary import PREFIX
from mtcnn_rt.cli.file_plan import FilePlan
from mtcnn_rt.cli.image_job import OutputFolder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")

NOT_ROOT = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
"""Takes from root the right to write anywhere."""
GONE = os.strerror(2)
DENIED = os.strerror(13)
PHOTOS = 14
COMMANDS = {
    "image": ["image", "photos", "--out", "out/copies", "--json", "out/r.json"],
    "crops": ["crops", "photos", "--out", "out/copies", "--json", "out/r.json"],
    "images": ["process", "photos", "--out", "out/copies", "--csv", "out/r.csv"],
    "process": ["process", "clip.mp4", "-o", "out/copies/o.mp4", "--csv", "out/r.csv"],
    "batch": ["batch", "photos", "--out", "out/copies/r.jsonl", "--workers", "1"],
    "train": [
        *("train", "all", "--data", "drawn", "--init", "published", "--settings", "quick.toml"),
        *("--threads", "1", "--out", "out/copies/run"),
    ],
}
SLOW = [
    pytest.param("batch", marks=pytest.mark.slow),
    pytest.param("train", marks=pytest.mark.slow),
]
FINISHED = {"image": 3, "crops": 12, "images": 3}
"""Number of files in the output folder when it changes: of three photos, with four crops each."""
STOPPED = """
import signal, sys

def stop_before_renaming(event, arguments):
    global left
    if event == "os.rename" and str(arguments[1]).startswith("out/copies/"):
        if not left:
            signal.raise_signal(signal.SIGSTOP)
        left -= 1

left = int(sys.argv.pop(1))
sys.addaudithook(stop_before_renaming)
from mtcnn_rt.cli import main
main()
"""
"""The program, which stops itself before it finishes one more file: polled, it would be too far."""
STARTED = {"process": 1, "batch": 2, "train": 4}
"""Number of files in the output folder from which on it changes, sooner or later."""


@pytest.fixture
def folder(tmp_path, photo) -> Path:
    (tmp_path / "photos").mkdir()
    for index in range(PHOTOS):
        cv2.imwrite(str(tmp_path / "photos" / f"{index:02}.jpg"), photo)
    (tmp_path / "out" / "copies").mkdir(parents=True)
    return tmp_path


def vanish(folder: Path) -> None:
    shutil.rmtree(folder)


def make_read_only(folder: Path) -> None:
    for below, _, _ in os.walk(folder):
        os.chmod(below, 0o500)


def files_in(folder: Path) -> list[Path]:
    """Returns finished files; one may vanish meanwhile."""
    return [file for file in folder.rglob("*") if file.is_file() and PREFIX not in file.name]


def run(
    program: list[str], command: str, folder: Path, change: Callable[[Path], None], changed: Path
) -> tuple[int, list[str]]:
    """Changes a folder while a command runs. Returns its exit status and its lines of errors."""
    prefix = NOT_ROOT if os.geteuid() == 0 else []
    if prefix and shutil.which(prefix[0]) is None:
        pytest.skip("root may write anywhere")
    if finished := FINISHED.get(command):
        program = [sys.executable, "-c", STOPPED, str(finished)]
    process = subprocess.Popen(
        [*prefix, *program, *COMMANDS[command]],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if not finished:
        while process.poll() is None and not has_started(folder / "out", command):
            time.sleep(0.001)
        assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGSTOP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), process.communicate()
    change(changed)
    process.send_signal(signal.SIGCONT)
    _, errors = process.communicate(timeout=120)
    for below, _, _ in os.walk(folder):
        os.chmod(below, 0o700)
    assert "Traceback" not in errors
    lines = errors.splitlines()
    if command == "train":  # its progress
        lines = [line for line in lines if line.startswith("mtcnn-rt: ")]
    assert all(line.startswith("mtcnn-rt: ") for line in lines), errors
    return process.returncode, lines


def has_started(place: Path, command: str) -> bool:
    if command == "process":  # its only file has another name up to the end
        return any(file.stat().st_size > 2000 for file in place.glob(f"copies/{PREFIX}*"))
    files = sum(1 for file in (place / "copies").rglob("*") if file.is_file())
    return files >= STARTED[command]


@pytest.mark.parametrize("command", ["image", "crops", "images", "process", *SLOW])
def test_an_output_folder_that_vanishes(program, folder, command, request):
    prepare(command, folder, request)
    status, lines = run(program, command, folder, vanish, folder / "out")
    assert status == 2
    assert files_in(folder / "out") == []
    assert not list((folder / "out").rglob(f"{PREFIX}*"))
    if command in FINISHED:
        assert len(lines) == PHOTOS - 3 + 1
        assert lines[0].startswith("mtcnn-rt: cannot write out/copies/03")
        assert lines[0].endswith(f": {GONE}")
        for line in lines[1:-1]:
            assert line.startswith("mtcnn-rt: cannot write out/copies/")
            assert line.endswith(": the folder out/copies was removed")
        assert lines[-1].startswith("mtcnn-rt: error: out/r.")
    else:
        [line] = lines
        assert line.startswith("mtcnn-rt: error: out/")
        assert GONE in line or "there is no folder out/copies" in line


def test_a_disk_that_cannot_tell_whether_the_folder_is_there_did_not_remove_it(
    tmp_path, monkeypatch
):
    def failing(path, **how):
        raise OSError(5, os.strerror(5))

    outputs = OutputFolder(tmp_path, False, FilePlan({}))
    outputs.check_folder(tmp_path / "a.png")
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", failing)
        outputs.check_folder(tmp_path / "a.png")
        with pytest.raises(OSError, match=f"a.png: {os.strerror(5)}$"):
            outputs.write(Path("a.png"), np.zeros((9, 9, 3), np.uint8))


@pytest.mark.parametrize("command", ["image", "crops", "images", "process", *SLOW])
def test_an_output_folder_that_becomes_read_only(program, folder, command, request):
    prepare(command, folder, request)
    status, lines = run(program, command, folder, make_read_only, folder / "out")
    assert status == 2
    assert all(DENIED in line and PREFIX not in line for line in lines), lines
    assert len(lines) == (PHOTOS - 3 + 1 if command in FINISHED else 1)
    for file in files_in(folder / "out" / "copies"):
        if file.suffix in (".jpg", ".png"):
            check_whole(file)


@pytest.mark.parametrize("command", ["image", "crops", "images"])
def test_an_input_folder_that_vanishes(program, folder, command):
    status, lines = run(program, command, folder, vanish, folder / "photos")
    found = files_in(folder / "out" / "copies")
    assert status == 1
    assert len(found) > FINISHED[command]
    assert all(line.endswith(f": {GONE}") for line in lines), lines
    assert all(line.startswith("mtcnn-rt: cannot read photos/") for line in lines), lines
    assert len(lines) + len(found) / (4 if command == "crops" else 1) == PHOTOS
    for file in found:
        check_whole(file)


@pytest.mark.slow
def test_an_input_folder_of_batch_that_vanishes(program, folder):
    status, lines = run(program, "batch", folder, vanish, folder / "photos")
    records = (folder / "out" / "copies" / "r.jsonl").read_text().splitlines()
    errors = [json.loads(line).get("error") for line in records]
    failed = [error for error in errors if error]
    assert status == (2 if len(failed) == len(errors) else 1)
    assert [f"mtcnn-rt: {error}" for error in failed] == lines
    assert all(error.startswith("cannot read photos") for error in failed), failed
    assert len(errors) in (1, PHOTOS)  # one for the folder, if it was not listed yet


def prepare(command: str, folder: Path, request: pytest.FixtureRequest) -> None:
    """Makes the inputs of a command beside the photos."""
    if command == "process":
        import mtcnn_rt

        shutil.copy(Path(mtcnn_rt.__file__).with_name("sample.mp4"), folder / "clip.mp4")
    if command == "train":
        pytest.importorskip("torch")
        shutil.copytree(request.getfixturevalue("drawn"), folder / "drawn")
        steps = "".join(f"[{name}]\nsteps = 40\n" for name in ("pnet", "rnet", "onet"))
        settings = "batch_size = 20\nmining_scales = [1]\nnegatives_per_image = 4\n"
        (folder / "quick.toml").write_text(settings + steps)

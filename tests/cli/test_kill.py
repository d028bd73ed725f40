"""Kills commands at random points: outputs are whole or absent, and the next run cleans up."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from helpers.processes import random_signal, stop_after
from helpers.whole_files import check_whole

from mtcnn_rt._files.temporary import PREFIX
from mtcnn_rt.model import load_model

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")
FEW, MANY = 12, 50
TIMES = [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.slow)]


COMMANDS = {
    "image": ["image", "photos", "--out", "out", "--json", "out.json", "--csv", "out.csv"],
    "crops": ["crops", "photos", "--out", "out", "--json", "out.json"],
    "evaluate": ["evaluate", "boxes", "--data", "data", "--json", "out.json"],
    "convert": ["convert", "weights", "--out", "out"],
    "process": ["process", "clip.mp4", "-o", "out.mp4", "--jsonl", "out.jsonl", "--csv", "out.csv"],
}


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_outputs_are_whole_or_absent(request, program, command_inputs, tmp_path, command, times):
    shutil.copytree(command_inputs, tmp_path, dirs_exist_ok=True)
    if command == "convert":
        shutil.copytree(request.getfixturevalue("weights"), tmp_path / "weights")
    before = {path.name for path in tmp_path.iterdir()}
    words = [*program, *COMMANDS[command], "--overwrite"]
    start = time.perf_counter()
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    needed = time.perf_counter() - start
    assert done.returncode == 0, done.stderr
    generator = random.Random(command)
    for index in range(times):
        number = random_signal(index, generator)
        if index % 3 != 2:  # otherwise the outputs are there already
            remove_outputs(tmp_path, before)
        process = stop_after(generator.uniform(0.3, 1.05) * needed, number, words, tmp_path)
        killed = process.returncode == -signal.SIGKILL
        check_outputs(tmp_path, before)
        assert killed or not list(tmp_path.rglob(f"{PREFIX}*-{process.pid}-*"))
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    check_outputs(tmp_path, before)
    assert not list(tmp_path.rglob(f"{PREFIX}*"))


def remove_outputs(folder: Path, inputs: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in inputs and not path.name.startswith(PREFIX):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def check_outputs(folder: Path, inputs: set[str]) -> None:
    outputs = [path for path in folder.iterdir() if path.name not in inputs]
    for path in outputs:
        if path.name.startswith(PREFIX):
            continue
        if path.name == "out" and (path / "model.json").exists():
            assert list(load_model(path).networks) == ["pnet", "rnet", "onet"]
        elif path.name == "out":
            for file in path.iterdir():
                if not file.name.startswith(PREFIX):
                    check_whole(file)
        else:
            check_whole(path)

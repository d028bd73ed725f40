"""Kills trainings at random points: a resumed one ends in the same bits as an undisturbed one."""

import os
import random
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from helpers.processes import random_signal, stop_after

from mtcnn_rt._files.temporary import PREFIX
from mtcnn_rt.model import load_model

pytest.importorskip("torch", reason="PyTorch is not installed")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")

SETTINGS = """\
batch_size = 20
mining_scales = [1]
negatives_per_image = 4
[pnet]
steps = {0}
[rnet]
steps = {0}
[onet]
steps = {0}
"""
ONE_PASS = 'mining = "one pass"\nteacher = "published"\n'
FEW, MANY = 3, 50
CASES = [
    pytest.param("", FEW, id="staged"),
    pytest.param("", MANY, id="staged, often", marks=pytest.mark.slow),
    pytest.param(ONE_PASS, MANY, id="one pass, often", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("mining", "times"), CASES)
def test_a_killed_and_resumed_training_ends_in_the_same_bits(
    program, drawn, tmp_path, mining, times
):
    settings = tmp_path / "settings.toml"
    settings.write_text(mining + SETTINGS.format(30 if times == FEW else 150))
    words = [*program, "train", "all", "--threads", "1", "--out", "run"]
    new = ["--data", str(drawn), "--init", "published", "--settings", str(settings)]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    start = time.perf_counter()
    done = subprocess.run([*words, *new], cwd=whole, capture_output=True, text=True)
    needed = time.perf_counter() - start
    assert done.returncode == 0, done.stderr
    expected = contents(whole / "run")
    generator = random.Random(mining)
    for index in range(times):
        number = random_signal(index, generator)
        rest = ["--resume"] if (broken / "run").exists() else new
        delay = generator.uniform(0.2, 1.0) * needed
        process = stop_after(delay, number, [*words, *rest], broken)
        check_files(broken / "run")
        if process.returncode == 0 and index < times - 1:  # it was faster: begin again
            assert contents(broken / "run") == expected
            (broken / "run").rename(tmp_path / f"done-{index}")
    rest = ["--resume"] if (broken / "run").exists() else new
    done = subprocess.run([*words, *rest], cwd=broken, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert contents(broken / "run") == expected


def contents(folder: Path) -> dict[str, bytes]:
    """Returns all files of a run but checkpoints, of which only their values are the same."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pt"
    }


def check_files(run: Path) -> None:
    """Checks that each file of an interrupted run is whole."""
    import torch

    for path in run.rglob("*"):
        if path.name.startswith(PREFIX) or any(part.startswith(PREFIX) for part in path.parts):
            continue
        if path.suffix == ".npy" and path.parent.name != "model":
            np.load(path, mmap_mode="r", allow_pickle=False)
        elif path.suffix == ".pt":
            torch.load(path, weights_only=True)
    if (run / "model").exists():
        assert list(load_model(run / "model").networks) == ["pnet", "rnet", "onet"]

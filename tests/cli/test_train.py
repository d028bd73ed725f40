"""Tests `mtcnn-rt train`."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mtcnn_rt import _packages
from mtcnn_rt.model import load_model
from mtcnn_rt.training.settings import read_settings

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"
)

QUICK = """\
batch_size = 35
mining_scales = [1]
negatives_per_image = 8
[pnet]
steps = 30
[rnet]
steps = 15
[onet]
steps = 10
"""


@pytest.fixture
def quick(tmp_path) -> Path:
    path = tmp_path / "quick.toml"
    path.write_text(QUICK)
    return path


def digests(folder):
    return {name: network.sha256 for name, network in load_model(folder).networks.items()}


@needs_torch
def test_all_networks_from_random_weights(run, drawn, quick, save, photo):
    options = ("--settings", quick, "--seed", 3, "--ohem-ratio", 1, "--threads", 1)
    result = run("train", "all", "--data", drawn, "--out", "runs/x", *options)
    assert result.exit_code == 0, result.output
    model = Path("runs/x/model")
    assert result.stdout == f"{model}: use it with --model, or MTCNN(model=...)\n"
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["pnet", "rnet", "onet"]
    settings = read_settings(Path("runs/x/settings.toml"))
    assert (settings.seed, settings.ohem_ratio, settings.batch_size) == (3, 1, 35)
    lines = Path("runs/x/log.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    assert steps == [0, 20, 29, 0, 14, 0, 9]
    description = json.loads((model / "model.json").read_text())
    assert description["name"] == "x"
    assert description["source"] == f"pnet, rnet, onet trained by mtcnn-rt on {drawn.name}"
    path = save("photo.png", photo)
    assert run("image", path, "--model", model).exit_code == 0


@needs_torch
def test_one_network_of_the_published_model(run, drawn, quick):
    result = run(
        *("train", "onet", "--data", drawn, "--init", "published", "--out", "x"),
        *("--settings", quick, "--steps", 2, "--loss-weights", 0, 0, 1, "--threads", 1),
    )
    assert result.exit_code == 0, result.output
    assert read_settings(Path("x/settings.toml")).onet.loss_weights == (0, 0, 1)
    published, trained = digests(None), digests("x/model")
    # The graphs of the others are built again from the same weights.
    kernels = [load_model(folder).networks["pnet"].layers[1].kernel for folder in (None, "x/model")]
    assert abs(kernels[0] - kernels[1]).max() < 1e-6
    assert published["onet"] != trained["onet"]
    assert load_model("x/model").box_offset == 0


@needs_torch
def test_distillation_in_several_processes(run, drawn, tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text(
        'mining = "one pass"\nteacher = "published"\nbatch_size = 20\n'
        "[pnet]\nsteps = 2\npull = 0.1\n[rnet]\nsteps = 2\n[onet]\nsteps = 2\n"
    )
    words = ("--data", drawn, "--init", "published", "--settings", path, "--out", "x")
    result = run("train", "all", *words, "--threads", 1, "--workers", 2)
    assert result.exit_code == 0, result.output
    assert load_model("x/model").box_offset == 0
    plan = json.loads(Path("x/run.json").read_text())
    assert plan["init_sha256"] == load_model("published").sha256
    result = run("train", "all", "--out", "x", "--resume", "--threads", 1, "--workers", 1)
    assert result.exit_code == 0, result.output


@needs_torch
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_an_interrupted_and_resumed_training_ends_the_same(program, drawn, quick, run):
    words = ["train", "pnet", "--data", drawn, "--init", "published", "--threads", "1"]
    words += ["--settings", quick, "--steps", "400"]
    assert run(*words, "--out", "whole").exit_code == 0
    command = [*program, *map(str, words), "--out", "broken"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("pnet: ")  # the samples: training begins
        while not Path("broken/log.jsonl").exists() or not Path("broken/log.jsonl").stat().st_size:
            assert process.poll() is None
        os.kill(process.pid, signal.SIGINT)
        assert process.stderr.read() == "mtcnn-rt: interrupted\n"
    assert process.returncode == 130
    assert not Path("broken/model").exists()
    assert Path("broken/pnet/checkpoint.pt").exists()
    result = run("train", "pnet", "--out", "broken", "--resume", "--threads", "1")
    assert result.exit_code == 0, result.output
    assert digests("broken/model") == digests("whole/model")
    assert Path("broken/log.jsonl").read_text() == Path("whole/log.jsonl").read_text()


@needs_torch
def test_images_and_lines_that_cannot_be_read_are_reported(run, drawn, quick, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(drawn, data)
    (data / "images" / "3.png").write_bytes(b"not an image")
    with (data / "annotations.jsonl").open("a") as file:
        file.write("broken\n")
    words = ("pnet", "--data", data, "--init", "published", "--settings", quick, "--threads", 1)
    result = run("train", *words, "--steps", 1, "--out", "x")
    assert result.exit_code == 1
    broken, unread, _ = result.stderr.splitlines()
    assert "annotations.jsonl:25: " in broken
    assert "3.png" in unread
    assert load_model("x/model").name == "x"


@needs_torch
@pytest.mark.parametrize("mining", ["", 'mining = "one pass"\n'])
def test_images_without_faces_alone_are_no_training(run, drawn, tmp_path, mining):
    data = tmp_path / "data"
    shutil.copytree(drawn, data)
    with (data / "annotations.jsonl").open("a") as file:
        file.write('{"image": "small.png", "boxes": []}\n')
    cv2.imwrite(str(data / "images" / "small.png"), np.zeros((40, 40, 3), np.uint8))
    (tmp_path / "few.toml").write_text(f"{mining}{QUICK}")
    words = ("--settings", tmp_path / "few.toml", "--init", "published", "--threads", 1)
    result = run("train", "all", "--data", data, *words, "--out", "x", "--max-pixels", 2000)
    assert result.exit_code == 2
    *lines, error = result.stderr.splitlines()
    assert len(lines) == 24
    assert all(line.startswith("mtcnn-rt: cannot read ") for line in lines)
    reason = lines[0].removeprefix("mtcnn-rt: ")
    begin = "mtcnn-rt: error: pnet: no face to train on: 24 of 25 images were left out; "
    assert error == begin + reason
    assert not Path("x/model").exists()
    result = run("train", "all", "--resume", "--out", "x", "--threads", 1)
    assert result.exit_code == 0, result.output
    assert load_model("x/model").name == "x"


@needs_torch
def test_an_image_that_is_left_out_is_named_once(run, drawn, quick, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(drawn, data)
    (data / "images" / "3.png").write_bytes(b"not an image")
    words = ("--data", data, "--settings", quick, "--steps", 1, "--threads", 1)
    result = run("train", "all", *words, "--out", "x")
    assert result.exit_code == 1
    named, *rest = result.stderr.splitlines()
    assert named.startswith("mtcnn-rt: cannot read ")
    assert [line.split(":")[0] for line in rest] == ["pnet", "rnet", "onet"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["all"], "--data is missing: annotated images to train on"),
        (["some", "--data", "a"], "'some' is not one of 'all', 'pnet', 'rnet', 'onet'"),
        (["rnet", "--data", "a"], "rnet alone needs --init, which gives the other networks"),
        (["all", "--data", "a", "--scratch"], "--scratch needs a single network and --init"),
        (["all", "--data", "a", "--data", "b", "--images", "c"], "--images needs a single --data"),
        (["all", "--data", "a", "--init", "missing"], "missing/model.json: No such file"),
        (["all", "--data", "a", "--init", "./a"], ", and the package has: distilled, published\n"),
        (["all", "--data", "a", "--ohem-ratio", "2"], "ohem_ratio: expected above 0, at most 1"),
        (["all", "--data", "a", "--settings", "none.toml"], "none.toml: No such file"),
        (["all", "--data", "a", "--steps", "0"], "pnet.steps: expected at least 1, not 0"),
        (["all", "--data", "a", "--seed", "9" * 23], "seed: expected 0 to 18446744073709551615"),
        (["all", "--resume"], "x: has no run to resume"),
        (["all", "--resume", "-v"], "x: has no run to resume"),
        (["all", "--resume", "--seed", "1"], "--seed has no effect with --resume"),
    ],
)
def test_invalid_options_give_an_error_of_one_line(run, words, message):
    result = run("train", *words, "--out", "x")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("x").exists()


@needs_torch
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "missing"], "missing: No such file or directory"),
        (["--data", "empty.jsonl"], "has no usable face"),
        (["--data", "empty.jsonl", "--device", "abacus"], "--device: 'abacus' is not available"),
    ],
)
def test_data_that_cannot_be_used(run, tmp_path, options, message):
    (tmp_path / "empty.jsonl").write_text('{"image": "a.png", "boxes": []}\n')
    result = run("train", "all", *options, "--out", "x")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("x").exists()


def test_an_existing_folder_is_not_changed(run, tmp_path):
    (tmp_path / "x").mkdir()
    result = run("train", "all", "--data", "a", "--out", "x")
    assert result.exit_code == 2
    assert result.stderr == "mtcnn-rt: error: x exists; --resume continues a run\n"
    (tmp_path / "y").write_bytes(b"")
    result = run("train", "all", "--data", "a", "--out", "y")
    assert result.exit_code == 2
    assert result.stderr == "mtcnn-rt: error: y is a file, not a folder\n"
    assert list((tmp_path / "x").iterdir()) == []


def test_without_pytorch_the_error_names_the_extra(run, monkeypatch):
    monkeypatch.setattr(_packages, "_has", lambda name: False)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run("train", "all", "--data", "a", "--out", "x")
    assert result.exit_code == 2
    expected = "train needs PyTorch: pip install torch (or the extra `train`)"
    assert result.stderr == f"mtcnn-rt: error: {expected}\n"

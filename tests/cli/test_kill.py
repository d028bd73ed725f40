"""Kills commands at random points: outputs are whole or absent, and the next run cleans up."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from importlib.metadata import distribution
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from helpers.evaluate_command import annotate

import mtcnn_rt
from mtcnn_rt._files import PREFIX
from mtcnn_rt.model import load_model

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")
GENTLE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
FEW, MANY = 12, 50
TIMES = [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.slow)]


def whole_image(path: Path) -> None:
    assert cv2.imread(str(path)) is not None, path


def whole_json(path: Path) -> None:
    json.loads(path.read_bytes())


def whole_video(path: Path) -> None:
    with av.open(str(path)) as clip:
        assert sum(1 for _ in clip.decode(video=0)) == 30


def whole_lines(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [json.loads(line)["frame"] for line in lines] == list(range(30))


def whole_csv(path: Path) -> None:
    assert path.read_bytes().endswith(b"\n")


WHOLE = {
    ".png": whole_image,
    ".json": whole_json,
    ".mp4": whole_video,
    ".jsonl": whole_lines,
    ".csv": whole_csv,
}
COMMANDS = {
    "image": ["image", "photos", "--out", "out", "--json", "out.json", "--csv", "out.csv"],
    "crops": ["crops", "photos", "--out", "out", "--json", "out.json"],
    "evaluate": ["evaluate", "boxes", "--data", "data", "--json", "out.json"],
    "convert": ["convert", "weights", "--out", "out"],
    "process": ["process", "clip.mp4", "-o", "out.mp4", "--jsonl", "out.jsonl", "--csv", "out.csv"],
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory, photo) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    for index in range(6):
        for place in "photos", "data/images":
            (folder / place).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / place / f"{index}.png"), np.roll(photo, index, axis=1))
    entries = [{"image": f"{index}.png", "boxes": [[50, 50, 60, 60]]} for index in range(6)]
    annotate(folder / "data" / "annotations.jsonl", *entries)
    sample = Path(mtcnn_rt.__file__).with_name("sample.mp4")
    with av.open(str(sample)) as source, av.open(str(folder / "clip.mp4"), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        for index, frame in enumerate(source.decode(video=0)):
            if index == 30:
                break
            if index == 0:
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
            frame.pts = None
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return folder


@pytest.fixture(scope="module")
def weights() -> Path:
    """The published files of the distribution `mtcnn`, which is not imported."""
    for name in "onnx", "joblib":
        pytest.importorskip(name)
    return Path(str(distribution("mtcnn").locate_file("mtcnn/assets/weights")))


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_outputs_are_whole_or_absent(request, program, inputs, tmp_path, command, times):
    shutil.copytree(inputs, tmp_path, dirs_exist_ok=True)
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
        number = signal.SIGKILL if index % 2 else generator.choice(GENTLE)
        if index % 3 != 2:  # otherwise the outputs are there already
            remove_outputs(tmp_path, before)
        process = subprocess.Popen(
            words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        time.sleep(generator.uniform(0.3, 1.05) * needed)
        process.send_signal(number)
        _, errors = process.communicate()
        assert process.returncode in (0, 130, -number), errors
        if process.returncode == 130:
            assert errors.splitlines()[-1] == "mtcnn-rt: interrupted"
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
                    whole_image(file)
        else:
            WHOLE[path.suffix](path)

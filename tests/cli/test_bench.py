"""Tests `mtcnn-rt bench`."""

import re
from importlib.resources import files

import pytest
from helpers.clips import write_steady

from mtcnn_rt._comparison.registry import ONNXRUNTIME, PEERS, Peers
from mtcnn_rt.cli import comparison

APART = ("pyramid", "P-Net", "NMS", "crops", "R-Net", "O-Net", "C-Net", "L-Net", "rest", "total")
FUSED = (
    *("pyramid+P-Net", "NMS", "crops+R-Net", "crops+O-Net", "crops+C-Net", "crops+L-Net"),
    *("rest", "total"),
)


def read_report(text: str) -> tuple[str, dict[str, tuple[float, float]], float]:
    """Returns the first line, median and 95th percentile of each stage, and frames per second."""
    first, gap, titles, *rows, another_gap, fps = text.splitlines()
    assert gap == another_gap == ""
    assert titles.split() == ["stage", "median", "ms", "p95", "ms"]
    lines = [re.fullmatch(r"(\S+) +(\d+\.\d\d) +(\d+\.\d\d)", row).groups() for row in rows]
    stages = {name: (float(median), float(p95)) for name, median, p95 in lines}
    return first, stages, float(re.fullmatch(r"(\d+\.\d) fps", fps)[1])


def check_numbers(stages: dict[str, tuple[float, float]], fps: float, names: tuple[str, ...]):
    assert tuple(stages) == names
    for median, p95 in stages.values():
        assert 0 <= median <= p95 <= stages["total"][1]
    assert stages[next(name for name in names if "P-Net" in name)][0] > 0
    assert fps == pytest.approx(1000 / stages["total"][0], rel=0.01, abs=0.06)


def test_a_photo_has_the_times_of_all_stages(run, save, photo):
    save("photo.png", photo)
    result = run("bench", "photo.png", "--runs", 3, "--engine", "onnxruntime")
    assert (result.exit_code, result.stderr) == (0, "")
    first, stages, fps = read_report(result.stdout)
    assert first == "photo.png: 640 x 360, 3 detections"
    check_numbers(stages, fps, APART)
    assert stages["R-Net"][0] > 0
    assert stages["O-Net"][0] > 0


@pytest.mark.parametrize("given", [True, False])
def test_the_packaged_clip(run, given):
    path = files("mtcnn_rt") / "sample.mp4"
    words = [path] if given else []
    result = run("bench", *words, "--runs", 3, "--min-face-size", 40, "--engine", "onnxruntime")
    assert (result.exit_code, result.stderr) == (0, "")
    first, stages, fps = read_report(result.stdout)
    assert first == f"{path}: 640 x 360, 3 detections"
    check_numbers(stages, fps, APART)


def test_a_clip_has_no_more_detections_than_frames(run, clip):
    result = run("bench", clip)
    assert result.exit_code == 0
    assert read_report(result.stdout)[0] == f"{clip}: 64 x 48, 10 detections"


def test_an_image_without_a_level(run, save):
    save("plain.png")
    result = run(
        "bench", "plain.png", "--runs", 1, "--min-face-size", 49, "--engine", "onnxruntime"
    )
    assert result.exit_code == 0
    first, stages, _ = read_report(result.stdout)
    assert first == "plain.png: 64 x 48, 1 detections"
    assert [stages[stage] for stage in ("P-Net", "R-Net", "O-Net")] == [(0, 0)] * 3


def test_a_comparison_names_what_is_missing(run, monkeypatch):
    # One engine of this package alone, whatever else is installed.
    one = Peers({ONNXRUNTIME: PEERS.modules[ONNXRUNTIME]}, PEERS.unavailable)
    monkeypatch.setattr(comparison, "PEERS", one)
    result = run("bench", "--compare", "--runs", 2, "--threads", 1, "--min-face-size", 40)
    assert result.exit_code == 0
    first, gap, titles, line, another_gap, missing = result.stdout.splitlines()
    assert first.endswith(
        ": 640 x 360, min_face_size 40, 1 thread(s), 2 detections of each in turn"
    )
    assert gap == another_gap == ""
    assert titles.split() == ["detector", "median", "ms", "min", "max", "ratio", "faces"]
    name, median, low, high, ratio, faces = line.split()
    assert name == "mtcnn-rt:onnxruntime"
    assert 0 < float(low) <= float(median) <= float(high)
    assert (ratio, faces) == ("1.00", "4")
    assert missing == "Skipped: opencv-yunet (no package has its model file)."


def test_a_name_cannot_control_the_terminal(run, save, monkeypatch):
    one = Peers({ONNXRUNTIME: PEERS.modules[ONNXRUNTIME]}, PEERS.unavailable)
    monkeypatch.setattr(comparison, "PEERS", one)
    save("a\x1b[2Jb.png")
    for words in (["--compare"], []):
        result = run("bench", *words, "a\x1b[2Jb.png", "--runs", 1)
        assert result.exit_code == 0
        assert result.stdout.startswith(r"a\x1b[2Jb.png: 64 x 48, ")


def test_what_every_command_takes_is_taken_with_compare(run, tmp_path):
    (tmp_path / "own.toml").write_text("threads = 1\n")
    words = ("bench", "--compare", "-v", "--config", "own.toml", "missing.png")
    first, *_, last = run(*words).stderr.splitlines()
    assert first == "mtcnn-rt: options from own.toml: threads"
    assert last == "mtcnn-rt: error: missing.png: No such file or directory"


def test_more_runs_than_a_video_has_frames(run, tmp_path):
    write_steady(tmp_path / "clip.mp4", 3)
    result = run("bench", "clip.mp4", "--runs", "9" * 20, "--min-face-size", 40)
    assert (result.exit_code, result.stderr) == (0, "")
    assert read_report(result.stdout)[0] == "clip.mp4: 64 x 48, 3 detections"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing.png"], "missing.png: No such file or directory"),
        (["text.txt"], "text.txt: not a video that can be read"),
        (["empty.mp4"], "empty.mp4: empty (0 bytes)"),
        (["broken.jpg"], "cannot read broken.jpg: its header is broken: it has no size"),
        (["raw.dng"], "cannot read raw.dng: a camera's raw file, "),
        (["."], ".: Is a directory"),
        (["--compare", "--engine", "onnxruntime"], "--engine has no effect with --compare"),
        (["--compare", "missing.png"], "missing.png: No such file or directory"),
        (["--compare", "--min-face-size", 3], "min_face_size: 3.0 is less than 12 pixels"),
        (["plain.png", "--runs", 0], "Invalid value for '--runs': 0 is not in the range x>=1."),
        (["plain.png", "--runs", "many"], "Invalid value for '--runs': 'many' is not a valid int"),
        (
            ["plain.png", "--runs", "1e20"],
            "Invalid value for '--runs': '1e20' is not a valid integer.",
        ),
        (["plain.png", "--min-face-size", 3], "min_face_size: 3.0 is less than 12 pixels"),
        (["plain.png", "--threads", 0], "threads: 0 is not between 1 and 1024"),
    ],
)
def test_an_error_is_one_line(run, save, tmp_path, words, message):
    save("plain.png")
    (tmp_path / "text.txt").write_text("not an image")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    save("raw.tif").rename(tmp_path / "raw.dng")
    result = run("bench", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"mtcnn-rt: error: {message}")
    assert result.stderr.count("\n") == 1

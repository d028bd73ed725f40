"""Tests the files that `python -m benchmarks.run` writes."""

import json
import sys
from pathlib import Path

import cv2
import pytest

from benchmarks import environments, run

ONNX = "mtcnn-rt:onnxruntime"


@pytest.fixture
def benchmark(tmp_path, monkeypatch, sample_frame):
    """Runs the benchmarks on an image, one round without pauses."""
    cv2.imwrite(str(tmp_path / "frame.png"), sample_frame)
    monkeypatch.setattr(run, "peaks", lambda _: {"float32_gflops": 100.0, "int8_gops": None})

    def run_it(*words):
        output = tmp_path / "out"
        options = ["--output", output, "--image", tmp_path / "frame.png", "--reference", ONNX]
        options += ["--rounds", 1, "--pause", 0, "--untimed", 0, *words]
        monkeypatch.setattr(sys, "argv", ["run", *map(str, options)])
        run.main()
        return json.loads((output / "results.json").read_text()), (
            output / "results.md"
        ).read_text()

    return run_it


def test_detectors_are_timed_and_skipped_ones_named(benchmark):
    words = ["--sections", "detectors", "--sizes", "320x180", "--threads", 1]
    facts, report = benchmark(*words, "--min-face-sizes", 20, 40, "--detectors", "opencv-yunet")
    assert facts["skipped"] == {"opencv-yunet": "no package has its model file"}
    assert [one["setting"]["min_face_size"] for one in facts["detectors"]] == [20, 40]
    for one in facts["detectors"]:
        assert (one["detector"], one["ratio"], one["error"]) == (ONNX, 1.0, None)
        assert len(one["seconds"]) == 1
    assert "Peaks, one thread: float32 100 GFLOP/s." in report
    assert "Skipped: opencv-yunet (no package has its model file)." in report
    assert "| 320x180 | 40 | 1 | mtcnn-rt:onnxruntime |" in report


def test_variants_find_the_same_faces(benchmark):
    facts, report = benchmark("--sections", "variants", "--detectors", ONNX)
    configurations = [row["configuration"] for row in facts["variants"]]
    assert configurations[:2] == ["2 threads", "1 thread"]
    assert "baseline" in configurations[2:]
    assert {row["agrees"] for row in facts["variants"]} == {"", "yes"}
    assert "## Threads and instruction sets" in report


def test_a_reference_that_cannot_run(benchmark):
    with pytest.raises(SystemExit, match="opencv-yunet is the reference: no package has"):
        benchmark("--reference", "opencv-yunet")


def test_a_detector_in_another_environment(benchmark):
    """Here the other environment is this one."""
    words = ["--sections", "detectors", "--sizes", "320x180", "--threads", 1]
    words += ["--min-face-sizes", 40, "--detectors", "mtcnn-rt:native"]
    facts, _ = benchmark(*words, "--python", f"mtcnn-rt:native={sys.executable}")
    other = facts["detectors"][1]
    assert (other["detector"], other["error"]) == ("mtcnn-rt:native", None)
    assert len(other["seconds"]) == 1
    agreement = other["agreement"]
    assert agreement["matched"] == agreement["faces"] == agreement["reference_faces"] == 3


@pytest.mark.parametrize("text", ["mtcnn", "mtcnn=nothing/bin/python", f"dlib={sys.executable}"])
def test_environments_that_are_wrong(text, benchmark, capsys):
    with pytest.raises(SystemExit):
        benchmark("--python", text)
    assert f"{text}: give a detector and the Python of its environment" in capsys.readouterr().err


def test_an_environment_without_the_package():
    detectors, missing, versions = environments.find(
        ["mtcnn-rt:native", "mediapipe"], {"mediapipe": Path(sys.executable)}
    )
    assert (detectors, versions) == (["mtcnn-rt:native"], {})
    assert missing == {"mediapipe": f"not installed in {sys.executable}: mediapipe"}

"""`mtcnn-rt info`."""

import json
import shutil
import subprocess
import sys

from mtcnn_rt import LANDMARKS, _native
from mtcnn_rt.engines.onnx import available_providers
from mtcnn_rt.model import PUBLISHED


def test_json_has_every_fact(run):
    facts = json.loads(run("info", "--json").stdout)
    assert set(facts["versions"]) == {
        *("mtcnn-rt", "python", "numpy", "opencv", "onnxruntime", "av"),
    }
    assert facts["instruction_set"] == _native.isa()
    assert facts["instruction_sets"] == _native.isas()
    assert facts["engine"] == "native"
    assert facts["providers"] == available_providers()
    assert facts["landmarks"] == list(LANDMARKS)
    assert set(facts["model"]) == {
        *("name", "license", "source", "folder", "sha256"),
        *("presets", "score", "nms_after_calibration", "nms_output", "sure_score"),
        *("cnet_crop", "lnet_crop"),
    }
    assert {len(digest) for digest in facts["model"]["sha256"].values()} == {64}
    assert set(facts["model"]["sha256"]) == {"pnet", "rnet", "onet", "cnet", "lnet"}


def test_the_text_has_the_same(run):
    facts = json.loads(run("info", "--json").stdout)
    text = run("info").stdout
    told = [*facts["versions"].values(), *facts["providers"], *facts["landmarks"]]
    told += facts["model"]["sha256"].values()
    for fact in told:
        assert fact in text
    assert "MTCNN_RT_ISA" in text


def test_a_model_with_a_score_and_presets(run, tmp_path):
    folder = shutil.copytree(PUBLISHED, tmp_path / "mine")
    described = json.loads((folder / "model.json").read_text())
    score = {"weights": [0.1, 0.3, 0.5], "bias": -1.25, "onet_alone": [0.8, -0.5]}
    described |= {"name": "mine", "score": score, "nms_after_calibration": 0.6}
    described["sure_score"] = 0.85
    described["presets"] = {"fast": {"thresholds": [0.8, 0.8, 0.9]}}
    (folder / "model.json").write_text(json.dumps(described))
    model = json.loads(run("info", "--json", "--model", folder).stdout)["model"]
    assert (model["name"], model["score"], model["nms_after_calibration"]) == ("mine", score, 0.6)
    assert model["presets"] == {"fast": [0.8, 0.8, 0.9], "balanced": [0.6, 0.7, 0.7]}
    lines = [" ".join(line.split()) for line in run("info", "--model", folder).stdout.splitlines()]
    assert "model mine" in lines
    assert "preset fast 0.8 0.8 0.9" in lines
    assert "preset balanced 0.6 0.7 0.7" in lines
    assert (
        "score weights 0.1 0.3 0.5 of P-Net, R-Net, O-Net, bias -1.25; "
        "O-Net alone: weight 0.8, bias -0.5"
    ) in lines
    assert "R-Net's NMS after calibration, IoU 0.6" in lines
    assert "O-Net sees the best square of a face first, the others below a score of 0.85" in lines


def test_a_model_cannot_control_the_terminal(run, tmp_path):
    folder = shutil.copytree(PUBLISHED, tmp_path / "mine\x1b[2J")
    described = json.loads((folder / "model.json").read_text())
    described |= {"name": "a\x1b[2Jb\nc", "license": "\x1b]0;title\x07"}
    (folder / "model.json").write_text(json.dumps(described))
    lines = [" ".join(line.split()) for line in run("info", "--model", folder).stdout.splitlines()]
    assert r"model a\x1b[2Jb\nc" in lines
    assert r"license \x1b]0;title\x07" in lines
    assert rf"folder {tmp_path}/mine\x1b[2J" in lines


def test_the_published_model_by_its_name(run):
    lines = [
        " ".join(line.split()) for line in run("info", "--model", "published").stdout.splitlines()
    ]
    assert "model published" in lines
    assert "score probability of O-Net" in lines
    assert "R-Net's NMS before calibration, IoU 0.7" in lines
    assert "O-Net sees all squares of R-Net" in lines
    assert "O-Net's NMS 0.7 of the smaller box" in lines


def test_the_package_is_a_program_and_every_command_has_a_short_help():
    for words in ([], ["image"], ["evaluate", "boxes"]):
        short, long = (
            subprocess.run(
                [sys.executable, "-m", "mtcnn_rt", *words, option],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for option in ("-h", "--help")
        )
        assert short == long
        assert short.startswith("Usage: mtcnn-rt")

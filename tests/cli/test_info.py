"""`mtcnn-rt info`."""

import json

from mtcnn_rt import LANDMARKS, _native
from mtcnn_rt.engines.onnx import available_providers


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
        *("presets", "score", "nms_after_calibration"),
    }
    assert {len(digest) for digest in facts["model"]["sha256"].values()} == {64}
    assert set(facts["model"]["sha256"]) == {"pnet", "rnet", "onet"}


def test_the_text_has_the_same(run):
    facts = json.loads(run("info", "--json").stdout)
    text = run("info").stdout
    told = [*facts["versions"].values(), *facts["providers"], *facts["landmarks"]]
    told += facts["model"]["sha256"].values()
    for fact in told:
        assert fact in text
    assert "MTCNN_RT_ISA" in text

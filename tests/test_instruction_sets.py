"""Tests of every instruction set of this machine, each in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mtcnn_rt
from mtcnn_rt import _native

REPOSITORY = Path(__file__).resolve().parents[1]
SAMPLE = Path(mtcnn_rt.__file__).parent / "sample.mp4"

CORE_TESTS = """
import sys
import pytest
from mtcnn_rt import _native
status = pytest.main(["tests/core", "-q", "-p", "no:cacheprovider"])
print("set:", _native.isa())
sys.exit(status)
"""

DETECTION = """
import json, sys
import av
from mtcnn_rt import MTCNN, _native
with av.open(sys.argv[1]) as clip:
    frame = next(clip.decode(video=0)).to_ndarray(format="bgr24")
faces = MTCNN(threads=1, model="published").detect(frame)
found = {"boxes": faces.boxes.tolist(), "landmarks": faces.landmarks.tolist()}
print(json.dumps({"set": _native.isa(), **found}))
"""


def run(isa: str, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "MTCNN_RT_ISA": isa},
        capture_output=True,
        text=True,
    )


def detect(isa: str) -> dict:
    done = run(isa, DETECTION, str(SAMPLE))
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def plain() -> dict:
    return detect("baseline")


def test_the_baseline_is_always_there():
    assert _native.isas()[0] == "baseline"


def test_the_best_set_is_used_unless_one_is_forced():
    script = "from mtcnn_rt import _native; print(_native.isa())"
    assert run("", script).stdout == f"{_native.isas()[-1]}\n"


# tests/core tests the set in use anyway.
@pytest.mark.parametrize("isa", [isa for isa in _native.isas() if isa != _native.isa()])
def test_the_core_passes_its_tests_with_every_set(isa):
    done = run(isa, CORE_TESTS)
    assert done.returncode == 0, done.stdout
    assert " passed in " in done.stdout
    assert done.stdout.endswith(f"\nset: {isa}\n")


@pytest.mark.parametrize("isa", _native.isas())
def test_every_set_finds_the_same_faces(plain, isa):
    found = detect(isa)
    assert found["set"] == isa
    assert len(found["boxes"]) == len(plain["boxes"]) == 4
    np.testing.assert_allclose(found["boxes"], plain["boxes"], rtol=0, atol=0.01)
    np.testing.assert_allclose(found["landmarks"], plain["landmarks"], rtol=0, atol=0.01)


UNKNOWN = "MTCNN_RT_ISA=mmx: not an instruction set of this machine, which has "


def test_an_unknown_set_is_refused_and_the_known_ones_are_named():
    done = run("mmx", "from mtcnn_rt import MTCNN")
    assert done.returncode == 1
    message = f"ImportError: {UNKNOWN}{', '.join(_native.isas())}"
    assert done.stderr.splitlines()[-1] == message


def test_the_command_names_an_unknown_set_in_one_line():
    done = run("mmx", "from mtcnn_rt.cli import main; main()", "info")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"mtcnn-rt: error: {UNKNOWN}{', '.join(_native.isas())}\n"

"""Runs the fuzz targets for a few seconds each; `-m slow` runs them longer."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzz import corpus, mutation
from fuzz.targets import NEEDS, found, is_installed

ROOT = Path(__file__).resolve().parents[1]
LEAST = {
    "images": 200,
    "videos": 30,
    "model_folders": 20,
    "annotations": 200,
    "http_requests": 50,
    "checkpoints": 10,
    "converters": 20,
}
"""The least number of inputs in the short run, by target."""
LENGTHS = [
    pytest.param(5, 1, id="short"),
    pytest.param(60, 2, id="long", marks=pytest.mark.slow),
]


def imported(name):
    for module in NEEDS[name]:
        pytest.importorskip(module)
    return importlib.import_module(f"fuzz.{name}")


@pytest.fixture(autouse=True)
def _closed_server() -> Iterator[None]:
    yield
    if requests := sys.modules.get("fuzz.http_requests"):
        requests.close()


@pytest.mark.parametrize(("seconds", "seed"), LENGTHS)
@pytest.mark.parametrize("name", NEEDS)
def test_every_input_is_accepted_or_refused_properly(name, seconds, seed):
    module = imported(name)
    assert mutation.run(module.target, module.seeds(), seconds, seed) >= LEAST[name]


@pytest.mark.parametrize("name", NEEDS)
def test_inputs_that_failed_once(name):
    module = imported(name)
    for content in found(name):
        module.target(content)


def test_seeds_are_written_for_other_fuzzers(tmp_path):
    counts = corpus.write(tmp_path)
    assert {"images", "videos", "http_requests"} <= set(counts)
    assert counts == {path.name: len(list(path.iterdir())) for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(["--plain"], id="random changes"),
        pytest.param(
            [],
            id="Atheris",
            marks=pytest.mark.skipif(not is_installed("atheris"), reason="needs Atheris"),
        ),
    ],
)
def test_the_command_runs_targets_and_fails_with_one(tmp_path, how):
    words = [sys.executable, "-m", "fuzz", "--seconds", "1", *how]
    done = subprocess.run([*words, "annotations"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    broken = (
        "import fuzz.annotations as a, sys; a.target = lambda content: 1 / (len(content) < 1)\n"
    )
    main = "sys.argv = ['fuzz', '--here', 'annotations', '--seconds', '1', *sys.argv[1:]]\n"
    script = f"{broken}{main}import runpy; runpy.run_module('fuzz', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", script, *how], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stdout + done.stderr

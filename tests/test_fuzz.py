"""Runs the fuzz targets for a few seconds each; `-m slow` runs them longer."""

import importlib

import pytest

from fuzz import mutation

TARGETS = {
    "images": 200,
    "model_folders": 20,
    "annotations": 200,
    "checkpoints": 10,
    "converters": 20,
}
"""The least number of inputs in the short run, by target."""
NEEDS = {"checkpoints": ["torch"], "converters": ["torch", "google.protobuf"]}
LENGTHS = [
    pytest.param(5, 1, id="short"),
    pytest.param(60, 2, id="long", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("seconds", "seed"), LENGTHS)
@pytest.mark.parametrize("name", TARGETS)
def test_every_input_is_accepted_or_refused_properly(name, seconds, seed):
    for module in NEEDS.get(name, []):
        pytest.importorskip(module)
    module = importlib.import_module(f"fuzz.{name}")
    assert mutation.run(module.target, module.seeds(), seconds, seed) >= TARGETS[name]

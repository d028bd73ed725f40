"""Tests of the entries of model.json that configure the cascade."""

import re

import pytest
from helpers.model_folders import refuses

from mtcnn_rt import MTCNN
from mtcnn_rt._score import ScoreModel
from mtcnn_rt.model import ModelError, load_model

SCORE = {"weights": [0.1, 0.3, 0.5], "bias": -1, "onet_alone": [0.8, -0.5]}
PRESETS = {"fast": {"thresholds": [0.8, 0.8, 0.9]}, "thorough": {"thresholds": [0.5, 0.1, 0]}}


def test_the_published_model_scores_with_onet_and_has_its_presets():
    model = load_model("published")
    assert (model.score, model.nms_after_calibration, model.nms_output) == (None, None, None)
    assert model.sure_score is None
    assert model.presets["balanced"] == model.thresholds_of() == (0.6, 0.7, 0.7)
    assert model.thresholds_of("fast") == (0.8, 0.6, 0.6)
    assert model.thresholds_of("thorough") == (0.5, 0.3, 0.2)


def test_the_entries_that_configure_the_cascade(folder, describe):
    describe("score", SCORE)
    describe("presets", PRESETS)
    describe("nms_after_calibration", 0.6)
    describe("nms_output", 0.5)
    describe("sure_score", 0.9)
    model = load_model(folder)
    assert model.score == ScoreModel((0.1, 0.3, 0.5), -1, (0.8, -0.5))
    assert (model.nms_after_calibration, model.nms_output, model.sure_score) == (0.6, 0.5, 0.9)
    # The model has no "balanced" of its own.
    expected = {"fast": (0.8, 0.8, 0.9), "balanced": (0.6, 0.7, 0.7), "thorough": (0.5, 0.1, 0)}
    assert list(model.presets.items()) == list(expected.items())
    cascade = MTCNN(threads=1, model=folder)._cascade
    assert cascade.score == model.score
    assert (cascade.nms_after_calibration, cascade.nms_output) == (0.6, 0.5)
    assert cascade.sure_score == 0.9


def test_the_score_may_have_nothing_for_onet_alone(folder, describe):
    describe("score", {name: SCORE[name] for name in ("weights", "bias")})
    assert load_model(folder).score == ScoreModel((0.1, 0.3, 0.5), -1, None)


def test_a_score_of_all_networks_is_used(folder, describe, sample_frame):
    describe("score", {"weights": [0, 0, 0.5], "bias": 0})
    describe("presets", {"balanced": {"thresholds": [0.6, 0.7, 0.8]}})
    faces = MTCNN(threads=1, model=folder).detect(sample_frame)
    assert len(faces) == 4
    assert ((faces.scores > 0.8) & (faces.scores < 0.9999)).all()


def test_a_preset_has_thresholds_which_numbers_override(folder, describe):
    describe("presets", PRESETS)
    assert MTCNN(model=folder).thresholds == (0.6, 0.7, 0.7)
    assert MTCNN(model=folder, preset="fast").thresholds == (0.8, 0.8, 0.9)
    assert MTCNN(model=folder, preset="thorough").thresholds == (0.5, 0.1, 0)
    given = MTCNN(model=folder, preset="fast", thresholds=(0.1, 0.2, 0.3))
    assert given.thresholds == (0.1, 0.2, 0.3)


def test_without_presets_the_models_thresholds_are_used(folder, describe):
    describe("presets", None)
    describe("thresholds", [0.5, 0.4, 0.3])
    assert MTCNN(model=folder).thresholds == (0.5, 0.4, 0.3)
    assert MTCNN(model=folder, preset="balanced").thresholds == (0.5, 0.4, 0.3)


@pytest.mark.parametrize("preset", ["fast", "slow", "", 1, ["balanced"]])
def test_a_preset_that_the_model_lacks_is_refused(folder, describe, preset):
    describe("presets", {"thorough": PRESETS["thorough"]})
    message = f"preset: the model 'published' has balanced, thorough, not {preset!r}"
    for thresholds in (None, (0.6, 0.7, 0.7)):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            MTCNN(model=folder, preset=preset, thresholds=thresholds)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("thresholds", [0.6, 0.7], "thresholds: expected 3 numbers, not (0.6, 0.7)"),
        (
            "thresholds",
            [0.6, 0.7, 1.5],
            "thresholds: expected numbers from 0 to 1, not (0.6, 0.7, 1.5)",
        ),
        ("score", [0.1, 0.3, 0.5], "score: expected an object, not [0.1, 0.3, 0.5]"),
        ("score", {"bias": 0}, "score: 'weights' is missing"),
        ("score", {"weights": [1, 1, 1]}, "score: 'bias' is missing"),
        (
            "score",
            {**SCORE, "onet": 1},
            "score: expected bias, context, onet_alone, weights, not 'onet'",
        ),
        ("score", {**SCORE, "weights": 1}, "score: weights: expected 3 numbers, not 1"),
        ("score", {**SCORE, "weights": [1, 1]}, "score: weights: expected 3 numbers, not [1, 1]"),
        (
            "score",
            {**SCORE, "weights": [1, 1, float("nan")]},
            "score: weights: expected a finite number, not nan",
        ),
        (
            "score",
            {**SCORE, "bias": float("inf")},
            "score: bias: expected a finite number, not inf",
        ),
        ("score", {**SCORE, "bias": "0"}, "score: bias: expected a finite number, not '0'"),
        ("score", {**SCORE, "bias": True}, "score: bias: expected a finite number, not True"),
        ("score", {**SCORE, "onet_alone": [1]}, "score: onet_alone: expected 2 numbers, not [1]"),
        ("presets", [], "presets: expected an object, not []"),
        (
            "presets",
            {"slow": PRESETS["fast"]},
            "presets: expected fast, balanced, thorough, not 'slow'",
        ),
        (
            "presets",
            {"fast": [0.6, 0.7, 0.7]},
            "presets: fast: expected an object, not [0.6, 0.7, 0.7]",
        ),
        ("presets", {"fast": {}}, "presets: fast: 'thresholds' is missing"),
        (
            "presets",
            {"fast": {"thresholds": [0.6, 0.7]}},
            "presets: fast: thresholds: expected 3 numbers, not [0.6, 0.7]",
        ),
        (
            "presets",
            {"fast": {"thresholds": [0.6, 0.7, -0.1]}},
            "presets: fast: thresholds: expected numbers from 0 to 1, not [0.6, 0.7, -0.1]",
        ),
        (
            "nms_after_calibration",
            1.5,
            "nms_after_calibration: expected a number from 0 to 1, not 1.5",
        ),
        (
            "nms_after_calibration",
            "0.6",
            "nms_after_calibration: expected a finite number, not '0.6'",
        ),
        ("nms_output", -1, "nms_output: expected a number from 0 to 1, not -1"),
        ("sure_score", 1.5, "sure_score: expected a number from 0 to 1, not 1.5"),
    ],
)
def test_a_wrong_entry_that_configures_the_cascade_is_named(folder, describe, name, value, reason):
    describe(name, value)
    with refuses(f"{folder / 'model.json'}: missing or wrong entry: {reason}"):
        load_model(folder)


def test_numbers_too_large_for_a_float_are_refused(folder, describe):
    describe("box_offset", 10**400)
    with pytest.raises(ModelError, match="wrong entry: box_offset: expected a finite number"):
        load_model(folder)

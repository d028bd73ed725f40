from dataclasses import replace

import pytest

from mtcnn_rt.training.settings import (
    NetworkSettings,
    Settings,
    as_toml,
    read_settings,
    settings_from,
)


def written(tmp_path, text):
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return path


def test_the_loss_weights_are_those_of_the_paper():
    settings = Settings()
    assert settings.pnet.loss_weights == settings.rnet.loss_weights == (1, 0.5, 0.5)
    assert settings.onet.loss_weights == (1, 0.5, 1)
    assert settings.ohem_ratio == 0.7


def test_settings_are_read_as_they_were_written(tmp_path):
    settings = replace(
        Settings(), seed=7, mining_scales=(0.5,), onet=NetworkSettings(9, 1e-5, (0.0, 1.0, 2.5))
    )
    assert read_settings(written(tmp_path, as_toml(settings))) == settings
    assert read_settings(written(tmp_path, as_toml(Settings()))) == Settings()


def test_settings_that_a_file_leaves_out_have_their_defaults(tmp_path):
    text = "seed = 3\nrotation = 5\n[rnet]\nsteps = 10\n"
    expected = replace(Settings(), seed=3, rotation=5.0, rnet=replace(Settings().rnet, steps=10))
    assert read_settings(written(tmp_path, text)) == expected
    assert read_settings(written(tmp_path, "")) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed =", "not TOML: "),
        ("sede = 1", "unknown setting sede"),
        ("[pnet]\nstep = 1", "unknown setting pnet.step"),
        ("pnet = 3", "pnet: expected a table, not 3"),
        ('seed = "a"', "seed: expected a whole number, not 'a'"),
        ("seed = 1.5", "seed: expected a whole number, not 1.5"),
        ("seed = true", "seed: expected a whole number, not True"),
        ("landmarks_are_faces = 1", "landmarks_are_faces: expected true or false, not 1"),
        ("seed = -1", "seed: expected not below 0, not -1"),
        ("rotation = []", "rotation: expected a number, not []"),
        ("mining_scales = 1", "mining_scales: expected a list of numbers, not 1"),
        ("mining_scales = []", "mining_scales: expected numbers above 0, not ()"),
        ("mining_thresholds = [0.5]", "mining_thresholds: expected two numbers, 0 to 1"),
        ("ratio = [1, 1, 1]", "ratio: expected four whole numbers, not below 0, one above"),
        ("ratio = [0, 0, 0, 0]", "ratio: expected four whole numbers, not below 0, one above"),
        ("ohem_ratio = 0", "ohem_ratio: expected above 0, at most 1, not 0.0"),
        ("ohem_ratio = nan", "ohem_ratio: expected above 0, at most 1, not nan"),
        ("batch_size = 6", "batch_size: expected at least 7, not 6"),
        ("[onet]\nloss_weights = [0, 0, 0]", "onet.loss_weights: expected three numbers"),
        ("[onet]\nloss_weights = [1, 1]", "onet.loss_weights: expected three numbers"),
        ("[rnet]\nsteps = 0", "rnet.steps: expected at least 1, not 0"),
        ("[rnet]\nlearning_rate = 0", "rnet.learning_rate: expected above 0"),
    ],
)
def test_invalid_settings_give_an_error_of_one_line(tmp_path, text, message):
    with pytest.raises(ValueError, match=r"settings\.toml: ") as error:
        read_settings(written(tmp_path, text))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_table_changes_only_the_settings_that_it_names():
    changed = settings_from({"pnet": {"steps": 5}}, replace(Settings(), seed=4))
    assert changed.pnet == NetworkSettings(steps=5)
    assert changed.seed == 4

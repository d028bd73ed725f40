from dataclasses import replace
from pathlib import Path

import pytest

from mtcnn_rt.training.recipe_settings import DataSetSettings, VersionSettings
from mtcnn_rt.training.settings import (
    NAMES,
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
        (
            "seed = 99999999999999999999999",
            "seed: expected 0 to 18446744073709551615, not 99999999999999999999999",
        ),
        ("batch_size = 1000000000000", "batch_size: expected 7 to 65536, not 1000000000000"),
        ("[rnet]\nbatch_size = 65537", "rnet.batch_size: expected at most 65536, not 65537"),
        ("[rnet]\nsteps = 1000000000000", "rnet.steps: expected at most 1000000000"),
        ("mining_scales = [1e9]", "mining_scales: expected numbers above 0, at most 10, not"),
        ("mining_scales = [nan]", "mining_scales: expected numbers above 0, not (nan,)"),
        ("mining_scales = [1, nan]", "mining_scales: expected a finite number, not nan"),
        ("weight_decay = inf", "weight_decay: expected 0 to 100, not inf"),
        (f"weight_decay = {10**400}", "weight_decay: expected 0 to 100, not inf"),
        ("weight_decay = nan", "weight_decay: expected 0 to 100, not nan"),
        ("ratio = [1000000000000, 1, 1, 1]", "ratio: expected numbers up to 100000, not"),
        ("negatives_per_image = 1000000000000", "negatives_per_image: expected 0 to 100000, not"),
        ("smallest_face = inf", "smallest_face: expected a finite number, not inf"),
        ("[onet]\nlearning_rate = inf", "onet.learning_rate: expected a finite number, not inf"),
        ("[onet]\nloss_weights = [1, inf, 1]", "onet.loss_weights: expected a finite number"),
        ("[onet]\nversion_samples = [1, 1, 1, 1000000]", "onet.version_samples: expected numbers"),
        ("[data_sets.x]\nweight = inf", "data_sets.x.weight: expected a finite number, not inf"),
        ("[data_sets.x]\nmost_enlarged = 1e9", "most_enlarged: expected above 0, at most 10, not"),
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
        ("mining = 3", "mining: expected a string, not 3"),
        ("mining = 'twice'", "mining: expected 'stages' or 'one pass', not twice"),
        ("teacher = 'published'", "teacher: expected none unless mining is 'one pass'"),
        ("holdout = 1", "holdout: expected 0 to 1, without 1, not 1.0"),
        ("watch_every = 5", "watch_every: expected 0 unless holdout is above 0, not 5"),
        ("ema = 1", "ema: expected 0 to 1, without 1, not 1.0"),
        ("[pnet]\nquality = true", "pnet.quality: expected false unless mining is 'one pass'"),
        ("[pnet]\nbox_iou = 1", "pnet.box_iou: expected 0 unless mining is 'one pass', not 1.0"),
        (
            "mining = 'one pass'\n[onet]\npull = 1",
            "onet.pull: expected 0 unless there is a teacher",
        ),
        ("[onet]\nshares = [1]", "onet.shares: expected five numbers, not below 0, one above"),
        ("[onet]\nversion_samples = [1]", "onet.version_samples: expected four whole numbers"),
        ("[versions]\nsizes = [9, 5]", "versions.sizes: expected none, or two sizes, the smaller"),
        ("[versions]\noccluded = 2", "versions.occluded: expected 0 to 1, not 2.0"),
        ("[versions]\nsize = 2", "unknown setting versions.size"),
        ("versions = 2", "versions: expected a table, not 2"),
        ("data_sets = 2", "data_sets: expected a table, not 2"),
        ("[data_sets]\nx = 2", "data_sets.x: expected a table, not 2"),
        ("[data_sets.x]\nversions = 0", "data_sets.x.versions: expected at least 1, not 0"),
        ("[data_sets.x]\nweigth = 1", "unknown setting data_sets.x.weigth"),
    ],
)
def test_invalid_settings_give_an_error_of_one_line(tmp_path, text, message):
    with pytest.raises(ValueError, match=r"settings\.toml: ") as error:
        read_settings(written(tmp_path, text))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_the_largest_values_are_taken(tmp_path):
    text = "seed = 18446744073709551615\nbatch_size = 65536\nmining_scales = [10]\n"
    settings = read_settings(written(tmp_path, text + "weight_decay = 100"))
    assert (settings.seed, settings.weight_decay) == (2**64 - 1, 100)


def test_the_recipes_settings_are_read():
    path = Path(__file__).parents[2] / "models" / "recipe" / "recipe.toml"
    settings = read_settings(path)
    assert (settings.mining, settings.teacher) == ("one pass", "published")
    assert settings.of_data_set("flickr").versions > 1
    assert settings.of_data_set("another") == DataSetSettings()


def test_settings_beyond_the_paper_are_off_by_default():
    settings = Settings()
    off = (settings.teacher, settings.holdout, settings.watch_every, settings.ema)
    assert (settings.mining, *off, settings.clip_norm) == ("stages", "", 0, 0, 0, 0)
    assert settings.versions == VersionSettings()
    assert settings.data_sets == {}
    for name in NAMES:
        network = settings.of(name)
        numbers = (network.doubtful, network.pull, network.box_iou, network.smooth_landmarks)
        assert (*numbers, network.erased, network.teacher_boxes, network.quality) == (0,) * 7


def test_data_sets_are_read_as_they_were_written(tmp_path):
    sets = {"a b": DataSetSettings(3, 0, 2.0), 'quo"te': DataSetSettings(weight=0.5)}
    settings = replace(Settings(), data_sets=sets, versions=VersionSettings((20.0, 30.0)))
    assert read_settings(written(tmp_path, as_toml(settings))) == settings


def test_a_table_changes_only_the_settings_that_it_names():
    changed = settings_from({"pnet": {"steps": 5}}, replace(Settings(), seed=4))
    assert changed.pnet == NetworkSettings(steps=5)
    assert changed.seed == 4


def test_the_path_of_a_file_may_be_a_string(tmp_path):
    assert read_settings(str(written(tmp_path, "seed = 3"))).seed == 3
    with pytest.raises(ValueError, match=r"settings\.toml: unknown setting sede"):
        read_settings(str(written(tmp_path, "sede = 3")))


def test_settings_with_a_byte_order_mark(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xef\xbb\xbfseed = 3\n")
    assert read_settings(file).seed == 3

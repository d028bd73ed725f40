"""Detectors in other processes and threads: pickled, copied, forked."""

import copy
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.same_faces import assert_same

from mtcnn_rt import MTCNN
from mtcnn_rt.model import PUBLISHED

SETTINGS = {
    "min_face_size": 33.0,
    "max_face_size": 200.0,
    "scale_factor": 0.6,
    "thresholds": (0.5, 0.6, 0.7),
    "threads": 1,
    "precision": "int16",
}


class Own(MTCNN):
    """A class that a user derives."""


def test_a_detector_shows_the_settings_that_are_not_the_defaults(tmp_path):
    assert repr(MTCNN()) == "MTCNN()"
    assert repr(Own(rotations=(0,), threads=1)) == "Own(threads=1)"
    folder = shutil.copytree(PUBLISHED, tmp_path / "mine")
    detector = MTCNN(**SETTINGS, model=folder)
    assert eval(repr(detector)).settings == {**detector.settings, "model": folder}
    assert repr(detector).endswith(", precision='int16')")
    assert f"model={str(folder)!r}" in repr(detector)


@pytest.mark.parametrize("engine", ["native", "onnxruntime"])
@pytest.mark.parametrize(
    "again", [lambda d: pickle.loads(pickle.dumps(d)), copy.deepcopy, copy.copy]
)
def test_a_copy_has_the_settings_and_finds_the_same(sample_frame, engine, again):
    settings = SETTINGS if engine == "native" else {**SETTINGS, "precision": "float32"}
    detector = MTCNN(engine=engine, **settings)
    expected = detector.detect(sample_frame)
    assert len(expected) > 0
    copied = again(detector)
    detector.close()  # the copy has threads of its own
    assert_same(copied.detect(sample_frame), expected)
    assert copied.engine == engine
    for name in ("min_face_size", "max_face_size", "scale_factor", "thresholds"):
        assert getattr(copied, name) == SETTINGS[name]
    assert copied._cascade.engine.name == engine


def test_a_pickle_has_settings_alone():
    assert len(pickle.dumps(MTCNN(model="published", threads=1))) < 500


def test_a_model_folder_is_found_from_another_working_folder(tmp_path, monkeypatch):
    shutil.copytree(PUBLISHED, tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    stored = [pickle.dumps(MTCNN(model=model, threads=1)) for model in (Path("mine"), "./mine")]
    monkeypatch.chdir("/")
    for one in stored:
        assert pickle.loads(one).model.path == tmp_path / "mine"


class Mine(MTCNN):
    """A detector with an argument of its own."""

    def __init__(self):
        super().__init__(min_face_size=50, threads=1)


@pytest.mark.parametrize(
    "again", [lambda d: pickle.loads(pickle.dumps(d)), copy.deepcopy, copy.copy]
)
def test_a_derived_class_keeps_its_class_and_attributes(again):
    detector = Mine()
    detector.name = "door"
    copied = again(detector)
    assert type(copied) is Mine
    assert (copied.min_face_size, copied.name) == (50, "door")
    assert copied._cascade is not detector._cascade


def test_the_settings_make_a_detector_like_it():
    detector = MTCNN(**{**SETTINGS, "thresholds": [0.5, 0.6, 0.7]}, preset="fast")
    assert {name: detector.settings[name] for name in SETTINGS} == SETTINGS
    assert MTCNN(**detector.settings).settings == detector.settings


WORKERS = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import numpy as np
from mtcnn_rt import MTCNN

if __name__ == "__main__":
    images = np.load("images.npy")
    detector = MTCNN(min_face_size=40, threads=1)
    expected = [faces.boxes.tolist() for faces in detector.detect_batch(images)]
    with ProcessPoolExecutor(2, mp_context=get_context(sys.argv[1])) as workers:
        found = [faces.boxes.tolist() for faces in workers.map(detector.detect, images)]
    print(found == expected, sum(map(len, found)))
"""


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_processes_take_the_detector_with_each_task(sample_frame, tmp_path, method):
    if method != "spawn" and not hasattr(os, "fork"):
        pytest.skip("forks")
    np.save(tmp_path / "images.npy", np.stack([sample_frame, sample_frame[::-1]] * 2))
    (tmp_path / "workers.py").write_text(WORKERS)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "workers.py", method],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert (done.stdout.split()[:1], done.stderr) == (["True"], "")


def test_joblib_and_a_data_loader_take_it_in_their_data(sample_frame):
    joblib = pytest.importorskip("joblib")
    data = pytest.importorskip("torch.utils.data")
    detector = MTCNN(min_face_size=40, threads=1)
    expected = len(detector.detect(sample_frame))
    with joblib.parallel_config(backend="loky", n_jobs=2):
        found = joblib.Parallel()(joblib.delayed(detector.detect)(sample_frame) for _ in range(3))
    assert [len(faces) for faces in found] == [expected] * 3
    joblib.externals.loky.get_reusable_executor().shutdown()
    loader = data.DataLoader(
        Counted(detector, sample_frame),
        num_workers=2,
        multiprocessing_context="fork",
        collate_fn=list,
    )
    assert [count for [count] in loader] == [expected] * 4


class Counted:
    """A data set whose items are numbers of faces."""

    def __init__(self, detector, image):
        self.detector, self.image = detector, image

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return len(self.detector.detect(self.image))

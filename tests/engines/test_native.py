"""Tests of the C++ engine: the same faces as with onnxruntime, in any number of threads."""

import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.engines.choice import ENGINES, open_engine
from mtcnn_rt.engines.native import NativeEngine
from mtcnn_rt.images import as_image
from mtcnn_rt.model import ModelError, load_model

LEVELS = [(216, 384), (77, 137), (19, 34), (12, 12)]


@pytest.fixture(scope="module")
def engine():
    return NativeEngine(load_model("published"), threads=1)


@pytest.fixture(scope="module")
def frame(sample_frame):
    return as_image(sample_frame)


def assert_same(faces, expected, tolerance=0.0):
    assert len(faces) == len(expected)
    np.testing.assert_allclose(faces.boxes, expected.boxes, atol=tolerance)
    np.testing.assert_allclose(faces.scores, expected.scores, atol=tolerance)
    np.testing.assert_allclose(faces.landmarks, expected.landmarks, atol=tolerance)


def test_auto_chooses_the_native_engine():
    assert MTCNN(model="published").engine == "native"
    assert MTCNN(providers=["cpu"], model="published").engine == "native"
    assert MTCNN(engine="onnxruntime", model="published").engine == "onnxruntime"
    assert ENGINES == ("auto", "native", "onnxruntime")


@pytest.mark.parametrize("min_face_size", [12, 20, 45])
def test_the_faces_equal_those_of_onnxruntime(sample_frame, min_face_size):
    native, reference = (
        MTCNN(min_face_size, threads=1, engine=name, model="published")
        for name in ("native", "onnxruntime")
    )
    faces, expected = native.detect(sample_frame), reference.detect(sample_frame)
    assert len(expected) >= 4
    assert_same(faces, expected, tolerance=0.02)


def test_integers_find_the_same_faces(sample_frame):
    faces, expected = (
        MTCNN(threads=1, precision=precision, model="published").detect(sample_frame)
        for precision in ("int16", "float32")
    )
    assert len(expected) == 4
    assert_same(faces, expected, tolerance=2)
    assert not np.array_equal(faces.boxes, expected.boxes)


def test_integers_need_the_native_engine_and_statistics(tmp_path):
    with pytest.raises(ValueError, match="precision: only the native engine has 'int16'"):
        MTCNN(engine="onnxruntime", precision="int16", model="published")
    with pytest.raises(ValueError, match="precision: expected one of float32, int16, not 'int4'"):
        MTCNN(precision="int4", model="published")
    layers = {name: network.layers for name, network in load_model("published").networks.items()}
    write_model_folder(tmp_path / "m", layers, name="m", license="CC0", source="a test")
    message = "m: has no statistics of P-Net's features, which precision 'int16' needs"
    with pytest.raises(ModelError, match=message):
        MTCNN(model=tmp_path / "m", precision="int16")


@pytest.mark.parametrize("name", ["ivan", "multiface", "no-faces", "paul_rudd", "test1"])
@pytest.mark.parametrize("min_face_size", [20, 40])
def test_photographs_have_the_faces_of_onnxruntime(media, name, min_face_size):
    image = cv2.imread(str(media / f"{name}.jpg"))
    faces, expected = (
        MTCNN(min_face_size, threads=1, engine=engine, model="published").detect(image)
        for engine in ("native", "onnxruntime")
    )
    assert_same(faces, expected, tolerance=0.05)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_no_bit_depends_on_the_number_of_threads(engine, frame, threads):
    other = NativeEngine(load_model("published"), threads)
    found = engine.propose(frame, LEVELS, 0.1)
    assert [len(boxes) > 3 for boxes, _, _ in found] == [True, True, True, False]
    for one, same in zip(found, other.propose(frame, LEVELS, 0.1), strict=True):
        for array, twin in zip(one, same, strict=True):
            np.testing.assert_array_equal(array, twin)
    boxes = np.concatenate([boxes for boxes, _, _ in found])
    assert len(boxes) > 50
    for some in (boxes, boxes[:1], boxes[:3], boxes[:0]):
        for network in ("refine", "output"):
            [outputs] = getattr(engine, network)([frame], [some])
            [twins] = getattr(other, network)([frame], [some])
            assert outputs.shape == (len(some), {"refine": 5, "output": 15}[network])
            np.testing.assert_array_equal(outputs, twins)
    other.close()


@pytest.mark.parametrize("threads", [1, 2])
def test_several_threads_share_a_detector(sample_frame, threads):
    with MTCNN(threads=threads, model="published") as detector:
        images = [sample_frame, sample_frame[:, 200:], sample_frame[::-1]] * 6
        expected = [detector.detect(image) for image in images]
        with ThreadPoolExecutor(6) as executor:
            for faces, one in zip(executor.map(detector.detect, images), expected, strict=True):
                assert_same(faces, one)


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="counts threads in /proc")
def test_the_threads_end_with_the_detector():
    script = """
import os
import numpy as np
from mtcnn_rt import MTCNN
count = lambda: len(os.listdir("/proc/self/task")) - before
image = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
before = 0
before = count()
with MTCNN(threads=5, model="published") as detector:
    print(count())
    detector.detect(image)
    print(count())
print(count())
detector = MTCNN(threads=3, model="published")
print(count())
del detector
print(count())
"""
    assert run(script).stdout.split() == ["4", "4", "0", "2", "0"]


def test_a_closed_detector_is_refused(sample_frame):
    detector = MTCNN(threads=2, model="published")
    detector.close()
    detector.close()
    with pytest.raises(RuntimeError, match=r"^the detector is closed$"):
        detector.detect(sample_frame)


def test_closing_the_detector_during_a_call_does_no_harm(sample_frame):
    large = np.ascontiguousarray(np.tile(sample_frame, (6, 6, 1)))
    detector = MTCNN(threads=2, model="published")
    begun, found = threading.Event(), []

    def detect():
        begun.set()
        found.extend(detector._cascade.engine.propose(as_image(large), [(1296, 2304)] * 3, 0.6))

    thread = threading.Thread(target=detect)
    thread.start()
    begun.wait()
    detector.close()
    thread.join()
    assert len(found) in (0, 3)  # closed before, or done


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_detects_without_the_threads_of_its_parent():
    script = """
import os, sys
import numpy as np
from mtcnn_rt import MTCNN
detector = MTCNN(threads=3, model="published")
image = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
found = detector.detect(image)
child = os.fork()
if child == 0:
    same = detector.detect(image)
    os._exit(0 if len(same) == len(found) else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert run(script).stdout == "0\n"


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in a new process."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], timeout=60, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done


@pytest.mark.parametrize("name", ["", "onnx", "NATIVE", None])
def test_an_unknown_engine_is_named(name):
    message = f"engine: expected one of auto, native, onnxruntime, not {name!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        MTCNN(engine=name, model="published")


def test_the_native_engine_runs_only_on_the_cpu():
    message = r"^engine: 'native' runs only on the CPU, not on \['cuda'\]$"
    with pytest.raises(ValueError, match=message):
        MTCNN(engine="native", providers=["cuda"], model="published")


class TestOtherModels:
    @pytest.fixture
    def folder(self, tmp_path):
        source = load_model("published").path
        for path in source.iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        return tmp_path

    def describe(self, folder, change):
        described = json.loads((folder / "model.json").read_text())
        change(described["networks"]["rnet"])
        (folder / "model.json").write_text(json.dumps(described))

    def test_a_copied_folder_runs_on_the_native_engine(self, folder, sample_frame):
        detector = MTCNN(threads=1, model=folder)
        assert detector.engine == "native"
        assert_same(
            detector.detect(sample_frame), MTCNN(threads=1, model="published").detect(sample_frame)
        )

    def test_a_folder_without_weights_runs_on_onnxruntime(self, folder, sample_frame):
        self.describe(folder, lambda network: network.pop("weights"))
        detector = MTCNN(threads=1, model=folder)
        assert detector.engine == "onnxruntime"
        assert len(detector.detect(sample_frame)) == 4
        message = f"^{re.escape(str(folder))}: has no weights for the native engine$"
        with pytest.raises(ModelError, match=message):
            MTCNN(model=folder, engine="native")

    @pytest.mark.parametrize("name", ["cnet", "lnet"])
    def test_an_extra_network_without_weights_runs_on_onnxruntime_too(self, name, sample_frame):
        model = load_model("distilled")
        extra = replace(getattr(model, name), layers=None)
        engine = open_engine("auto", replace(model, **{name: extra}), threads=1, providers=None)
        assert engine.name == "onnxruntime"
        image, square = as_image(sample_frame), np.array([[10, 10, 90, 90]], np.float32)
        run = {"cnet": "context", "lnet": "landmarks"}[name]
        [found], [expected] = (
            getattr(one, run)([image], [square]) for one in (engine, NativeEngine(model, 1))
        )
        np.testing.assert_allclose(found, expected, atol=1e-3)
        with pytest.raises(ModelError, match=f": has no weights of {name} for the native engine$"):
            open_engine("native", replace(model, **{name: extra}), threads=1, providers=None)

    def test_weights_of_another_graph_are_ignored(self, folder):
        """The weights may be left from a network that was replaced."""
        self.describe(folder, lambda network: network["weights"].update(graph="0" * 64))
        assert load_model(folder).networks["rnet"].layers is None
        assert MTCNN(threads=1, model=folder).engine == "onnxruntime"

    def test_changed_weights_are_refused(self, folder):
        content = bytearray((folder / "rnet.npy").read_bytes())
        content[-1] ^= 1
        (folder / "rnet.npy").write_bytes(content)
        with pytest.raises(ModelError, match=r"rnet\.npy: its SHA-256 is [0-9a-f]{64}, not"):
            MTCNN(model=folder)

    def test_weights_of_another_network_are_refused(self, folder):
        entry = json.loads((folder / "model.json").read_text())["networks"]["pnet"]["weights"]
        self.describe(
            folder, lambda one: one["weights"].update(file="pnet.npy", sha256=entry["sha256"])
        )
        message = r"pnet\.npy: not the weights of rnet: expected \d+ float32 values, not float32 of"
        with pytest.raises(ModelError, match=message):
            MTCNN(model=folder)

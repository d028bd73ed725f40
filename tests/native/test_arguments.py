"""Wrong arguments of the extension module raise an exception, and never end the process."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.pnet_layers import random_layers

from fuzz.native_targets import TARGETS
from mtcnn_rt import MTCNN, _native
from mtcnn_rt.model import load_model

ROOT = Path(__file__).resolve().parents[2]
IMAGE = np.zeros((50, 50, 3), np.uint8)
BOXES = np.array([[0, 0, 5, 5]], np.float32)
INFINITY = float("inf")


def seeming(*shape):
    """Returns a view of one row of memory that seems to have this shape."""
    return np.broadcast_to(np.zeros((1, *shape[1:]), np.uint8), shape)


def unaligned(array):
    """Returns a copy whose memory begins at an odd address."""
    memory = np.frombuffer(bytearray(array.nbytes + 1), np.uint8)[1:]
    copy = memory.view(array.dtype).reshape(array.shape)
    copy[...] = array
    assert not copy.flags.aligned
    return copy


@pytest.fixture(scope="module")
def engine():
    layers = [network.layers for network in load_model("published").networks.values()]
    return _native.Engine(*layers, 2)


@pytest.fixture(scope="module")
def pnet():
    return _native.PNet(random_layers(0))


def refused(message):
    return pytest.raises(ValueError, match=f"^{message}")


@pytest.mark.parametrize("level", [(16, 5), (5, 16), (10, 10), (1, 1)])
def test_a_level_without_cells_is_refused(engine, pnet, level):
    with refused("level: smaller than 11 x 11"):
        engine.propose(IMAGE, True, [(20, 20), level], 0.6)
    with refused("level: smaller than 11 x 11"):
        pnet.propose(IMAGE, True, level, 0.6)


@pytest.mark.parametrize(
    "level", [(2**24 + 1, 12), (12, 2**24 + 1), (2**31, 2**31), (2**62, 2**62), (46341, 46341)]
)
def test_a_level_that_is_too_large_is_refused(engine, pnet, level):
    size = f"level: {level[0]} x {level[1]} pixels .* is too large"
    for call in (
        lambda: engine.propose(IMAGE, True, [level], 0.6),
        lambda: pnet.propose(IMAGE, True, level, 0.6),
        lambda: _native.Halves(IMAGE, True, [level]),
        lambda: _native.resize(IMAGE, True, level, 0, 1),
    ):
        with refused(size):
            call()


@pytest.mark.parametrize(
    "shape", [(131081, 131081, 3), (1, 2**24 + 1, 3), (2**30, 1, 3), (2**40, 131081, 3)]
)
def test_a_view_that_seems_too_large_is_refused(engine, pnet, shape):
    image = seeming(*shape)
    for call in (
        lambda: engine.propose(image, True, [(12, 12)], 0.6),
        lambda: engine.refine(image, True, BOXES),
        lambda: pnet.propose(image, True, (12, 12), 0.6),
        lambda: _native.Halves(image, True, [(12, 12)]),
        lambda: _native.resize(image, True, (12, 12), 0, 1),
        lambda: _native.crops(image, True, BOXES, np.zeros((1, 3, 9, 9), np.float32)),
        lambda: _native.pyramid(*shape[:2], 20, 0.709, INFINITY),
        lambda: _native.check_size(*shape[:2]),
        lambda: MTCNN(min_face_size=12, max_face_size=12, threads=1).detect(image),
    ):
        with refused(f"image: {shape[0]} x {shape[1]} pixels .* is too large: .* has at most"):
            call()


def test_a_gray_view_that_seems_too_large_is_refused_before_a_copy(detector):
    with refused("image: 131081 x 131081 pixels"):
        detector.detect(seeming(131081, 131081))


def test_the_largest_sizes_are_accepted():
    _native.check_size(2**24, 127)
    _native.check_size(46340, 46340)
    with refused("image: has no pixels"):
        _native.check_size(0, 5)


@pytest.mark.parametrize("size", [0, 1])
def test_crops_without_pixels_are_refused(size):
    out = np.zeros((1, 3, size, size), np.float32)
    if size:
        _native.crops(IMAGE, True, BOXES, out)
        return
    with refused("out: has no pixels"):
        _native.crops(IMAGE, True, BOXES, out)


def test_memory_to_be_filled_must_be_aligned_and_writable():
    out = np.zeros((1, 3, 9, 9), np.float32)
    with refused("out: its memory is not aligned"):
        _native.crops(IMAGE, True, BOXES, unaligned(out))
    out.flags.writeable = False
    with refused("array is not writeable"):
        _native.crops(IMAGE, True, BOXES, out)


def test_other_arrays_that_are_not_aligned_are_copied(pnet):
    pixels = np.random.default_rng(0).uniform(0, 255, (3, 20, 31)).astype(np.float32)
    np.testing.assert_array_equal(pnet.cells(unaligned(pixels)), pnet.cells(pixels))
    np.testing.assert_array_equal(_native.square(unaligned(BOXES)), _native.square(BOXES))


def test_a_single_row_or_column_may_have_any_stride(engine):
    row = np.lib.stride_tricks.as_strided(IMAGE[:1], strides=(2**62, 3, 1))
    column = np.ascontiguousarray(IMAGE)[:, :1]
    for image in (row, column, np.lib.stride_tricks.as_strided(column, strides=(150, 2**62, 1))):
        assert engine.refine(image, True, BOXES).shape == (1, 5)
        assert _native.resize(image, True, (2, 2), 0, 2).shape == (3, 2, 2)


@pytest.mark.parametrize(
    ("first", "rows"), [(-1, 1), (0, 0), (0, 13), (12, 1), (-(2**63), 1), (1, 2**63 - 1)]
)
def test_rows_outside_the_level_are_refused(pnet, first, rows):
    with refused("rows: not in the level"):
        _native.resize(IMAGE, True, (12, 12), first, rows)
    with refused("(first_row|rows): not in the level"):
        pnet.propose(IMAGE, True, (12, 12), 0.6, first, rows)


@pytest.mark.parametrize("threshold", [float("nan"), -0.1, 1.1, INFINITY])
def test_a_threshold_that_is_no_probability_is_refused(engine, pnet, threshold):
    for call in (
        lambda: engine.propose(IMAGE, True, [(12, 12)], threshold),
        lambda: pnet.propose(IMAGE, True, (12, 12), threshold),
        lambda: _native.accept(np.zeros((1, 5), np.float32), threshold),
        lambda: _native.candidates(np.zeros((5, 1, 1), np.float32), threshold, 0, (1, 1)),
        lambda: _native.Nms()(BOXES, np.ones(1, np.float32), threshold),
    ):
        with refused("threshold: not between 0 and 1"):
            call()


@pytest.mark.parametrize("factor", [0.0, 0.991, 1 - 2**-53, 1.0, float("nan"), INFINITY])
def test_a_scale_factor_that_would_give_endless_levels_is_refused(factor):
    with refused("scale_factor: not above 0 and up to 0.99"):
        _native.pyramid(500, 500, 20, factor, INFINITY)


@pytest.mark.parametrize("scale", [(0, 1), (1, -1), (float("nan"), 1), (1, INFINITY), (1e-30, 1)])
def test_a_scale_without_boxes_is_refused(scale):
    with refused("scale: not between 1e-9 and 1e9"):
        _native.candidates(np.ones((5, 1, 1), np.float32), 0.5, 0, scale)


def test_first_row_of_candidates_has_limits():
    for first_row in (-1, 2**24 + 1, 2**31 - 1):
        with refused("first_row: not between 0 and 16777216"):
            _native.candidates(np.ones((5, 1, 1), np.float32), 0.5, first_row, (1, 1))


@pytest.mark.parametrize("value", [float("nan"), INFINITY])
@pytest.mark.parametrize("array", [0, 1, 2])
def test_weights_that_are_not_finite_are_refused(value, array):
    layers = [list(layer) for layer in random_layers(0)]
    layers[1][array] = layers[1][array].copy()
    layers[1][array].flat[0] = value
    name = ("kernel", "bias", "slopes")[array]
    with refused(rf"layers\[1\] {name}: has values that are not finite numbers"):
        _native.PNet([tuple(layer) for layer in layers])


@pytest.mark.parametrize("threads", [0, -1, 1025, 2**31, 2**40])
def test_a_number_of_threads_out_of_range_is_refused(threads):
    layers = [network.layers for network in load_model("published").networks.values()]
    with refused("threads: not between 1 and 1024"):
        _native.Engine(*layers, threads)


def test_an_object_without_init_is_refused():
    names = ("PNet", "RNet", "Nms", "Selection", "Halves", "Engine")
    classes = [getattr(_native, name) for name in names]
    pnet, rnet, nms, selection, halves, engine = (one.__new__(one) for one in classes)
    for call in (
        lambda: pnet.cells(np.zeros((3, 12, 12), np.float32)),
        lambda: pnet.propose(IMAGE, True, (12, 12), 0.5),
        lambda: rnet.run(np.zeros((1, 3, 24, 24), np.float32)),
        lambda: rnet.classify(IMAGE, True, BOXES),
        lambda: nms(BOXES, np.ones(1, np.float32), 0.5),
        lambda: selection.propose([], 0.5, 0.5),
        lambda: _native.resize(halves, (12, 12), 0, 1),
        lambda: engine.propose(IMAGE, True, [(12, 12)], 0.5),
        lambda: engine.refine(IMAGE, True, BOXES),
        lambda: engine.output(IMAGE, True, BOXES),
        lambda: engine.landmarks(IMAGE, True, BOXES),
        engine.close,
    ):
        with refused("__init__ of the object was not called"):
            call()


def test_scalars_as_arrays_are_refused():
    for array in (np.float32(1), 5, 1.5):
        with pytest.raises((ValueError, TypeError)):
            _native.square(array)


def test_random_arguments_do_no_harm():
    done = subprocess.run(
        [sys.executable, "-m", "fuzz.native_arguments", "--seconds", "10"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert int(done.stdout.split()[0]) > 100


def test_every_public_name_has_a_target():
    classes = {name: one for name, one in vars(_native).items() if isinstance(one, type)}
    names = {name for name, one in vars(_native).items() if callable(one) and name[0] != "_"}
    for name, one in classes.items():
        names |= {f"{name}.{method}" for method in vars(one) if method[0] != "_"}
        names |= {f"{name}.__call__"} if "__call__" in vars(one) else set()
    assert names == set(TARGETS)


def test_threads_that_share_detectors_find_the_same_faces():
    """With ThreadSanitizer, in `tools/sanitize.sh threads`, the same script finds races."""
    done = subprocess.run(
        [sys.executable, "fuzz/native_threads.py", "--seconds", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr

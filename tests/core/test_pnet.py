"""The native P-Net against onnxruntime and NumPy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers import reference, reference_networks
from helpers.pnet_layers import assert_rows_are_of_the_whole, random_layers

from mtcnn_rt import _native
from mtcnn_rt.engines.onnx import OnnxNetworks
from mtcnn_rt.model import load_model

THRESHOLD = 0.6
SIDES = range(11, 65)
LARGE = [(479, 641), (12, 1999), (1999, 12), (1081, 1921)]


@pytest.fixture(scope="module")
def layers():
    return load_model("published").networks["pnet"].layers


@pytest.fixture(scope="module")
def pnet(layers):
    return _native.PNet(layers)


@pytest.fixture(scope="module")
def engine():
    return OnnxNetworks(load_model("published"), 1, ["cpu"])


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


# Every remainder of the strips, the tiles and the vectors, and the pooling windows over the edge.
def test_small_images_of_every_size(pnet, engine):
    for height in SIDES:
        for width in SIDES:
            pixels = noise(3, height, width, seed=height * width).astype(np.float32)
            cells = pnet.cells(pixels)
            np.testing.assert_allclose(
                cells, engine.pnet(pixels), rtol=0, atol=1e-4, err_msg=f"{height} x {width}"
            )


@pytest.mark.parametrize("size", LARGE)
def test_large_images_have_the_cells_of_onnxruntime(pnet, engine, size):
    pixels = noise(3, *size).astype(np.float32)
    np.testing.assert_allclose(pnet.cells(pixels), engine.pnet(pixels), rtol=0, atol=1e-4)


def test_a_real_image(pnet, engine, sample_frame):
    for level in _native.pyramid(*sample_frame.shape[:2], 20, 0.709, np.inf):
        pixels = _native.resize(sample_frame, True, level, 0, level[0])
        np.testing.assert_allclose(pnet.cells(pixels), engine.pnet(pixels), rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [(11, 11), (12, 13), (29, 31), (30, 48), (47, 90)])
@pytest.mark.parametrize("seed", range(4))
def test_slopes_of_every_kind(size, seed):
    layers, pixels = random_layers(seed), noise(3, *size, seed=seed).astype(np.float32)
    expected = reference_networks.pnet_of_layers(layers, pixels)
    assert np.abs(expected).max() > 0.2
    np.testing.assert_allclose(_native.PNet(layers).cells(pixels), expected, rtol=0, atol=1e-4)


def test_the_published_weights_in_numpy(pnet, layers):
    pixels = noise(3, 41, 58).astype(np.float32)
    expected = reference_networks.pnet_of_layers(layers, pixels)
    np.testing.assert_allclose(pnet.cells(pixels), expected, rtol=0, atol=1e-4)


def test_proposals_are_resize_cells_and_candidates(pnet, sample_frame):
    size = np.array(sample_frame.shape[:2])
    found = 0
    for level in _native.pyramid(*size, 20, 0.709, np.inf):
        cells = pnet.cells(_native.resize(sample_frame, True, level, 0, level[0]))
        expected = _native.candidates(cells, THRESHOLD, 0, tuple(level / size))
        proposed = pnet.propose(sample_frame, True, level, THRESHOLD)
        for ours, theirs in zip(proposed, expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        found += len(proposed[0])
    assert found > 100


def test_proposals_are_those_of_the_reference(pnet, engine, sample_frame):
    size, level = np.array(sample_frame.shape[:2]), (108, 192)
    pixels = reference.resize(sample_frame[..., ::-1], *level).astype(np.float32)
    expected = reference.candidates(engine.pnet(pixels), THRESHOLD, level / size)
    boxes, scores, regressions = pnet.propose(sample_frame, True, level, THRESHOLD)
    assert len(boxes) == len(expected) > 10
    for i, (box, score, regression) in enumerate(expected):
        np.testing.assert_allclose(boxes[i], box, rtol=1e-5, atol=1e-3)
        assert scores[i] == pytest.approx(score, abs=1e-4)
        np.testing.assert_allclose(regressions[i], regression, rtol=0, atol=1e-4)


@pytest.mark.parametrize("level", [(11, 11), (12, 14), (37, 61), (50, 33)])
@pytest.mark.parametrize("rows", [1, 3, 4, 10])
def test_ranges_of_rows_are_rows_of_the_whole(pnet, level, rows):
    image = noise(97, 103, 3)
    total = (level[0] - 1) // 2 - 4
    found = assert_rows_are_of_the_whole(pnet, image, level, 0.0, rows)
    assert found == total * ((level[1] - 1) // 2 - 4)


def test_what_was_computed_before_changes_nothing(layers, pnet):
    pixels = noise(3, 29, 45).astype(np.float32)
    fresh = _native.PNet(layers).cells(pixels)
    pnet.cells(noise(3, 90, 200).astype(np.float32))
    np.testing.assert_array_equal(pnet.cells(pixels), fresh)


def test_several_threads_share_a_network(pnet):
    images = [noise(3, 40 + i, 70 - i, seed=i).astype(np.float32) for i in range(16)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(pnet.cells, images * 4))
    for image, cells in zip(images * 4, found, strict=True):
        np.testing.assert_array_equal(cells, pnet.cells(image))


def test_the_ends_of_the_thresholds(pnet):
    image = noise(20, 30, 3)
    assert len(pnet.propose(image, True, (20, 30), 0.0)[0]) == 5 * 10
    assert len(pnet.propose(image, True, (20, 30), 1.0)[0]) == 0


def replaced(layers, i, part, value):
    layer = list(layers[i])
    layer[part] = value
    return [*layers[:i], tuple(layer), *layers[i + 1 :]]


def test_wrong_layers_are_refused(layers):
    with pytest.raises(ValueError, match="layers: P-Net has 4, not "):
        _native.PNet(layers[:3])
    expected = r"layers\[1\] kernel: expected shape \(16, 10, 3, 3\), not \(16, 9, 3, 3\)"
    with pytest.raises(ValueError, match=expected):
        _native.PNet(replaced(layers, 1, 0, layers[1][0][:, :9]))
    with pytest.raises(ValueError, match=r"layers\[3\] bias: expected shape \(5\), not \(4\)"):
        _native.PNet(replaced(layers, 3, 1, layers[3][1][:4]))
    with pytest.raises(ValueError, match=r"layers\[2\] slopes: expected an array"):
        _native.PNet(replaced(layers, 2, 2, None))
    with pytest.raises(ValueError, match=r"layers\[3\] slopes: expected None"):
        _native.PNet(replaced(layers, 3, 2, np.ones(5, np.float32)))


def test_wrong_inputs_are_refused(pnet):
    with pytest.raises(ValueError, match=r"pixels: expected shape \(3, N, N\), not \(4, 20, 20\)"):
        pnet.cells(np.zeros((4, 20, 20), np.float32))
    with pytest.raises(ValueError, match="pixels: smaller than 11 x 11"):
        pnet.cells(np.zeros((3, 10, 20), np.float32))
    image = noise(30, 30, 3)
    with pytest.raises(ValueError, match="level: smaller than 11 x 11"):
        pnet.propose(image, True, (20, 10), THRESHOLD)
    with pytest.raises(ValueError, match="rows: not in the level"):
        pnet.propose(image, True, (20, 20), THRESHOLD, 3, 3)

"""R-Net and O-Net against onnxruntime, with the published weights, and against NumPy."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from helpers import reference_networks

from mtcnn_rt import _native
from mtcnn_rt.engines.onnx import OnnxNetworks
from mtcnn_rt.model import load_model

ABOVE_FLOAT_ROUNDING = 1e-4


@dataclass(frozen=True)
class Architecture:
    """Shapes of the kernels; the window of the max pooling after each, None: no pooling."""

    native: type
    side: int
    kernels: list[tuple[int, ...]]
    pools: list[int | None]


RNET = Architecture(
    native=_native.RNet,
    side=24,
    kernels=[(28, 3, 3, 3), (48, 28, 3, 3), (64, 48, 2, 2), (128, 576), (5, 128)],
    pools=[3, 3, None, None, None],
)
ONET = Architecture(
    native=_native.ONet,
    side=48,
    kernels=[
        (32, 3, 3, 3),
        (64, 32, 3, 3),
        (64, 64, 3, 3),
        (128, 64, 2, 2),
        (256, 1152),
        (15, 256),
    ],
    pools=[3, 3, 2, None, None, None],
)
ARCHITECTURES = {"rnet": RNET, "onet": ONET}
NAMES = pytest.mark.parametrize("name", ARCHITECTURES)


def published_layers(name):
    return load_model("published").networks[name].layers


@pytest.fixture(scope="module")
def engine():
    return OnnxNetworks(load_model("published"), 1, ["cpu"])


@pytest.fixture(scope="module")
def networks():
    return {name: a.native(published_layers(name)) for name, a in ARCHITECTURES.items()}


def random_crops(count, side):
    return np.random.default_rng(count).integers(0, 256, (count, 3, side, side)).astype(np.float32)


def random_boxes(count, height, width):
    """Of all sizes, some partly outside an image."""
    random = np.random.default_rng(count)
    corners = random.uniform(-30, [width, height], (count, 2))
    sides = np.exp(random.uniform(np.log(8), np.log(300), (count, 1)))
    return np.hstack([corners, corners + sides]).astype(np.float32)


def cut(image, boxes, side):
    crops = np.empty((len(boxes), 3, side, side), np.float32)
    _native.crops(image, True, boxes, crops)
    return crops


def random_layers(architecture, slopes, seed=0):
    """Weights that keep the values near 1. slopes: (least, most)."""
    random = np.random.default_rng(seed)
    layers = []
    for shape in architecture.kernels:
        pixels = 1 / 128 if shape[1] == 3 else 1
        kernel = random.normal(0, pixels * np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)
        bias = random.normal(0, 0.1, shape[0]).astype(np.float32)
        slope = random.uniform(*slopes, shape[0]).astype(np.float32)
        layers.append((kernel, bias, slope))
    return [*layers[:-1], (*layers[-1][:2], None)]


def reference_output(architecture, layers, crop):
    values = crop.transpose(1, 2, 0).astype(np.float64)
    for (kernel, bias, slopes), window in zip(layers, architecture.pools, strict=True):
        if kernel.ndim == 4:
            values = reference_networks.conv(values, kernel.transpose(2, 3, 1, 0), bias)
        elif values.ndim == 3:
            values = kernel @ values.transpose(2, 0, 1).ravel() + bias
        else:
            values = kernel @ values + bias
        if slopes is not None:
            values = reference_networks.prelu(values, slopes)
        if window:
            values = reference_networks.max_pool(values, window)
    return values


@NAMES
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 17, 64, 100])
def test_random_crops_are_as_in_onnxruntime(networks, engine, name, count):
    crops = random_crops(count, ARCHITECTURES[name].side)
    expected = getattr(engine, name)(crops)
    outputs = networks[name].run(crops)
    assert outputs.dtype == np.float32
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=ABOVE_FLOAT_ROUNDING)


@NAMES
def test_crops_of_an_image_are_as_in_onnxruntime(networks, engine, name, sample_frame):
    boxes = random_boxes(60, *sample_frame.shape[:2])
    expected = getattr(engine, name)(cut(sample_frame, boxes, ARCHITECTURES[name].side))
    outputs = networks[name].classify(sample_frame, True, boxes)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=ABOVE_FLOAT_ROUNDING)


@NAMES
@pytest.mark.parametrize("slopes", [(-1.5, 0), (0, 1), (1, 1.5), (-1.5, 1.5)])
def test_any_layers_are_as_in_numpy(name, slopes):
    architecture = ARCHITECTURES[name]
    layers = random_layers(architecture, slopes)
    crops = random_crops(3, architecture.side)
    expected = [reference_output(architecture, layers, crop) for crop in crops]
    outputs = architecture.native(layers).run(crops)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=ABOVE_FLOAT_ROUNDING)
    assert np.abs(expected).max() > 0.1


@NAMES
def test_the_published_layers_are_as_in_numpy(networks, name):
    architecture = ARCHITECTURES[name]
    crops = random_crops(2, architecture.side)
    layers = published_layers(name)
    expected = [reference_output(architecture, layers, crop) for crop in crops]
    outputs = networks[name].run(crops)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=ABOVE_FLOAT_ROUNDING)


@NAMES
def test_a_crop_is_the_same_in_every_batch(networks, name):
    crops = random_crops(50, ARCHITECTURES[name].side)
    outputs = networks[name].run(crops)
    for first in range(0, 50, 7):
        for count in (1, 2, 3, 5, 11, 16, 17, 33):
            part = networks[name].run(crops[first : first + count])
            np.testing.assert_array_equal(part, outputs[first : first + count])


@NAMES
@pytest.mark.parametrize("count", [1, 3, 40])
def test_boxes_are_their_crops(networks, name, count, sample_frame):
    boxes = random_boxes(count, *sample_frame.shape[:2])
    expected = networks[name].run(cut(sample_frame, boxes, ARCHITECTURES[name].side))
    outputs = networks[name].classify(sample_frame, True, boxes)
    np.testing.assert_array_equal(outputs, expected)


@NAMES
def test_boxes_without_area_are_black_crops(networks, name, sample_frame):
    side = ARCHITECTURES[name].side
    boxes = np.array([[9, 9, 5, 5], [np.nan, 0, 10, 10], [9000, 0, 9010, 10]], np.float32)
    [black] = networks[name].run(np.zeros((1, 3, side, side), np.float32))
    for output in networks[name].classify(sample_frame, True, boxes):
        np.testing.assert_array_equal(output, black)


@NAMES
def test_no_crops_have_no_outputs(networks, name, sample_frame):
    columns = ARCHITECTURES[name].kernels[-1][0]
    assert networks[name].run(random_crops(0, ARCHITECTURES[name].side)).shape == (0, columns)
    nothing = networks[name].classify(sample_frame, True, np.zeros((0, 4), np.float32))
    assert nothing.shape == (0, columns)


@NAMES
def test_threads_share_a_network(networks, name):
    batches = [random_crops(count, ARCHITECTURES[name].side) for count in range(1, 21)]
    expected = [networks[name].run(crops) for crops in batches]
    with ThreadPoolExecutor(4) as threads:
        outputs = threads.map(networks[name].run, batches)
    for output, one in zip(outputs, expected, strict=True):
        np.testing.assert_array_equal(output, one)


def test_wrong_layers_are_refused():
    layers = random_layers(RNET, (0, 1))
    with pytest.raises(ValueError, match="layers: R-Net has 5, not 4"):
        _native.RNet(layers[:4])
    with pytest.raises(ValueError, match="layers: O-Net has 6, not 5"):
        _native.ONet(layers)
    for index, message in [
        (0, r"layers\[1\] kernel: expected shape \(48, 28, 3, 3\), not \(5, 5\)"),
        (1, r"layers\[1\] bias: expected shape \(48\), not \(5, 5\)"),
        (2, r"layers\[1\] slopes: expected shape \(48\), not \(5, 5\)"),
    ]:
        wrong = list(layers[1])
        wrong[index] = np.zeros((5, 5), np.float32)
        with pytest.raises(ValueError, match=message):
            _native.RNet([layers[0], tuple(wrong), *layers[2:]])
    with pytest.raises(TypeError):
        _native.RNet([layer[0] for layer in layers])


@NAMES
def test_wrong_arguments_are_refused(networks, name, sample_frame):
    side = ARCHITECTURES[name].side
    with pytest.raises(ValueError, match=rf"crops: expected shape \(N, 3, {side}, {side}\)"):
        networks[name].run(np.zeros((1, 3, 12, 12), np.float32))
    with pytest.raises(ValueError, match=r"boxes: expected shape \(N, 4\), not \(1, 5\)"):
        networks[name].classify(sample_frame, True, np.zeros((1, 5), np.float32))
    with pytest.raises(ValueError, match="image: expected shape"):
        networks[name].classify(sample_frame[..., 0], True, np.zeros((1, 4), np.float32))

"""P-Net in integers, in NumPy: the scheme of cpp/core/networks/quantization.hpp, with integers of
64 bits, in which nothing overflows.

Results are rounded where the kernels round, so that both agree to the last bit: after every product
of the first layer, after every sum of products of the next two, after every PReLU."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

MOST, MOST_FEATURE = 2**15 - 1, 1638

# Winograd's F(4, 3) and F(2, 3), as cpp/simd/winograd.hpp has them; a quarter of the last factor of
# F(4, 3) is in the weights, four times its product in the output.
B4 = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
G4 = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 6]]) / 24
A4 = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 4]])
B2 = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
G2 = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]]) / 2
A2 = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])


def integers(values):
    return np.rint(values).astype(np.int64)


def by_channel(values):
    return np.asarray(values)[:, None, None]


def multiply_round(a, b):
    return (a * b + 2**14) >> 15


class Features:
    """Units, and the least and the largest integer, of every channel."""

    def __init__(self, units, low, high):
        self.units, self.low, self.high = units, low, high


class Layer:
    """A convolution and its PReLU. along: of the rows' transform, G of F(2, 3) or none."""

    def __init__(self, layer, inputs, along, fineness, bias_fineness, roundings, limits):
        kernel, bias, slopes = (np.asarray(values, np.float64) for values in layer)
        weights = np.einsum("py,oiyx,qx->oipq", G4, kernel, along)
        weights /= inputs.units[:, None, None]
        ends = [kernel * (end / inputs.units)[:, None, None] for end in (inputs.low, inputs.high)]
        most = np.maximum(*ends).sum(axis=(1, 2, 3)) + bias
        least = np.minimum(*ends).sum(axis=(1, 2, 3)) + bias
        units = np.minimum(
            (MOST - roundings) / np.maximum(most, -least),
            MOST / (np.abs(weights).max(axis=(1, 2, 3)) * fineness),
        )
        self.weights = integers(weights * (units * fineness)[:, None, None, None])
        self.bias = integers(bias * units * bias_fineness)
        ratio = MOST / 2**15 / np.maximum(1, np.abs(slopes))
        if limits is not None:
            largest = np.clip(np.abs(limits).max(axis=0) * units, 1, MOST)
            ratio = np.minimum(ratio, MOST_FEATURE / largest)
        self.rise, self.fall = integers(2**15 * ratio), integers(2**15 * ratio * slopes)
        of_features = units * self.rise / 2**15
        ends = (-MOST, MOST)
        if limits is not None:
            ends = integers(np.clip(limits * of_features, -MOST_FEATURE, MOST_FEATURE))
        self.features = Features(of_features, *(np.broadcast_to(end, len(bias)) for end in ends))

    def activate(self, sums):
        assert np.abs(sums).max() <= MOST
        slopes = np.where(sums < 0, by_channel(self.fall), by_channel(self.rise))
        features = self.features
        activated = multiply_round(sums, slopes)
        return np.clip(activated, by_channel(features.low), by_channel(features.high))


def pixel_features():
    return Features(np.full(3, 25.0), np.full(3, (0 - 128) * 25), np.full(3, (255 - 128) * 25))


def first_layer(layer, limits):
    kernel, bias, slopes = layer
    moved = bias.astype(np.float64)
    for taps in kernel.reshape(len(bias), -1).T:  # one by one, in float32, as the core adds them
        moved = (moved + 128 * taps).astype(np.float32)
    return Layer((kernel, moved, slopes), pixel_features(), np.eye(3), 2**15, 1, 200, limits)


def strips(image, rows):
    """The image with zeros below, enough for `rows` rows of a convolution in strips of four."""
    below = max(0, -(-rows // 4) * 4 + 2 - image.shape[1])
    return np.pad(image, ((0, 0), (0, below), (0, 0)))


def convolve_down(layer, image, rows):
    """The first layer's convolution: F(4, 3) down the columns, the plain sum along the rows."""
    pixels = integers((strips(image, rows) - 128) * 25)
    windows = sliding_window_view(pixels, (6, 3), axis=(1, 2))[:, ::4][:, : -(-rows // 4)]
    transformed = np.einsum("py,itxyk->itxpk", B4, windows)
    assert np.abs(transformed).max() <= MOST
    products = multiply_round(layer.weights[:, :, None, None], transformed[None])
    sums = products.sum(axis=(1, 5))  # outputs, tiles, columns, points
    sums[..., 1] += by_channel(layer.bias)
    outputs = np.einsum("rp,otxp->otrx", A4, sums)
    return outputs.reshape(len(layer.bias), -1, outputs.shape[-1])


def convolve_both(layer, image, rows):
    """The convolution of the next two: F(4, 3) down the columns, F(2, 3) along the rows."""
    columns = image.shape[2] - 2
    padded = np.pad(strips(image, rows), ((0, 0), (0, 0), (0, columns % 2)))
    windows = sliding_window_view(padded, (6, 4), axis=(1, 2))[:, ::4, ::2][:, : -(-rows // 4)]
    transformed = np.einsum("py,itxyk,qk->itxpq", B4, windows, B2)
    assert np.abs(transformed).max() <= MOST
    sums = np.einsum("oipq,itxpq->otxpq", layer.weights, transformed, optimize=True)
    sums[..., 1, 1] += by_channel(layer.bias)
    sums = (sums + 2**15) >> 16
    outputs = np.einsum("rp,otxpq,sq->otrxs", A4, sums, A2)
    outputs = outputs.reshape(len(layer.bias), 4 * outputs.shape[1], -1)
    return outputs[:, :, :columns]


def pool(image, rows):
    """Windows of 2 x 2. What lies over the edge repeats what is there, as far as a window has
    anything that is there."""
    image = image.copy()
    if rows % 2:
        image[:, rows] = image[:, rows - 1]
    if image.shape[1] > rows + 1:  # in the last strip of four
        image[:, -1] = image[:, -2]
    padded = np.pad(image, ((0, 0), (0, 0), (0, image.shape[2] % 2)), mode="edge")
    return padded.reshape(len(image), image.shape[1] // 2, 2, -1, 2).max(axis=(2, 4))


def head(layer, features, image):
    kernel = np.asarray(layer[0], np.float64)[:, :, 0, 0] / features.units
    units = np.minimum(MOST / np.abs(kernel).max(axis=1), 65000 / np.abs(kernel).sum(axis=1))
    sums = np.einsum("vi,iyx->vyx", integers(kernel * units[:, None]), image)
    assert np.abs(sums).max() < 2**31
    return sums / by_channel(units) + by_channel(layer[1])


def pnet(layers, limits, pixels):
    """pixels (3, height, width), whole numbers -> (5, rows, columns)."""
    _, height, width = pixels.shape
    rows, columns = (height - 1) // 2 - 4, (width - 1) // 2 - 4
    first = first_layer(layers[0], limits[0])
    second = Layer(layers[1], first.features, G2, 2**16, 2**16, 300, limits[1])
    third = Layer(layers[2], second.features, G2, 2**16, 2**16, 300, None)
    pooled = pool(first.activate(convolve_down(first, pixels, height - 2)), height - 2)
    features = second.activate(convolve_both(second, pooled, rows + 2))
    last = third.activate(convolve_both(third, features, rows))
    return head(layers[3], third.features, last)[:, :rows, :columns]

"""Tests the conversion of the authors' conventions with small numbers."""

import numpy as np
import pytest

from mtcnn_rt._layers import Layer
from mtcnn_rt.conversion import authors


def test_normalization_is_folded():
    """(x - 127.5) / 128 at x = 191.5 is 0.5."""
    layer = Layer(np.ones((1, 3, 1, 1), np.float32), np.float32([2]), np.float32([1]))
    kernel, bias, _ = authors.fold_normalization(layer)
    assert kernel.sum() * 191.5 + bias[0] == pytest.approx(3 * 0.5 + 2, abs=1e-6)


def test_two_logits_become_one():
    kernel, bias = np.float32([[1, 2], [5, 7]]), np.float32([10, 30])
    merged, offset = authors.merge_face_logits(kernel, bias)
    assert merged.tolist() == [[4, 5]]
    assert offset.tolist() == [20]


def test_landmarks_are_interleaved():
    given = np.float32([1, 2, 3, 4, 5, 10, 20, 30, 40, 50])  # x1..x5 y1..y5
    kernel, bias = authors.interleave_landmarks(given.reshape(10, 1), given)
    assert bias.tolist() == [1, 10, 2, 20, 3, 30, 4, 40, 5, 50]
    assert kernel.ravel().tolist() == bias.tolist()


@pytest.mark.parametrize("order", ["column row channel", "channel column row"])
def test_inputs_are_reordered_to_channel_row_column(order):
    """Only one weight is not 0: that of channel 5, row 2, column 1 of 64 channels of 3 x 3."""
    kernel = np.zeros((128, 576), np.float32)
    theirs = {"column row channel": (1 * 3 + 2) * 64 + 5, "channel column row": 5 * 9 + 1 * 3 + 2}
    kernel[7, theirs[order]] = 1
    turned = authors.rows_first(kernel, order, (64, 3, 3))
    assert np.argwhere(turned).tolist() == [[7, 5 * 9 + 2 * 3 + 1]]


def test_networks_are_recognized():
    for network, outputs in {"pnet": 10, "rnet": 28, "onet": 32}.items():
        assert authors.network_of(np.zeros(outputs)) == network
    for other in np.zeros(11), np.zeros((10, 1)), None:
        with pytest.raises(ValueError, match="not one of the three networks"):
            authors.network_of(other)

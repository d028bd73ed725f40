"""Tests the moving average of weights, and the batches that are made ahead."""

import threading

import numpy as np
import pytest

from mtcnn_rt.training.read_ahead import AHEAD, read_ahead

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from mtcnn_rt.training.averaging import MovingAverage, blend  # noqa: E402


def test_the_average_against_a_loop():
    network = torch.nn.Linear(2, 2)
    average = MovingAverage(network, 0.8)
    expected = network.weight.detach().double().numpy().copy()
    rng = np.random.default_rng(0)
    for step in range(60):
        weights = rng.normal(size=(2, 2)).astype(np.float32)
        with torch.no_grad():
            network.weight.copy_(torch.from_numpy(weights))
        average.update(network, step)
        kept = min(0.8, (step + 1) / (step + 10))
        expected = kept * expected + (1 - kept) * weights
    np.testing.assert_allclose(average.weights["weight"].numpy(), expected, rtol=1e-5)


def test_a_loaded_average_is_a_copy():
    network = torch.nn.Linear(1, 1)
    average, saved = MovingAverage(network, 0.5), MovingAverage(network, 0.5)
    saved.weights["weight"].fill_(7)
    average.load(saved.weights)
    saved.weights["weight"].fill_(8)
    assert average.weights["weight"].item() == 7


def test_a_blend_lies_between_both():
    network = torch.nn.Linear(2, 1)
    initial = {name: value.clone() for name, value in network.state_dict().items()}
    last = {name: value + 1 for name, value in initial.items()}
    network.load_state_dict(last)
    blend(network, initial, 0.25)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, initial[name] + 0.75)


class Counted:
    def __init__(self):
        self.made = []

    def __getitem__(self, step):
        if step == 9:
            raise OSError("no batch 9")
        self.made.append(step)
        return 10 * step


def test_batches_come_in_order_and_not_too_far_ahead():
    batches = Counted()
    seen = []
    for batch in read_ahead(batches, range(3, 9)):
        seen.append(batch)
        assert max(batches.made) <= batch // 10 + AHEAD
    assert seen == [30, 40, 50, 60, 70, 80]
    assert list(read_ahead(batches, range(0))) == []


def test_an_error_in_a_batch_reaches_the_loop():
    ahead = read_ahead(Counted(), range(8, 12))
    assert next(ahead) == 80
    with pytest.raises(OSError, match="no batch 9"):
        next(ahead)


def test_the_thread_ends_with_the_loop():
    before = threading.active_count()
    ahead = read_ahead(Counted(), range(9))
    next(ahead)
    ahead.close()
    assert threading.active_count() == before

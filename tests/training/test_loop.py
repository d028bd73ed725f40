import itertools
import os
import signal
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from mtcnn_rt.training import checkpoints, loop  # noqa: E402
from mtcnn_rt.training.batches import Batches  # noqa: E402
from mtcnn_rt.training.log import Log  # noqa: E402
from mtcnn_rt.training.loop import Run, fit, learning_rate  # noqa: E402
from mtcnn_rt.training.networks import pnet  # noqa: E402
from mtcnn_rt.training.samples import Kind, sample_dtype  # noqa: E402
from mtcnn_rt.training.settings import NetworkSettings, Settings  # noqa: E402

STEPS = 30
SETTINGS = replace(Settings(), batch_size=28, pnet=NetworkSettings(steps=STEPS))


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(loop, "SAVE_EVERY", 10)
    monkeypatch.setattr(loop, "LOG_EVERY", 1)


@pytest.fixture(scope="module")
def samples():
    """Returns samples whose bright crops are faces; boxes and landmarks are always the same."""
    rng = np.random.default_rng(0)
    samples = np.zeros(400, sample_dtype(12))
    samples["kind"] = rng.integers(0, 4, 400)
    bright = np.where(samples["kind"] == Kind.NEGATIVE, 60, 180)
    noise = rng.integers(-50, 50, (400, 3, 12, 12))
    samples["pixels"] = bright.reshape(-1, 1, 1, 1) + noise
    samples["side"] = 24
    samples["box"] = [0.1, 0.1, 0.9, 0.9]
    samples["landmarks"] = 0.5
    return samples


def new_network():
    torch.manual_seed(1)
    return pnet()


def run_in(folder, show_progress=lambda steps, _: steps, settings=SETTINGS):
    folder.mkdir(exist_ok=True)
    log = Log(folder / "log.jsonl")
    return Run("pnet", settings, folder / "checkpoint.pt", log, torch.device("cpu"), show_progress)


def train(folder, samples, show_progress=lambda steps, _: steps, settings=SETTINGS):
    network = new_network()
    fit(network, Batches(samples, "pnet", 28, 0, 0.3), run_in(folder, show_progress, settings))
    return network


def interrupt_before(step):
    def show_progress(steps, _):
        for one in steps:
            if one == step:
                os.kill(os.getpid(), signal.SIGINT)
            yield one

    return show_progress


def same(one, other):
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_it_learns(samples, tmp_path):
    settings = replace(SETTINGS, pnet=NetworkSettings(steps=150, learning_rate=5e-3))
    train(tmp_path, samples, settings=settings)
    entries = Log(tmp_path / "log.jsonl").entries("pnet")
    assert [entry["step"] for entry in entries] == list(range(150))
    first, last = entries[0], entries[-1]
    assert last["face"] < 0.3 * first["face"]
    assert last["landmarks"] < 0.1 * first["landmarks"]
    assert last["accuracy"] == 1
    for entry in entries:
        parts = entry["face"] + 0.5 * entry["box"] + 0.5 * entry["landmarks"]
        assert entry["loss"] == pytest.approx(parts, rel=1e-5)


def test_a_training_resumed_after_an_interrupt_ends_bit_for_bit_the_same(samples, tmp_path):
    whole = train(tmp_path / "whole", samples)
    broken = tmp_path / "broken"
    with pytest.raises(KeyboardInterrupt):
        train(broken, samples, interrupt_before(13))
    assert checkpoints.load(broken / "checkpoint.pt")["step"] == 14  # the step under way is done
    assert same(train(broken, samples), whole)
    logs = [(tmp_path / name / "log.jsonl").read_text() for name in ("whole", "broken")]
    assert logs[0] == logs[1]


@pytest.mark.parametrize("question", [1, 2, 3])
def test_an_interrupt_at_any_moment_keeps_the_finished_steps(
    samples, tmp_path, monkeypatch, question
):
    """The loop asks whether there was one; the interrupt comes before this question."""
    asked = itertools.count(1)

    @contextmanager
    def interrupts():
        yield lambda: next(asked) >= question

    monkeypatch.setattr(loop, "held_interrupts", interrupts)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, samples)
    assert checkpoints.load(tmp_path / "checkpoint.pt")["step"] == question


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_during_the_last_save_is_not_forgotten(samples, tmp_path, monkeypatch, number):
    save = checkpoints.save
    before = signal.getsignal(number)

    def save_and_interrupt(path, state):
        if state["step"] == STEPS:
            os.kill(os.getpid(), number)
        save(path, state)

    monkeypatch.setattr(checkpoints, "save", save_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "broken", samples)
    assert checkpoints.load(tmp_path / "broken" / "checkpoint.pt")["step"] == STEPS
    assert signal.getsignal(number) == before
    monkeypatch.undo()
    assert same(train(tmp_path / "broken", samples), train(tmp_path / "whole", samples))


def test_an_interrupt_of_a_finished_training_is_not_forgotten(samples, tmp_path, monkeypatch):
    train(tmp_path, samples)
    drop_from = Log.drop_from

    def interrupt_and_drop(log, network, step):
        drop_from(log, network, step)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Log, "drop_from", interrupt_and_drop)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, samples)


def test_a_training_resumed_after_a_crash_ends_bit_for_bit_the_same(samples, tmp_path):
    whole = train(tmp_path / "whole", samples)

    def crash(steps, _):
        yield from list(steps)[:17]
        raise MemoryError

    with pytest.raises(MemoryError):
        train(tmp_path / "broken", samples, crash)
    assert checkpoints.load(tmp_path / "broken" / "checkpoint.pt")["step"] == 10
    assert same(train(tmp_path / "broken", samples), whole)
    logs = [(tmp_path / name / "log.jsonl").read_text() for name in ("whole", "broken")]
    assert logs[0] == logs[1]


def test_a_finished_training_is_not_repeated(samples, tmp_path):
    whole = train(tmp_path, samples)
    before = (tmp_path / "checkpoint.pt").stat().st_mtime_ns
    assert same(train(tmp_path, samples), whole)
    assert (tmp_path / "checkpoint.pt").stat().st_mtime_ns == before


def test_signal_handlers_are_restored(samples, tmp_path):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    train(tmp_path, samples, settings=replace(SETTINGS, pnet=NetworkSettings(steps=1)))
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"\x80\x02N."])
def test_a_file_that_is_not_a_checkpoint_is_refused(samples, tmp_path, content):
    (tmp_path / "checkpoint.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"checkpoint\.pt: not a checkpoint"):
        train(tmp_path, samples)


class Evil:
    def __reduce__(self):
        return pytest.fail, ("executed",)


def test_loading_a_checkpoint_executes_nothing(samples, tmp_path):
    torch.save({"step": Evil()}, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match=r"checkpoint\.pt: not a checkpoint$"):
        train(tmp_path, samples)


def test_another_networks_checkpoint_is_refused(samples, tmp_path):
    checkpoints.save(tmp_path / "checkpoint.pt", {"name": "rnet", "step": 3})
    with pytest.raises(ValueError, match="not a checkpoint of pnet: it is of rnet"):
        train(tmp_path, samples)


def test_the_learning_rate_rises_and_falls_as_a_cosine():
    settings = NetworkSettings(steps=1000, learning_rate=0.01)
    rates = [learning_rate(step, settings) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01 / 30, rel=1e-5)
    assert int(np.argmax(rates)) == 29
    assert rates[500] == pytest.approx(0.005)
    assert rates[750] == pytest.approx(0.01 * (1 - np.sqrt(0.5)) / 2)
    assert 0 < rates[999] < 1e-7


@pytest.mark.filterwarnings("ignore")
def test_a_training_that_diverges_ends_with_a_line(samples, tmp_path):
    settings = replace(SETTINGS, pnet=NetworkSettings(steps=STEPS, learning_rate=1e30))
    message = (
        r"^pnet: the training diverged: the loss of step \d+ is (nan|inf); start another run with "
        r"pnet\.learning_rate below 1e\+30, or with clip_norm$"
    )
    with pytest.raises(ValueError, match=message):
        train(tmp_path, samples, settings=settings)
    text = (tmp_path / "log.jsonl").read_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    with pytest.raises(ValueError, match=r"^pnet: the training diverged: "):
        train(tmp_path, samples, settings=settings)

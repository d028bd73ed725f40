import numpy as np
import pytest

from mtcnn_rt.training.batches import Batches, open_samples
from mtcnn_rt.training.samples import Kind, sample_dtype


def some_samples(*kinds, size=12):
    """Returns ten samples of each kind; every pixel of sample i is i."""
    samples = np.zeros(10 * len(kinds), sample_dtype(size))
    samples["kind"] = np.repeat(np.array(kinds, np.uint8), 10)
    samples["pixels"] = np.arange(len(samples), dtype=np.uint8).reshape(-1, 1, 1, 1)
    samples["side"] = 24
    samples["box"] = [0.1, 0.2, 0.8, 0.9]
    return samples


def test_the_default_ratio_is_three_to_one_to_one_to_two():
    batches = Batches(some_samples(*Kind), "rnet", 448, seed=0)
    batch = batches[0]
    assert batch.pixels.shape == (448, 3, 12, 12)
    assert batch.pixels.dtype == np.float32
    assert np.bincount(batch.kinds).tolist() == [192, 64, 64, 128]
    assert batches.summary() == "10 negative, 10 part, 10 positive, 10 landmarks"


@pytest.mark.parametrize(
    ("kinds", "counts"),
    [
        ((Kind.NEGATIVE, Kind.PART, Kind.POSITIVE), [60, 20, 20]),
        ((Kind.LANDMARKS,), [0, 0, 0, 100]),
        ((Kind.NEGATIVE, Kind.LANDMARKS), [60, 0, 0, 40]),
        (tuple(Kind), [43, 14, 14, 29]),
    ],
)
def test_other_kinds_take_the_places_of_kinds_without_samples(kinds, counts):
    batch = Batches(some_samples(*kinds), "rnet", 100, seed=0)[3]
    assert np.bincount(batch.kinds).tolist() == counts


def test_another_ratio():
    batch = Batches(some_samples(*Kind), "rnet", 100, seed=0, ratio=(1, 0, 1, 2))[3]
    assert np.bincount(batch.kinds).tolist() == [25, 0, 25, 50]


def test_a_batch_depends_on_seed_and_step_alone():
    samples = some_samples(*Kind)
    batches = Batches(samples, "rnet", 64, seed=2, strength=0.3)
    later = batches[7]
    again = Batches(samples, "rnet", 64, seed=2, strength=0.3)[7]
    np.testing.assert_array_equal(later.pixels, again.pixels)
    np.testing.assert_array_equal(later.boxes, again.boxes)
    assert (later.pixels != batches[8].pixels).any()
    assert (later.pixels != Batches(samples, "rnet", 64, seed=3, strength=0.3)[7].pixels).any()


def test_targets_are_regressions():
    samples = some_samples(Kind.POSITIVE)
    seen = {tuple(np.round(row, 4)) for row in Batches(samples, "rnet", 64, seed=0)[0].boxes}
    # The crop as it is, and mirrored: moves of its sides, in sides.
    assert seen == {
        tuple(np.float32([0.1, 0.2, -0.2, -0.1])),
        tuple(np.float32([0.2, 0.2, -0.1, -0.1])),
    }
    # P-Net's cell begins at 1 / 12 - 1 / 24 of the crop, so it is 23 / 24 of it.
    seen = Batches(samples, "pnet", 64, seed=0)[0].boxes
    as_it_is = np.array([0.1 - 1 / 24, 0.2 - 1 / 24, -0.2, -0.1]) / (23 / 24)
    assert np.isclose(seen, as_it_is, atol=1e-5).all(axis=1).any()


def test_no_samples_are_an_error():
    with pytest.raises(ValueError, match="onet: no samples to train on"):
        Batches(np.zeros(0, sample_dtype(48)), "onet", 64, seed=0)


def test_files_without_samples_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", some_samples(Kind.PART))
    assert len(open_samples(tmp_path / "a.npy", "pnet")) == 10
    with pytest.raises(ValueError, match=r"a\.npy: not a file of rnet samples"):
        open_samples(tmp_path / "a.npy", "rnet")
    np.save(tmp_path / "b.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(ValueError, match=r"b\.npy: not a file of samples: "):
        open_samples(tmp_path / "b.npy", "pnet")

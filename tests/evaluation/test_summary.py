"""Tests the numbers of `evaluate boxes`: by size and label, intervals, mistakes, false alarms."""

import time

import numpy as np
import pytest
from helpers import reference_summary as slow

from mtcnn_rt.evaluation.average_precision import JudgedImage, average_precision
from mtcnn_rt.evaluation.faceless import faceless, false_positives, share_curve
from mtcnn_rt.evaluation.mistakes import misses_and_false_alarms
from mtcnn_rt.evaluation.ranking import Ranked, Selection, by_size, rank
from mtcnn_rt.evaluation.summary import best_threshold, statistics, summarize

SELECTIONS = [
    Selection("all faces"),
    Selection("label mask", "mask"),
    Selection("32 to 64 px", None, 32, 64, own_size_only=True),
]


def random_images(seed, count=40, ties=False):
    """Returns images of which most faces are found, some twice, beside false positives."""
    random = np.random.default_rng(seed)
    images = []
    for _ in range(count):
        faces = random.integers(0, 7)
        corners = random.uniform(0, 400, (faces, 2))
        sides = random.uniform(12, 150, (faces, 1)) * [0.8, 1]
        boxes = np.hstack([corners, corners + sides])
        near = np.repeat(boxes, random.integers(0, 3, faces), axis=0)
        near = near + random.normal(0, 0.12, near.shape) * np.tile(near[:, 2:] - near[:, :2], 2)
        wrong = random.uniform(0, 400, (random.integers(0, 4), 2))
        wrong = np.hstack([wrong, wrong + random.uniform(12, 150, (len(wrong), 1))])
        found = np.vstack([near, wrong])
        scores = random.uniform(0.05, 1, len(found))
        labels = random.choice(["mask", "none"], faces)
        ignored = random.uniform(size=faces) < 0.15
        images.append(JudgedImage(boxes, labels, ignored, found, scores.round(1 if ties else 9)))
    return images


def plain(images):
    return [
        {
            "boxes": one.boxes.tolist(),
            "labels": one.labels.tolist(),
            "ignored": one.ignored.tolist(),
            "found": one.found.tolist(),
            "scores": one.scores.tolist(),
        }
        for one in images
    ]


def slow_numbers(images, selection):
    return slow.numbers(
        plain(images),
        label=selection.label,
        low=selection.min_height,
        below=selection.below,
        own_size_only=selection.own_size_only,
    )


@pytest.mark.parametrize("selection", SELECTIONS, ids=lambda one: one.title)
@pytest.mark.parametrize("ties", [False, True])
def test_numbers_are_those_of_plain_loops(selection, ties):
    images = random_images(1, ties=ties)
    numbers = summarize(rank(images, selection), 0).numbers
    expected = slow_numbers(images, selection)
    assert 0.2 < expected["AP"] < 0.95
    assert expected["recall at 10 FP"] < expected["recall at 50 FP"] or selection.label
    assert numbers == pytest.approx(expected, abs=1e-12)


def test_all_faces_have_the_average_precision_of_the_whole():
    images = random_images(2)
    numbers = summarize(rank(images, SELECTIONS[0]), 0).numbers
    assert (numbers["AP"], numbers["recall"]) == pytest.approx(average_precision(images))


@pytest.mark.parametrize("selection", SELECTIONS, ids=lambda one: one.title)
def test_a_weight_is_an_image_several_times(selection):
    images = random_images(3, 20)
    random = np.random.default_rng(0)
    weights = random.multinomial(20, np.full(20, 1 / 20), 5)
    found = statistics(rank(images, selection), weights)
    for index, row in enumerate(weights):
        resample = [image for image, times in zip(images, row, strict=True) for _ in range(times)]
        expected = slow_numbers(resample, selection)
        for name in found:
            assert found[name][index] == pytest.approx(expected[name], abs=1e-12), name


def test_intervals_are_quantiles_of_resamples_of_the_seed():
    images = random_images(4)
    ranked = rank(images, SELECTIONS[0])
    summary = summarize(ranked, 200, seed=7)
    weights = np.random.default_rng(7).multinomial(40, np.full(40, 1 / 40), 200)
    expected = np.quantile(statistics(ranked, weights)["AP"], (0.025, 0.975))
    assert summary.intervals["AP"] == pytest.approx(tuple(expected))
    assert summary.intervals == summarize(ranked, 200, seed=7).intervals
    assert summary.intervals != summarize(ranked, 200, seed=8).intervals
    assert set(summary.intervals) == set(summary.numbers) - {"faces", "threshold"}
    for name, (low, high) in summary.intervals.items():
        assert low <= summary.numbers[name] <= high, name


def test_intervals_hold_the_truth_in_19_of_20():
    # Detections that hit with a probability of 0.7; recall of all of them is what is estimated.
    random = np.random.default_rng(5)
    held = 0
    for seed in range(200):
        hits = random.uniform(size=100) < 0.7
        scores, each = np.linspace(1, 0.1, 100), np.arange(100)
        ranked = Ranked(scores, hits, each, np.ones(100, np.int64))
        low, high = summarize(ranked, 300, seed).intervals["recall"]
        held += low <= 0.7 <= high
    assert 180 <= held <= 199


def test_resamples_without_faces_do_not_count():
    box = np.array([[0.0, 0, 40, 40]])
    face = JudgedImage(box, np.array(["a"]), np.array([False]), box, np.array([0.5]))
    empty = JudgedImage(box[:0], np.array([], str), np.zeros(0, bool), box[:0], np.zeros(0))
    summary = summarize(rank([face, empty], SELECTIONS[0]), 100)
    assert summary.intervals["AP"] == (1, 1)


def test_a_thousand_resamples_take_seconds():
    random = np.random.default_rng(6)
    count, images = 10_000, 1000
    ranked = Ranked(
        np.sort(random.uniform(size=count))[::-1],
        random.uniform(size=count) < 0.4,
        random.integers(0, images, count),
        np.full(images, 6),
    )
    start = time.process_time()
    summarize(ranked)
    assert time.process_time() - start < 15


def test_nothing_found():
    box = np.array([[0.0, 0, 40, 40]])
    image = JudgedImage(box, np.array(["a"]), np.array([False]), box[:0], np.zeros(0))
    summary = summarize(rank([image], SELECTIONS[0]), 10)
    assert summary.numbers.pop("threshold") != summary.numbers["AP"]  # it is NaN
    assert summary.numbers == dict.fromkeys(summary.numbers, 0) | {"faces": 1}
    assert summary.intervals["AP"] == (0, 0)
    assert np.isnan(best_threshold(rank([image], Selection("none", "b"))))


def test_sizes_begin_at_the_least_height():
    edges = [(one.title, one.min_height, one.below) for one in by_size(20)]
    infinite = float("inf")
    assert edges == [
        ("20 to 32 px", 20, 32),
        ("32 to 64 px", 32, 64),
        ("64 to 128 px", 64, 128),
        ("128 px and more", 128, infinite),
    ]
    assert [one.title for one in by_size(64)] == ["64 to 128 px", "128 px and more"]
    assert [one.title for one in by_size(200)] == ["200 px and more"]


def test_every_face_has_one_size():
    images = random_images(7)
    sizes = [rank(images, one).faces.sum() for one in by_size(20)]
    assert sum(sizes) == rank(images, SELECTIONS[0]).faces.sum()
    assert min(sizes) > 0


def one_image(scores=(0.9, 0.8, 0.7, 0.3)):
    # Found, missed and large, missed and small, ignored; the last is found by a low score.
    boxes = np.array([[0, 0, 40, 40], [100, 0, 180, 80], [200, 0, 230, 30], [300, 0, 340, 40.0]])
    found = np.array([[0, 0, 40, 40], [100, 0, 140, 80], [300, 0, 340, 40], [200, 0, 230, 30.0]])
    ignored = np.array([False, False, False, True])
    return JudgedImage(boxes, np.array(["a"] * 4), ignored, found, np.array(scores))


def test_mistakes():
    images = [one_image(), one_image((0.9, 0.95, 0.7, 0.6))]
    missed, alarms = misses_and_false_alarms(images, SELECTIONS[0], 0.6, 0.5)
    assert [(one.image, one.box.tolist(), one.score) for one in missed] == [
        (0, [100, 0, 180, 80], None),
        (1, [100, 0, 180, 80], None),
        (0, [200, 0, 230, 30], None),
    ]
    assert [one.overlap for one in missed] == [0.5, 0.5, 0]
    assert [(one.image, one.score, one.overlap) for one in alarms] == [
        (1, 0.95, 0.5),
        (0, 0.8, 0.5),
    ]
    assert misses_and_false_alarms(images, SELECTIONS[0], 0.5, 0.5)[1] == []


def test_mistakes_without_detections():
    image = one_image()
    nothing = JudgedImage(image.boxes, image.labels, image.ignored, image.found[:0], np.zeros(0))
    missed, alarms = misses_and_false_alarms([nothing], SELECTIONS[0], 0.5, 0)
    assert [one.overlap for one in missed] == [0, 0, 0]
    assert alarms == []


def test_images_without_faces():
    image = one_image()
    everything = np.ones(4, bool)
    ignored = JudgedImage(image.boxes, image.labels, everything, image.found, image.scores)
    none = JudgedImage(image.boxes[:0], image.labels[:0], everything[:0], image.found, image.scores)
    images = faceless([image, ignored, none])
    assert images == [ignored, none]
    # A detection that meets an ignored box is dropped: all but one at IoU 0.6.
    assert false_positives(images, 0.0, 0.6).tolist() == [1, 4]
    assert false_positives(images, 0.75, 0.6).tolist() == [1, 2]
    assert false_positives(images, 0.85, 0.6).tolist() == [0, 1]
    curve = share_curve(images, 0.6)
    assert (curve.x.tolist(), curve.y.tolist()) == ([0.8, 0.9], [1, 0.5])

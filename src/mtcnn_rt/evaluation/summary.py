"""Summarizes ranked detections by the numbers that people choose a detector by.

Confidence intervals come from the bootstrap (Efron 1979) over images: a resample draws as many
images as there are, with replacement, so that an image counts several times or not at all. The
numbers of all resamples are computed together, with the number of times that each image is drawn
as its weight.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float64
from mtcnn_rt.evaluation.measurement import Summary
from mtcnn_rt.evaluation.ranking import Ranked

FALSE_POSITIVES = (10, 50, 100)
"""Numbers of false positives, over the whole set, at which recall is given."""

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 0
_AT_ONCE = 2_000_000  # elements of an array in memory


def summarize(ranked: Ranked, resamples: int = RESAMPLES, seed: int = SEED) -> Summary:
    """Computes the numbers and their confidence intervals.

    Args:
        ranked: The detections.
        resamples: The number of resamples; 0 computes no intervals.
        seed: The seed of the resamples. The same seed draws the same images for every detector.

    Returns:
        The number of "faces", "AP", "recall", "recall at 10 FP" and so on, which is the largest
        recall with at most so many false positives, "best F1" and its "threshold". They are NaN
        where no face counts. All but the number of faces and the threshold have an interval of 95
        percent, of those resamples in which a face counts.

    Example:
        >>> import numpy as np
        >>> from mtcnn_rt.evaluation.judging import JudgedImage
        >>> from mtcnn_rt.evaluation.ranking import Selection, rank
        >>> box = np.array([[10.0, 10.0, 50.0, 60.0]])
        >>> image = JudgedImage(box, np.array(["face"]), np.array([False]), box, np.array([0.9]))
        >>> summary = summarize(rank([image], Selection("all faces")))
        >>> summary.numbers["AP"], summary.numbers["threshold"], summary.intervals["best F1"]
        (1.0, 0.9, (1.0, 1.0))
    """
    once = np.ones((1, len(ranked.faces)), np.int64)
    values = {name: float(value[0]) for name, value in statistics(ranked, once).items()}
    faces = {"faces": int(ranked.faces.sum())}
    return Summary(
        {**faces, **values, "threshold": best_threshold(ranked)},
        _intervals(ranked, resamples, seed),
    )


def statistics(ranked: Ranked, weights: NDArray[np.int64]) -> dict[str, Float64]:
    """Computes the numbers of several resamples together.

    Args:
        ranked: The detections.
        weights: The number of times that each resample has each image, (R, I).

    Returns:
        The numbers (R,) by name. NaN for a resample in which no face counts.
    """
    ends = ranked.ends
    faces = (weights @ ranked.faces).astype(np.float64)
    of_detection = weights[:, ranked.images]
    hits = np.cumsum(of_detection * ranked.hits, axis=1, dtype=np.float64)
    wrong = np.cumsum(of_detection, axis=1, dtype=np.float64) - hits
    with np.errstate(invalid="ignore"):
        recall = {
            f"recall at {count} FP": _largest(hits[:, ends], wrong[:, ends] <= count) / faces
            for count in FALSE_POSITIVES
        }
        f1 = 2 * hits[:, ends] / (hits[:, ends] + wrong[:, ends] + faces[:, np.newaxis])
        return {
            "AP": _area(hits[:, ranked.hits], wrong[:, ranked.hits]) / faces,
            "recall": _largest(hits) / faces,
            **recall,
            "best F1": np.where(faces > 0, _largest(f1), np.nan),
        }


def best_threshold(ranked: Ranked) -> float:
    """Returns the score from which detections count where F1 is best; NaN without detections.

    Of several such scores, the highest.
    """
    ends = ranked.ends
    if not ends.size or not ranked.faces.any():
        return float("nan")
    hits = np.cumsum(ranked.hits)[ends]
    f1 = 2 * hits / (ends + 1 + ranked.faces.sum())
    return float(ranked.scores[ends[f1.argmax()]])


def _area(hits: Float64, wrong: Float64) -> Float64:
    """Returns the area under the envelope of precision over hits; only hits raise precision."""
    precision = hits / np.maximum(hits + wrong, 1)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((np.diff(hits, axis=1, prepend=0) * envelope).sum(axis=1))


def _largest(values: Float64, where: NDArray[np.bool_] | bool = True) -> Float64:
    """Returns the largest value of each row, at least 0."""
    return np.asarray(np.max(values, axis=1, initial=0.0, where=where))


def _intervals(ranked: Ranked, resamples: int, seed: int) -> dict[str, tuple[float, float]]:
    ranked = _up_to_last_hit(ranked)
    images = len(ranked.faces)
    if not resamples or not ranked.faces.any():
        return {}
    random = np.random.default_rng(seed)
    weights = random.multinomial(images, np.full(images, 1 / images), resamples)
    rows = max(1, _AT_ONCE // max(1, len(ranked.scores)))
    parts = [statistics(ranked, weights[i : i + rows]) for i in range(0, resamples, rows)]
    tail = (1 - CONFIDENCE) / 2
    intervals = {}
    for name in parts[0]:
        values = np.concatenate([part[name] for part in parts])
        low, high = np.nanquantile(values, (tail, 1 - tail))
        intervals[name] = float(low), float(high)
    return intervals


def _up_to_last_hit(ranked: Ranked) -> Ranked:
    """Leaves out the scores below that of the last hit, which change none of the numbers."""
    hits = np.flatnonzero(ranked.hits)
    lowest = ranked.scores[hits[-1]] if hits.size else np.inf
    kept = ranked.scores >= lowest
    return Ranked(ranked.scores[kept], ranked.hits[kept], ranked.images[kept], ranked.faces)

"""Compares the evaluations with WIDER FACE's and FDDB's own programs.

The programs were run on the files that `official_cases` writes; their output is below. WIDER FACE's
is eval_tools (Shuo Yang, 2015) in GNU Octave 7.3: evaluation.m, norm_score.m, VOCap.m as in the
GitHub repository DetectionTeamUCAS/SSH_Tensorflow, read_pred.m and boxoverlap.m as in peiyunh/tiny.
FDDB's is evaluation (Vidit Jain, 2010), as in imistyrain/fddb, hualitlc/MTCNN-on-FDDB-Dataset and
others, with OpenCV 4.6, all digits printed.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from helpers.official_cases import SIZE, write_fddb, write_wider

from mtcnn_rt.evaluation import fddb, fddb_files, wider, wider_files
from mtcnn_rt.evaluation.average_precision import area
from mtcnn_rt.evaluation.regions import region_overlaps


@dataclass(frozen=True)
class Golden:
    """Holds the output of WIDER FACE's program.

    Attributes:
        average_precision: Average precision.
        faces: The number of faces that count.
        sums: The sums of detections and hits over all thresholds.
        counts: Detections and hits at the thresholds number 200, 400, 600, 800 and 1000.
    """

    average_precision: float
    faces: int
    sums: tuple[int, int]
    counts: list[tuple[int, int]]


WIDER = {
    ("decisions", "easy"): Golden(
        0.5528474517142554,
        105,
        (93474, 51698),
        [(31, 29), (83, 51), (117, 65), (156, 75), (169, 75)],
    ),
    ("decisions", "medium"): Golden(
        0.5467382923350376,
        144,
        (115728, 68467),
        [(43, 39), (103, 67), (146, 87), (191, 100), (204, 100)],
    ),
    ("decisions", "hard"): Golden(
        0.5553069240654247,
        169,
        (129952, 79683),
        [(45, 41), (116, 79), (163, 101), (217, 119), (230, 119)],
    ),
    ("digits", "easy"): Golden(
        0.5526941552646072,
        105,
        (93466, 51686),
        [(31, 29), (83, 51), (117, 65), (156, 75), (169, 75)],
    ),
    ("digits", "medium"): Golden(
        0.5465924924150114,
        144,
        (115725, 68456),
        [(43, 39), (103, 67), (146, 87), (191, 100), (204, 100)],
    ),
    ("digits", "hard"): Golden(
        0.5551778678544247,
        169,
        (129952, 79672),
        [(45, 41), (116, 79), (164, 101), (217, 119), (230, 119)],
    ),
}


@pytest.mark.parametrize(("kind", "setting"), WIDER)
def test_wider_gives_the_numbers_of_the_official_tools(tmp_path, kind, setting):
    golden = WIDER[kind, setting]
    write_wider(tmp_path)
    truth = wider_files.read_ground_truth(tmp_path / "truth")
    found = [wider_files.read_detections(tmp_path / kind, image) for image in truth]
    spread = wider.spread_scores([one.scores for one in found])
    images = [
        wider.WiderJudgedImage(image.boxes, image.counted[setting], one.boxes, scores)
        for image, one, scores in zip(truth, found, spread, strict=True)
    ]
    assert sum(int(image.counted.sum()) for image in images) == golden.faces
    curve = wider.precision_recall(images)
    assert area(curve) == pytest.approx(golden.average_precision, abs=1e-14)
    hits = curve.x * golden.faces
    detections = hits / curve.y
    assert (np.nansum(detections), hits.sum()) == pytest.approx(golden.sums, abs=1e-6)
    counts = np.column_stack([detections, hits])[199::200]
    np.testing.assert_allclose(counts, golden.counts, atol=1e-9)


FACES = 17
# Score, false positives, faces found (discrete), rate (continuous). The program lists them from the
# lowest score up, and for images without detections a last one, higher than any, of zeros.
FDDB = {
    "rectangles": [
        (0.95, 1, 0, 0.0),
        (0.9, 1, 1, 0.04693532470380481),
        (0.88, 1, 2, 0.09255740485154836),
        (0.85, 1, 3, 0.12249516236886228),
        (0.82, 1, 4, 0.17038688542976807),
        (0.8, 3, 6, 0.26125527337936616),
        (0.78, 3, 7, 0.3134952308604641),
        (0.75, 3, 8, 0.3464625296220741),
        (0.72, 3, 9, 0.38742683649486187),
        (0.7, 4, 9, 0.38742683649486187),
        (0.65, 4, 10, 0.42752615251356946),
        (0.6, 4, 11, 0.473045649932452),
        (0.55, 4, 12, 0.5024608215379875),
        (0.52, 5, 12, 0.5318725862438699),
        (0.5, 6, 12, 0.5612676416185933),
        (0.3, 7, 12, 0.5612676416185933),
        (0.2, 8, 12, 0.5612676416185933),
    ],
    "ellipses": [
        (0.95, 1, 0, 0.0),
        (0.9, 1, 1, 0.043110177505029414),
        (0.88, 1, 2, 0.09075601149992142),
        (0.85, 2, 2, 0.11810343973103053),
        (0.82, 2, 3, 0.17231522345442088),
        (0.8, 4, 5, 0.2685627771570046),
        (0.78, 4, 6, 0.3246174756934797),
        (0.75, 4, 7, 0.35659728507993815),
        (0.72, 4, 8, 0.3944188015192135),
        (0.7, 5, 8, 0.3981028718927809),
        (0.65, 5, 9, 0.44141591628558413),
        (0.6, 5, 10, 0.49498021830762406),
        (0.55, 6, 10, 0.519955334959349),
        (0.52, 6, 11, 0.558180162256816),
        (0.5, 7, 11, 0.5852716416535418),
        (0.3, 8, 11, 0.5852716416535418),
        (0.2, 9, 11, 0.5852716416535418),
    ],
}


@pytest.mark.parametrize("kind", FDDB)
def test_fddb_gives_the_numbers_of_the_official_tools(tmp_path, kind):
    write_fddb(tmp_path)
    faces = fddb_files.read_ellipses(tmp_path / "folds")
    found = fddb_files.read_detections(tmp_path / f"{kind}.txt")
    result = fddb.roc(
        [
            fddb.FddbJudgedImage(
                region_overlaps(found[name].regions, ellipses, SIZE), found[name].scores
            )
            for name, ellipses in faces.items()
        ]
    )
    scores, false_positives, matches, rates = np.array(FDDB[kind]).T
    np.testing.assert_array_equal(result.thresholds, scores)
    for curve in (result.discrete, result.continuous):
        np.testing.assert_array_equal(curve.x, false_positives)
    np.testing.assert_allclose(result.discrete.y, matches / FACES, atol=1e-12)
    np.testing.assert_allclose(result.continuous.y, rates, atol=1e-12)


def test_a_case_in_which_fddb_misses_the_greatest_sum():
    # Three faces side by side. The first detection has only the middle one; the second is best off
    # with the last, 0.0863, but FDDB's Hungarian method stops when it has the first, 0.0735. This
    # may happen where an image has more faces than detections or fewer, and several overlap.
    faces = [[30, 22, 1.57, 60, 100], [40, 30, 1.57, 110, 100], [30, 22, 1.57, 160, 100]]
    found = [[84, 62, 52, 78], [66, 55, 90, 95]]
    overlaps = region_overlaps(np.array(found, float), np.array(faces, float), SIZE)
    result = fddb.roc([fddb.FddbJudgedImage(overlaps, np.array([0.9, 0.8]))])
    assert result.discrete.y == pytest.approx([1 / 3, 1 / 3])  # as FDDB's
    first, both = result.continuous.y
    assert first == pytest.approx(0.27377998345740279, abs=1e-12)  # as FDDB's
    assert both == pytest.approx(0.29828157638938296 + 0.0042816, abs=1e-7)  # FDDB's, and more

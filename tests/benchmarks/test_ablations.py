"""Tests the parts of benchmarks/ablations.py that compute the table."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from benchmarks.ablation_report import VARIANTS, Outcome, plot, table  # noqa: E402
from benchmarks.ablations import NetworkCrops, alignment, detection  # noqa: E402
from mtcnn_rt.annotations import read_annotations  # noqa: E402
from mtcnn_rt.training.landmark_faces import boxes_about  # noqa: E402


class FixedNetwork(torch.nn.Module):
    """A network with fixed outputs."""

    def __init__(self, rows):
        super().__init__()
        self.rows = torch.tensor(np.array(rows, np.float32))

    def forward(self, pixels):
        return self.rows[: len(pixels)]


def crops_of(image, squares):
    squares = np.array(squares, np.float32)
    return NetworkCrops(image, squares, np.zeros((len(squares), 3, 24, 24), np.float32))


def test_detection_counts_moved_boxes_by_their_scores(drawn):
    image = read_annotations(drawn).images[0]
    (x1, y1, x2, y2), other = image.boxes
    side = x2 - x1
    photograph = crops_of(image, [[x1 + side, y1, x2 + side, y2], other, [0, 0, 12, 12]])
    back = [-1, 0, -1, 0]  # to the first face
    rows = [[3, *back, *[0] * 10], [2, *[0] * 14], [1, *[0] * 14]]
    assert detection(FixedNetwork(rows), [photograph]) == 1
    rows[2][0] = 2.5  # a wrong one before the second face: precision 1 and 2 / 3
    assert detection(FixedNetwork(rows), [photograph]) == pytest.approx((1 + 2 / 3) / 2)


def test_alignment_is_the_median_over_the_eyes_distance(drawn):
    faces = []
    for image in read_annotations(drawn).images[:3]:
        one = image.landmarks[:1]
        faces.append((image, one, boxes_about(one)))
    errors, crops, rows = [0.0, 0.1, 0.3], [], []
    for (image, points, square), error in zip(faces, errors, strict=True):
        eyes = np.linalg.norm(points[0, 0] - points[0, 1])
        off = points + np.array([error * eyes, 0])
        relative = (off[0] - square[0, :2]) / (square[0, 2:] - square[0, :2])
        rows.append([0] * 5 + relative.ravel().tolist())
        only = type(image)(**{**vars(image), "landmarks": points})
        crops.append(crops_of(only, square))
    assert alignment(FixedNetwork(rows), crops) == pytest.approx(0.1, abs=1e-5)


def test_the_table_has_mean_and_spread(tmp_path):
    outcomes = [
        Outcome(VARIANTS[0].name, seed, precision, error)
        for seed, (precision, error) in enumerate([(0.5, 0.1), (0.6, 0.12), (0.7, 0.11)])
    ] + [Outcome(variant.name, 0, None, 0.2) for variant in VARIANTS[1:]]
    lines = table("rnet", outcomes).splitlines()
    assert lines[2] == "| joint, hard samples | 0.600 ± 0.100 | 11.00 ± 1.00 % |"
    assert lines[3] == "| joint, all samples |  | 20.00 ± 0.00 % |"
    plot(outcomes, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 1000

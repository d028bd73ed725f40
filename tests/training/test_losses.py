import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from mtcnn_rt.training.losses import Targets, hard_samples, multi_task  # noqa: E402
from mtcnn_rt.training.samples import Kind  # noqa: E402


def test_hard_samples_are_the_largest_losses():
    losses = torch.tensor([0.1, 0.9, 0.5, 0.3, 0.7, 0.2, 0.8, 0.4, 0.6, 1.0])
    hardest = hard_samples(losses, 0.7)
    assert sorted(hardest.tolist()) == pytest.approx([0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])


def test_easy_samples_give_no_gradient():
    losses = torch.tensor([3.0, 1.0, 2.0, 0.5], requires_grad=True)
    hard_samples(losses, 0.5).mean().backward()
    assert losses.grad.tolist() == [0.5, 0, 0.5, 0]


@pytest.mark.parametrize(
    ("count", "ratio", "kept"), [(4, 1, 4), (10, 0.7, 7), (3, 0.1, 1), (1, 0.01, 1), (0, 0.7, 0)]
)
def test_the_number_of_hard_samples(count, ratio, kept):
    assert len(hard_samples(torch.arange(float(count)), ratio)) == kept


def some_batch():
    rng = np.random.default_rng(0)
    kinds = np.array([0, 1, 2, 3, 0, 2, 1, 3, 0], np.uint8)
    outputs = rng.normal(size=(9, 15)).astype(np.float32)
    boxes = rng.normal(size=(9, 4)).astype(np.float32)
    landmarks = rng.normal(size=(9, 10)).astype(np.float32)
    boxes[(kinds == Kind.NEGATIVE) | (kinds == Kind.LANDMARKS)] = np.nan
    landmarks[kinds != Kind.LANDMARKS] = np.nan
    return outputs, kinds, boxes, landmarks


def reference_losses(outputs, kinds, boxes, landmarks, ratio):
    """Returns the losses, sample by sample as in the paper's equations 1 to 3."""
    face, box, points = [], [], []
    for output, kind, target_box, target_points in zip(
        outputs.astype(float), kinds, boxes, landmarks, strict=True
    ):
        p = 1 / (1 + np.exp(-output[0]))
        if kind == Kind.POSITIVE:
            face.append(-np.log(p))
        if kind == Kind.NEGATIVE:
            face.append(-np.log(1 - p))
        if kind in (Kind.POSITIVE, Kind.PART):
            box.append(np.sum((output[1:5] - target_box) ** 2))
        if kind == Kind.LANDMARKS:
            points.append(np.sum((output[5:] - target_points) ** 2))
    hardest = sorted(face, reverse=True)[: round(ratio * len(face))]
    return np.mean(hardest), np.mean(box), np.mean(points)


@pytest.mark.parametrize("ratio", [0.6, 1.0])
def test_losses_against_numpy(ratio):
    outputs, kinds, boxes, landmarks = some_batch()
    targets = Targets(*map(torch.from_numpy, (kinds, boxes, landmarks)))
    losses = multi_task(torch.from_numpy(outputs), targets, ratio)
    found = [float(loss) for loss in (losses.face, losses.box, losses.landmarks)]
    expected = reference_losses(outputs, kinds, boxes, landmarks, ratio)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    weighted = float(losses.weighted((1.0, 0.5, 2.0)))
    assert weighted == pytest.approx(expected[0] + 0.5 * expected[1] + 2 * expected[2], rel=1e-5)
    right = [(output[0] > 0) == (kind == 2) for output, kind in zip(outputs, kinds, strict=True)]
    judged = np.array(right)[(kinds == 0) | (kinds == 2)]
    assert float(losses.accuracy) == pytest.approx(judged.mean())


def test_a_sample_has_only_the_losses_of_its_kind():
    outputs, kinds, boxes, landmarks = some_batch()
    leaf = torch.from_numpy(outputs).requires_grad_()
    targets = Targets(*map(torch.from_numpy, (kinds, boxes, landmarks)))
    multi_task(leaf, targets, 1.0).weighted((1, 1, 1)).backward()
    moved = leaf.grad.numpy() != 0
    heads = np.stack([moved[:, :1].all(1), moved[:, 1:5].all(1), moved[:, 5:].all(1)], axis=1)
    carried = {0: [1, 0, 0], 1: [0, 1, 0], 2: [1, 1, 0], 3: [0, 0, 1]}
    assert heads.astype(int).tolist() == [carried[int(kind)] for kind in kinds]
    assert np.isfinite(leaf.grad.numpy()).all()


def test_landmark_faces_may_be_faces():
    outputs, kinds, boxes, landmarks = some_batch()
    targets = Targets(*map(torch.from_numpy, (kinds, boxes, landmarks)))
    found = multi_task(torch.from_numpy(outputs), targets, 1.0, landmarks_are_faces=True)
    logits = outputs[:, 0].astype(float)
    faces = np.log(1 + np.exp(-logits[(kinds == 2) | (kinds == 3)]))
    others = np.log(1 + np.exp(logits[kinds == 0]))
    assert found.face.item() == pytest.approx(np.concatenate([faces, others]).mean(), rel=1e-5)
    without = multi_task(torch.from_numpy(outputs), targets, 1.0)
    assert (found.box.item(), found.landmarks.item()) == (
        without.box.item(),
        without.landmarks.item(),
    )


def test_a_batch_of_only_landmark_faces_has_no_other_loss():
    outputs, _, _, landmarks = some_batch()
    targets = Targets(
        torch.full((9,), 3, dtype=torch.uint8),
        torch.full((9, 4), torch.nan),
        torch.from_numpy(np.nan_to_num(landmarks)),
    )
    leaf = torch.from_numpy(outputs).requires_grad_()
    losses = multi_task(leaf, targets, 0.7)
    losses.weighted((1, 1, 1)).backward()
    assert (losses.face.item(), losses.box.item()) == (0, 0)
    assert torch.isnan(losses.accuracy)
    assert torch.isfinite(leaf.grad).all()

"""What the paper's ideas give: O-Net trained from chance with and without them, several seeds each.

    python -m benchmarks.ablations --out runs/ablations

All see the same samples in the same batches, mined once by the published P-Net and R-Net: the
faces of facemask (training split) and the landmarks of MTFL (training set). A run that was
interrupted goes on when it is called again. Needs pip install 'mtcnn-rt[train]'.

Detection: average precision on facemask's test split, published P-Net and R-Net before it.
Landmarks: median error over the eyes' distance on MTFL's AFLW faces, in the square that P-Net and
R-Net give for each, so that what O-Net takes for a face does not matter.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from matplotlib.figure import Figure

from mtcnn_rt import MTCNN
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.boxes import overlaps
from mtcnn_rt.evaluation.average_precision import average_precision, photo_of
from mtcnn_rt.images import Image
from mtcnn_rt.model import load_model
from mtcnn_rt.training.batches import Batches, open_samples
from mtcnn_rt.training.cascade import write_model
from mtcnn_rt.training.landmark_faces import boxes_about
from mtcnn_rt.training.layers import from_layers
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.loop import Run, fit
from mtcnn_rt.training.mining import mine
from mtcnn_rt.training.networks import LANDMARKS, Network, onet
from mtcnn_rt.training.samples import SIZES, cut
from mtcnn_rt.training.settings import NetworkSettings, Settings

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
ENLARGED = 3  # MTFL's images of 80 x 80, as its protocol says


@dataclass(frozen=True)
class Variant:
    """ohem_ratio, and the weights of face, box and landmarks."""

    name: str
    ohem_ratio: float
    loss_weights: tuple[float, float, float]

    @property
    def detects(self) -> bool:
        return self.loss_weights[0] > 0

    @property
    def aligns(self) -> bool:
        return self.loss_weights[2] > 0


VARIANTS = (
    Variant("joint, hard samples", 0.7, (1.0, 0.5, 1.0)),
    Variant("joint, all samples", 1.0, (1.0, 0.5, 1.0)),
    Variant("detection alone", 0.7, (1.0, 0.5, 0.0)),
    Variant("landmarks alone", 0.7, (0.0, 0.0, 1.0)),
)


@dataclass(frozen=True)
class Outcome:
    """Of one run; None where the variant does not learn it."""

    variant: str
    seed: int
    average_precision: float | None
    median_error: float | None


@dataclass(frozen=True, eq=False)
class AlignmentTest:
    """crops (N, 3, 48, 48) 0 to 255, and landmarks (N, 5, 2) in sides of the crops."""

    crops: torch.Tensor
    landmarks: np.ndarray

    def median_error(self, network: Network) -> float:
        with torch.no_grad():
            found = network(self.crops)[:, LANDMARKS].numpy().reshape(-1, 5, 2)
        eyes = np.linalg.norm(self.landmarks[:, 0] - self.landmarks[:, 1], axis=1)
        errors = np.linalg.norm(found - self.landmarks, axis=2).mean(axis=1) / eyes
        return float(np.median(errors))


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    folder: Path = arguments.out
    settings = replace(
        Settings(), batch_size=arguments.batch_size, onet=NetworkSettings(steps=arguments.steps)
    )
    samples = mined(folder / "samples.npy", arguments.data, settings, arguments.threads)
    photos = read_annotations(arguments.data / "facemask", split="test").images
    aligning = alignment_test(arguments.data, arguments.threads)
    outcomes = []
    for seed in range(arguments.seeds):
        for variant in VARIANTS:
            network = trained(variant, seed, samples, settings, folder)
            outcomes.append(measured(variant, seed, network, photos, aligning, folder))
            print(outcomes[-1], flush=True)
    (folder / "outcomes.json").write_text(json.dumps([asdict(one) for one in outcomes], indent=2))
    plot(outcomes, folder / "ablations.png")
    print(table(outcomes))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ablations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA, help="has facemask/ and mtfl/")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch-size", type=int, default=140)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def mined(file: Path, data: Path, settings: Settings, threads: int) -> np.ndarray:
    """O-Net's samples, in a file that is made once."""
    if not file.exists():
        images = read_annotations(data / "facemask", split="train").images
        images += read_annotations(data / "mtfl" / "train.jsonl").images
        mine(images, "onet", settings, published(settings.mining_thresholds, threads), file)
    return open_samples(file, "onet")


def published(thresholds: tuple[float, float], threads: int, min_face_size: float = 20) -> MTCNN:
    return MTCNN(min_face_size, thresholds=(*thresholds, 0.7), threads=threads)


def trained(
    variant: Variant, seed: int, samples: np.ndarray, settings: Settings, folder: Path
) -> Network:
    """From the checkpoint where the run is done."""
    place = folder / variant.name.replace(", ", "-").replace(" ", "-") / str(seed)
    place.mkdir(parents=True, exist_ok=True)
    chosen = replace(
        settings,
        seed=seed,
        ohem_ratio=variant.ohem_ratio,
        onet=replace(settings.onet, loss_weights=variant.loss_weights),
    )
    torch.manual_seed(seed)
    network = onet()
    batches = Batches(samples, "onet", chosen.batch_size, seed, chosen.recolour)
    log, device = Log(place / "log.jsonl"), torch.device("cpu")
    fit(network, batches, Run("onet", chosen, place / "checkpoint.pt", log, device))
    return network


def alignment_test(data: Path, threads: int) -> AlignmentTest:
    detector = published((0.6, 0.7), threads, min_face_size=20 * ENLARGED)
    crops, landmarks = [], []
    for image in read_annotations(data / "mtfl" / "aflw.jsonl").images:
        pixels = cv2.resize(
            image.read(), None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC
        )
        points = image.landmarks * ENLARGED
        squares = detector.looks("onet", pixels)
        overlap = overlaps(boxes_about(points), squares)
        if not overlap.max(initial=0) > 0.3:  # P-Net or R-Net misses the face
            continue
        square = squares[overlap.argmax(axis=1)]
        crops.append(cut(Image(pixels, bgr=True), square, SIZES["onet"])["pixels"])
        landmarks.append((points - square[0, :2]) / (square[0, 2] - square[0, 0]))
    return AlignmentTest(
        torch.from_numpy(np.concatenate(crops).astype(np.float32)), np.concatenate(landmarks)
    )


def measured(
    variant: Variant,
    seed: int,
    network: Network,
    photos: list[Annotated],
    aligning: AlignmentTest,
    folder: Path,
) -> Outcome:
    return Outcome(
        variant.name,
        seed,
        detection(network, photos, folder / "model") if variant.detects else None,
        aligning.median_error(network) if variant.aligns else None,
    )


def detection(network: Network, photos: list[Annotated], folder: Path) -> float:
    """Average precision of the published P-Net and R-Net with this O-Net."""
    layers = load_model().networks
    networks = {name: from_layers(name, layers[name].layers or ()) for name in ("pnet", "rnet")}
    write_model(folder, {**networks, "onet": network}, "ablation", "benchmarks/ablations.py")
    detector = MTCNN(model=folder, threads=torch.get_num_threads())
    found = [detector.detect(photo.read()) for photo in photos]
    pairs = zip(photos, found, strict=True)
    return average_precision([photo_of(one, faces.boxes, faces.scores) for one, faces in pairs])[0]


def table(outcomes: list[Outcome]) -> str:
    """Mean and standard deviation over the seeds, as Markdown."""
    lines = ["| O-Net | average precision | median landmark error |", "|---|---|---|"]
    for variant in VARIANTS:
        precision, error = values(outcomes, variant)
        lines.append(f"| {variant.name} | {text(precision, 1, 3)} | {text(error, 100, 2, ' %')} |")
    return "\n".join(lines)


def values(outcomes: list[Outcome], variant: Variant) -> tuple[list[float], list[float]]:
    """Average precisions and errors of a variant, one a seed."""
    chosen = [one for one in outcomes if one.variant == variant.name]
    return (
        [one.average_precision for one in chosen if one.average_precision is not None],
        [one.median_error for one in chosen if one.median_error is not None],
    )


def text(numbers: list[float], factor: float, digits: int, unit: str = "") -> str:
    if not numbers:
        return ""
    scaled = factor * np.array(numbers)
    spread = scaled.std(ddof=1) if len(scaled) > 1 else 0.0
    return f"{scaled.mean():.{digits}f} ± {spread:.{digits}f}{unit}"


def plot(outcomes: list[Outcome], path: Path) -> None:
    """A point a run, a bar at the mean."""
    figure = Figure(figsize=(9, 3), layout="constrained")
    titles = ("Average precision (more is better)", "Median landmark error (less is better)")
    for which, (axes, title) in enumerate(zip(figure.subplots(1, 2), titles, strict=True)):
        shown = [one for one in VARIANTS if values(outcomes, one)[which]]
        for row, variant in enumerate(shown):
            numbers = values(outcomes, variant)[which]
            axes.scatter(numbers, [row] * len(numbers))
            axes.plot([np.mean(numbers)] * 2, [row - 0.3, row + 0.3], color="black")
        axes.set_yticks(range(len(shown)), [variant.name for variant in shown])
        axes.invert_yaxis()
        axes.set_title(title, fontsize=10)
        axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()

"""What the paper's ideas give: R-Net or O-Net trained from chance with and without them, with
several seeds.

    python -m benchmarks.ablations --out runs/ablations

All see the same samples in the same batches, mined once by the published networks before: the faces
of facemask (training split) and the landmarks of MTFL (training set). A run that was interrupted
goes on when it is called again. Needs pip install 'mtcnn-rt[train]'.

The network is judged by itself, on what the published networks before it let through. Detection:
average precision on facemask's test split of its scores and moved boxes, after non-maximum
suppression. Landmarks: median error over the eyes' distance on MTFL's AFLW faces, in the square
that overlaps each most, whatever the network takes for a face.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mtcnn_rt import MTCNN, _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.evaluation.average_precision import average_precision, photo_of
from mtcnn_rt.images import Image
from mtcnn_rt.training.batches import Batches, open_samples
from mtcnn_rt.training.landmark_faces import boxes_about
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.loop import Run, fit
from mtcnn_rt.training.mining import mine, squares_before
from mtcnn_rt.training.networks import BOX, LANDMARKS, NETWORKS, Network
from mtcnn_rt.training.samples import crop_samples
from mtcnn_rt.training.settings import NetworkSettings, Settings

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
NMS = 0.7
ENLARGED = 3  # MTFL's images of 80 x 80, as its protocol says

Samples = NDArray[Any]


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
class Looks:
    """Where the network looks in one image: squares (N, 4) in pixels, and their crops
    (N, 3, size, size)."""

    image: Annotated
    squares: Float32
    crops: Float32


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    name, folder = arguments.network, arguments.out
    steps = NetworkSettings(steps=arguments.steps)
    settings = replace(Settings(), batch_size=arguments.batch_size, **{name: steps})
    samples = mined(name, folder / "samples.npy", arguments.data, settings, arguments.threads)
    crowds = crowd_looks(name, arguments.data, arguments.threads)
    faces = face_looks(name, arguments.data, arguments.threads)
    outcomes = []
    for seed in range(arguments.seeds):
        for variant in VARIANTS:
            network = trained(name, variant, seed, samples, settings, folder)
            precision = detection(network, crowds) if variant.detects else None
            error = alignment(network, faces) if variant.aligns else None
            outcomes.append(Outcome(variant.name, seed, precision, error))
            print(outcomes[-1], flush=True)
    (folder / "outcomes.json").write_text(json.dumps([asdict(one) for one in outcomes], indent=2))
    plot(outcomes, folder / "ablations.png")
    print(table(name, outcomes))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ablations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA, help="has facemask/ and mtfl/")
    parser.add_argument("--network", choices=["rnet", "onet"], default="rnet")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch-size", type=int, default=140)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def mined(name: str, file: Path, data: Path, settings: Settings, threads: int) -> Samples:
    """The network's samples, in a file that is made once."""
    if not file.exists():
        images = read_annotations(data / "facemask", split="train").images
        images += read_annotations(data / "mtfl" / "train.jsonl").images
        mine(images, name, settings, published(threads, settings.mining_thresholds), file)
    return open_samples(file, name)


def published(
    threads: int, thresholds: tuple[float, float] = (0.6, 0.7), min_face_size: float = 20
) -> MTCNN:
    return MTCNN(min_face_size, thresholds=(*thresholds, 0.7), threads=threads)


def trained(
    name: str, variant: Variant, seed: int, samples: Samples, settings: Settings, folder: Path
) -> Network:
    """From the checkpoint where the run is done."""
    place = folder / variant.name.replace(", ", "-").replace(" ", "-") / str(seed)
    place.mkdir(parents=True, exist_ok=True)
    of_network = replace(settings.of(name), loss_weights=variant.loss_weights)
    chosen = replace(settings, seed=seed, ohem_ratio=variant.ohem_ratio, **{name: of_network})
    torch.manual_seed(seed)
    network = NETWORKS[name]()
    batches = Batches(samples, name, chosen.batch_size, seed, chosen.recolor)
    log, device = Log(place / "log.jsonl"), torch.device("cpu")
    fit(network, batches, Run(name, chosen, place / "checkpoint.pt", log, device))
    return network


def crowd_looks(name: str, data: Path, threads: int) -> list[Looks]:
    """Where the network looks in facemask's test photographs."""
    detector = published(threads)
    found = []
    for photo in read_annotations(data / "facemask", split="test").images:
        pixels = photo.read()
        squares = squares_before(detector, name, pixels)
        found.append(Looks(photo, squares, crops(name, pixels, squares)))
    return found


def face_looks(name: str, data: Path, threads: int) -> list[Looks]:
    """The one square for each of the AFLW faces, enlarged as MTFL's protocol says, but for those
    that the networks before miss."""
    detector = published(threads, min_face_size=20 * ENLARGED)
    found = []
    for face in read_annotations(data / "mtfl" / "aflw.jsonl").images:
        pixels = cv2.resize(
            face.read(), None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC
        )
        squares = squares_before(detector, name, pixels)
        [overlap] = overlaps(boxes_about(ENLARGED * face.landmarks), squares)
        if overlap.max(initial=0) > 0.3:
            best = squares[[overlap.argmax()]]
            found.append(Looks(face, best / ENLARGED, crops(name, pixels, best)))
    return found


def crops(name: str, pixels: NDArray[np.uint8], squares: Float32) -> Float32:
    cropped: Float32 = crop_samples(Image(pixels, bgr=True), squares, INPUT_SIZES[name])["pixels"]
    return cropped.astype(np.float32)


def answers(network: Network, crops: Float32) -> Float32:
    with torch.no_grad():
        outputs: Float32 = network(torch.from_numpy(crops)).numpy()
    return outputs


def detection(network: Network, crowds: list[Looks]) -> float:
    """Average precision."""
    photos = []
    for crowd in crowds:
        outputs = answers(network, crowd.crops)
        boxes = _native.calibrate(crowd.squares, np.ascontiguousarray(outputs[:, BOX]))
        scores = 1 / (1 + np.exp(-outputs[:, 0]))
        kept = _native.Nms()(boxes, scores, NMS)
        photos.append(photo_of(crowd.image, boxes[kept], scores[kept]))
    return average_precision(photos)[0]


def alignment(network: Network, faces: list[Looks]) -> float:
    """Median error."""
    squares = np.concatenate([face.squares for face in faces])
    truth = np.concatenate([face.image.landmarks for face in faces])
    outputs = answers(network, np.concatenate([face.crops for face in faces]))
    points = _native.place(squares, outputs[:, LANDMARKS].reshape(-1, 5, 2))
    eyes = np.linalg.norm(truth[:, 0] - truth[:, 1], axis=1)
    return float(np.median(np.linalg.norm(points - truth, axis=2).mean(axis=1) / eyes))


def table(name: str, outcomes: list[Outcome]) -> str:
    """Mean and standard deviation over the seeds, as Markdown."""
    lines = [f"| {name} | average precision | median landmark error |", "|---|---|---|"]
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

"""Trains R-Net or O-Net from random weights with and without the paper's ideas, with several seeds.

    python -m benchmarks.ablations --out runs/ablations

All runs get the same samples in the same batches, mined once with the published networks of the
earlier stages: the faces of facemask (training split) and the landmarks of MTFL (training set). An
interrupted run continues when the program is started again. Needs the extra `train`.

The network is evaluated by itself, on the squares that the published networks of the earlier stages
pass on. Detection: average precision on facemask's test split of its scores and calibrated boxes,
after non-maximum suppression. Landmarks: median error over the distance of the eyes on MTFL's AFLW
faces, in the square that overlaps each face most, whatever score the network gives it.
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
from numpy.typing import NDArray

from benchmarks.ablation_report import VARIANTS, Outcome, Variant, plot, table
from benchmarks.command_line import new_parser
from mtcnn_rt import MTCNN, _native
from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._defaults import MIN_FACE_SIZE, THRESHOLDS
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.evaluation.average_precision import average_precision, judged_image
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
ENLARGED = 3  # factor for MTFL's images of 80 x 80, as in its protocol

Samples = NDArray[Any]


@dataclass(frozen=True, eq=False)
class NetworkCrops:
    """Holds the network's inputs from one image.

    Attributes:
        image: The annotated image.
        squares: The squares that are cropped, (N, 4) in pixels.
        crops: The crops, (N, 3, size, size).
    """

    image: Annotated
    squares: Float32
    crops: Float32


def main() -> None:
    """Trains and evaluates every variant with every seed."""
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    name, folder = arguments.network, arguments.out
    steps = NetworkSettings(steps=arguments.steps)
    settings = replace(Settings(), batch_size=arguments.batch_size, **{name: steps})
    samples = mined(name, folder / "samples.npy", arguments.data, settings, arguments.threads)
    photographs = facemask_crops(name, arguments.data, arguments.threads)
    faces = aflw_crops(name, arguments.data, arguments.threads)
    outcomes = []
    for seed in range(arguments.seeds):
        for variant in VARIANTS:
            network = trained(name, variant, seed, samples, settings, folder)
            precision = detection(network, photographs) if variant.detects else None
            error = alignment(network, faces) if variant.aligns else None
            outcomes.append(Outcome(variant.name, seed, precision, error))
            print(outcomes[-1], flush=True)
    (folder / "outcomes.json").write_text(json.dumps([asdict(one) for one in outcomes], indent=2))
    plot(outcomes, folder / "ablations.png")
    print(table(name, outcomes))


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = new_parser("ablations", __doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with facemask/ and mtfl/")
    parser.add_argument(
        "--network",
        choices=["rnet", "onet"],
        default="rnet",
        help="network to train; default: %(default)s",
    )
    parser.add_argument(
        "--seeds", type=int, default=3, help="number of seeds; default: %(default)s"
    )
    parser.add_argument(
        "--steps", type=int, default=1000, help="steps of a run; default: %(default)s"
    )
    parser.add_argument(
        "--batch-size", type=int, default=140, help="samples of a batch; default: %(default)s"
    )
    parser.add_argument("--threads", type=int, default=1, help="threads; default: %(default)s")
    return parser.parse_args()


def mined(name: str, file: Path, data: Path, settings: Settings, threads: int) -> Samples:
    """Opens the file of the network's samples, and mines them where it does not exist."""
    if not file.exists():
        images = read_annotations(data / "facemask", split="train").images
        images += read_annotations(data / "mtfl" / "train.jsonl").images
        mine(images, name, settings, published(threads, settings.mining_thresholds), file)
    return open_samples(file, name)


def published(
    threads: int,
    thresholds: tuple[float, float] = THRESHOLDS[:2],
    min_face_size: float = MIN_FACE_SIZE,
) -> MTCNN:
    """Makes a detector with the published networks and the thresholds of P-Net and R-Net."""
    every = (*thresholds, THRESHOLDS[2])
    return MTCNN(min_face_size, thresholds=every, threads=threads, model="published")


def trained(
    name: str, variant: Variant, seed: int, samples: Samples, settings: Settings, folder: Path
) -> Network:
    """Trains the network, or loads it from its checkpoint where the run is complete."""
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


def facemask_crops(name: str, data: Path, threads: int) -> list[NetworkCrops]:
    """Crops the squares that the earlier stages pass on in facemask's test photographs."""
    detector = published(threads)
    found = []
    for photo in read_annotations(data / "facemask", split="test").images:
        pixels = photo.read()
        squares = squares_before(detector, name, pixels)
        found.append(NetworkCrops(photo, squares, cut_crops(name, pixels, squares)))
    return found


def aflw_crops(name: str, data: Path, threads: int) -> list[NetworkCrops]:
    """Crops the square that overlaps each AFLW face most.

    The images are enlarged as in MTFL's protocol. Faces that the earlier stages miss are left out.
    """
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
            found.append(NetworkCrops(face, best / ENLARGED, cut_crops(name, pixels, best)))
    return found


def cut_crops(name: str, pixels: Pixels, squares: Float32) -> Float32:
    """Cuts squares from a BGR image and resizes them to the network's input."""
    cropped: Float32 = crop_samples(Image(pixels, bgr=True), squares, INPUT_SIZES[name])["pixels"]
    return cropped.astype(np.float32)


def run_network(network: Network, crops: Float32) -> Float32:
    """Runs a network on crops."""
    with torch.no_grad():
        outputs: Float32 = network(torch.from_numpy(crops)).numpy()
    return outputs


def detection(network: Network, photographs: list[NetworkCrops]) -> float:
    """Returns the average precision of the network's scores and calibrated boxes."""
    judged = []
    for one in photographs:
        outputs = run_network(network, one.crops)
        boxes = _native.calibrate(one.squares, np.ascontiguousarray(outputs[:, BOX]))
        scores = 1 / (1 + np.exp(-outputs[:, 0]))
        kept = _native.Nms()(boxes, scores, NMS)
        judged.append(judged_image(one.image, boxes[kept], scores[kept]))
    return average_precision(judged)[0]


def alignment(network: Network, faces: list[NetworkCrops]) -> float:
    """Returns the median error of the landmarks over the distance of the eyes."""
    squares = np.concatenate([face.squares for face in faces])
    truth = np.concatenate([face.image.landmarks for face in faces])
    outputs = run_network(network, np.concatenate([face.crops for face in faces]))
    points = _native.place(squares, outputs[:, LANDMARKS].reshape(-1, 5, 2))
    eyes = np.linalg.norm(truth[:, 0] - truth[:, 1], axis=1)
    return float(np.median(np.linalg.norm(points - truth, axis=2).mean(axis=1) / eyes))


if __name__ == "__main__":
    main()

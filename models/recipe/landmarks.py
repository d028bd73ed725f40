"""Trains L-Net, the network that places the landmarks, and writes the model folder with it.

    python models/recipe/landmarks.py MODEL --landmarks MTFL/train.jsonl --out MODEL-WITH-LNET

L-Net has O-Net's layers and starts from the published O-Net. It learns on the crops that it will
see: MODEL finds the annotated face in versions of each image, and crops are cut about its box. Of
the images whose names' hashes fall below `HOLDOUT` it prints the landmark error as it learns.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtcnn_rt import MTCNN, _native
from mtcnn_rt._arrays import Float32, Float64, Pixels
from mtcnn_rt._layers import INPUT_SIZES, rounded
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.conversion.folder import settings_of, texts_of, write_model_folder
from mtcnn_rt.images import Image
from mtcnn_rt.model import Model, load_model
from mtcnn_rt.training.augment import flip, recolor
from mtcnn_rt.training.averaging import MovingAverage
from mtcnn_rt.training.distillation.degradation import degrade
from mtcnn_rt.training.distillation.versions import Version, turn
from mtcnn_rt.training.holdout import name_seed, split_images
from mtcnn_rt.training.layers import from_layers, to_layers
from mtcnn_rt.training.memory import keep_freed_memory
from mtcnn_rt.training.networks import LANDMARKS, Network
from mtcnn_rt.training.samples import crop_samples

HOLDOUT = 0.12  # share of the images, as in recipe.toml
SIDE = 240  # pixels of the longer side of an image in which the face is found
MIN_FACE_SIZE, THRESHOLDS = 36, (0.6, 0.5, 0.2)
CROP = 0.9
"""Side of a crop over that of the square about the face's box: of 0.8 to 1.2 the one with the least
error of the published O-Net on held-out faces."""

CROPS, ZOOM, SHIFT = 3, (0.82, 1.0), 0.05  # crops of a face; sides of all but the first; in sides
ROTATIONS = (0.0, 20.0, 25.0)  # largest degrees of each version; the last is degraded, too
LEAST_EYES = 0.12  # distance of the eyes by which errors are divided at least, in sides


@dataclass(frozen=True, eq=False)
class Crops:
    """Crops of faces.

    Attributes:
        pixels: (N, 3, 48, 48) uint8, planar RGB.
        landmarks: (N, 5, 2) float32, in sides of the crop.
    """

    pixels: NDArray[np.uint8]
    landmarks: Float32


def main(arguments: list[str] | None = None) -> None:
    """Trains L-Net, and writes the model folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="model folder, or name of a model, that finds the faces")
    parser.add_argument("--landmarks", type=Path, required=True, help="annotated landmarks")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--steps", type=int, default=1000, help="default: %(default)s")
    parser.add_argument("--rate", type=float, default=4e-4, help="largest learning rate")
    parser.add_argument("--batch", type=int, default=256, help="crops of a step")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch")
    given = parser.parse_args(arguments)
    keep_freed_memory()
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    model = load_model(given.model)
    training, held_out = split_images(read_annotations(given.landmarks).images, HOLDOUT)
    detector = MTCNN(MIN_FACE_SIZE, thresholds=THRESHOLDS, threads=1, model=given.model)
    crops = cut(detector, training, ROTATIONS, CROPS)
    judged = cut(detector, held_out, ROTATIONS[:1], 1)
    if not len(crops.pixels) or not len(judged.pixels):
        parser.error(f"{given.landmarks}: too few faces were found, to train on or to hold out")
    print(f"{len(crops.pixels)} crops, {len(judged.pixels)} held out")
    network = from_layers("onet", load_model("published").networks["onet"].layers or ())
    print(f"published O-Net: {describe(network, judged)}")
    for step in train(network, crops, given.steps, given.rate, given.batch):
        print(f"step {step}: {describe(network, judged)}", flush=True)
    write(given.out, model, network)


def cut(
    detector: MTCNN, images: Sequence[Annotated], rotations: Sequence[float], count: int
) -> Crops:
    """Cuts crops of the annotated face of each image, in one version for each rotation."""
    pixels, landmarks = [np.zeros((0, 3, 48, 48), np.uint8)], [np.zeros((0, 5, 2), np.float32)]
    for annotated in images:
        rng = np.random.default_rng([name_seed(annotated.name), 19])
        for number, degrees in enumerate(rotations):
            version = make_version(annotated, rng.uniform(-degrees, degrees), rng)
            image = degrade(version.pixels, rng) if number == 2 else version.pixels
            found = _cut_one(detector, image, version.landmarks[0], count, rng)
            if found is not None:
                pixels.append(found.pixels)
                landmarks.append(found.landmarks)
    return Crops(np.concatenate(pixels), np.concatenate(landmarks))


def make_version(annotated: Annotated, degrees: float, rng: np.random.Generator) -> Version:
    """Returns an enlarged and turned image with its one face."""
    image = annotated.read()
    factor = SIDE / max(image.shape[:2])
    enlarged = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    points = annotated.landmarks[:1] * np.float32(factor)
    box = np.zeros((1, 4), np.float32)
    version = Version(np.asarray(enlarged, np.uint8), box, points, np.zeros(1, np.bool_))
    return turn(version, degrees) if degrees else version


def train(network: Network, crops: Crops, steps: int, rate: float, batch: int) -> Iterator[int]:
    """Trains a network for landmarks; yields the number of steps now and then.

    The loss is the mean distance of the points over the distance of the eyes, as the error is
    measured. When the caller goes on, and at the end, the network has the average of its weights.
    """
    rng = np.random.default_rng(0)
    layout: dict[str, Any] = {"memory_format": torch.channels_last}  # not in PyTorch's annotations
    network.to(**layout)  # bfloat16 is faster so, by a third
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=steps, pct_start=0.05
    )
    average = MovingAverage(network, 0.995)
    for step in range(steps):
        chosen = np.sort(rng.choice(len(crops.pixels), min(batch, len(crops.pixels)), False))
        pixels, points = augmented(crops.pixels[chosen], crops.landmarks[chosen], rng)
        with torch.autocast("cpu", torch.bfloat16):
            outputs = network(torch.from_numpy(pixels))
        loss = normalized_errors(outputs.float()[:, LANDMARKS], torch.from_numpy(points)).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        average.update(network, step)
        if (step + 1) % 200 == 0 or step + 1 == steps:
            weights = {name: value.clone() for name, value in network.state_dict().items()}
            network.load_state_dict(average.weights)
            yield step + 1
            if step + 1 < steps:
                network.load_state_dict(weights)


def augmented(
    pixels: NDArray[np.uint8], landmarks: Float32, rng: np.random.Generator
) -> tuple[Float32, Float32]:
    """Returns crops, half of them mirrored, in other colors, and their landmarks."""
    changed, points = pixels.astype(np.float32), landmarks.copy()
    half = rng.random(len(pixels)) < 0.5
    no_boxes = np.zeros((half.sum(), 4), np.float32)
    changed[half], _, points[half] = flip(changed[half], no_boxes, points[half])
    return recolor(changed, 0.3, rng), points


def normalized_errors(found: Tensor, landmarks: Tensor) -> Tensor:
    """Returns mean distances (N,) of points (N, 10) from landmarks (N, 5, 2), in eye distances."""
    eyes = (landmarks[:, 0] - landmarks[:, 1]).norm(dim=1).clamp(min=LEAST_EYES)
    squares = ((found.reshape(-1, 5, 2) - landmarks) ** 2).sum(dim=2)
    return (squares + 1e-5).sqrt().mean(dim=1) / eyes


def describe(network: Network, crops: Crops) -> str:
    """Returns the median and the mean of the landmark error, in percent."""
    errors: list[Float64] = []
    with torch.no_grad():
        for first in range(0, len(crops.pixels), 256):
            part = slice(first, first + 256)
            found = network(torch.from_numpy(crops.pixels[part].astype(np.float32)))
            points = torch.from_numpy(crops.landmarks[part])
            errors.append(100 * normalized_errors(found[:, LANDMARKS], points).numpy())
    every = np.concatenate(errors)
    return f"error {np.median(every):.2f} % in the median, {every.mean():.2f} % in the mean"


def write(folder: Path, model: Model, network: Network) -> None:
    """Writes the model folder of a model and its L-Net."""
    layers = {name: part.layers or () for name, part in model.all_networks.items()}
    write_model_folder(
        folder,
        {**layers, "lnet": rounded(to_layers("onet", network))},
        **texts_of(model),
        **{**settings_of(model), "lnet_crop": CROP},
    )


def _cut_one(
    detector: MTCNN, image: Pixels, points: Float32, count: int, rng: np.random.Generator
) -> Crops | None:
    """Cuts crops about the box of the face at these landmarks; None if it is not found."""
    faces = detector.detect(image)
    if not len(faces):
        return None
    distances = np.linalg.norm(faces.landmarks.mean(axis=1) - points.mean(axis=0), axis=1)
    nearest = distances.argmin()
    square = _native.square(faces.boxes[nearest : nearest + 1])
    side = square[:, 2:3] - square[:, :1]
    if distances[nearest] > side[0, 0] / 2:
        return None
    squares = [_native.square(square, CROP)]
    for _ in range(count - 1):
        shift = np.tile(rng.uniform(-SHIFT, SHIFT, (1, 2)) * side, 2).astype(np.float32)
        squares.append(_native.square(square + shift, rng.uniform(*ZOOM)))
    every = np.concatenate(squares)
    pixels = crop_samples(Image(image, bgr=True), every, INPUT_SIZES["lnet"])["pixels"]
    corners, sides = every[:, np.newaxis, :2], (every[:, 2] - every[:, 0]).reshape(-1, 1, 1)
    return Crops(pixels.astype(np.uint8), ((points - corners) / sides).astype(np.float32))


if __name__ == "__main__":
    main()

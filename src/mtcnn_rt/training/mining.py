"""Mines samples in annotated images (paper, section 3.1).

P-Net's come from random squares, R-Net's and O-Net's from what the stages before them accept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._files.paths import is_there
from mtcnn_rt._images.resizing import resize_by
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.images import Image
from mtcnn_rt.training.landmark_faces import FindSquares, landmark_samples
from mtcnn_rt.training.part_files import join_parts, part_file, read_problems, write_part
from mtcnn_rt.training.reading import read_whole
from mtcnn_rt.training.samples import Kind, Truth, face_samples, sample_dtype
from mtcnn_rt.training.settings import NAMES, Settings
from mtcnn_rt.training.squares import jittered_squares, random_squares

IMAGES_IN_A_PART = 64
NEAR_FACES, FAR_SHIFT, FAR_ZOOM = 5, 1.0, 2.0  # squares a face that give P-Net harder negatives

T = TypeVar("T")
ShowProgress = Callable[[Sequence[T], str], Iterable[T]]
"""Yields the items of a sequence and shows the progress, under a title."""


def mine(
    images: Sequence[Annotated],
    network: str,
    settings: Settings,
    detector: MTCNN | None,
    file: Path,
    show_progress: ShowProgress[Any] = lambda items, _: items,
) -> list[str]:
    """Cuts the samples of a network out of images, and writes them to a file.

    The file is complete or absent. Its parts wait in a folder beside it, so that another call
    continues an interrupted one; the result is the same.

    Args:
        images: The annotated images.
        network: "pnet", "rnet" or "onet".
        settings: Settings of the training.
        detector: The detector as far as it is trained, for R-Net and O-Net; None for P-Net.
        file: The file to write, a .npy of `sample_dtype`.
        show_progress: Shows the progress.

    Returns:
        A line for each image that cannot be read and is left out, also of an interrupted call.

    Raises:
        OSError: A file cannot be written.
    """
    layout = sample_dtype(INPUT_SIZES[network])
    starts = range(0, len(images), IMAGES_IN_A_PART)
    for start in show_progress(starts, f"mining {network}"):
        part = part_file(file, start)
        if is_there(part):
            continue
        chosen = images[start : start + IMAGES_IN_A_PART]
        problems: list[str] = []
        samples = [
            _samples_of(image, network, settings, detector, index, problems)
            for index, image in enumerate(chosen, start)
        ]
        write_part(part, layout, np.concatenate(samples), problems)
    parts = [part_file(file, start) for start in starts]
    left_out = [line for part in parts for line in read_problems(part)]
    join_parts(file, parts, layout)
    return left_out


def refuse_negatives_alone(
    files: Mapping[str, Path], left_out: Sequence[str], image_count: int
) -> None:
    """Refuses samples that show no face, from which no network learns what a face is.

    Args:
        files: The file of samples of each network; all are removed where one is refused, so that
            another call mines again.
        left_out: A line for each image that was left out.
        image_count: Number of the images, also of those left out.

    Raises:
        ValueError: A file has negatives alone, or no sample.
    """
    for name, file in files.items():
        if np.any(np.load(file, mmap_mode="r", allow_pickle=False)["kind"] != Kind.NEGATIVE):
            continue
        for one in files.values():
            one.unlink()
        count = f"{len(left_out)} of {image_count} images were left out"
        why = f"{count}; {left_out[0]}" if left_out else "add images with larger faces"
        raise ValueError(f"{name}: no face to train on: {why}")


def _samples_of(
    image: Annotated,
    network: str,
    settings: Settings,
    detector: MTCNN | None,
    index: int,
    problems: list[str],
) -> NDArray[Any]:
    """Returns all samples of one image.

    They depend on nothing but the arguments: every image has random numbers of its own.
    """
    rng = np.random.default_rng([settings.seed, NAMES.index(network), index])
    find_squares = None if detector is None else partial(squares_before, detector, _name(network))
    found = [np.zeros(0, sample_dtype(INPUT_SIZES[network]))]
    try:
        pixels = read_whole(image)
    except ValueError as error:
        problems.append(str(error))
        return found[0]
    faces = faces_in(image, settings.smallest_face)
    if faces is not None:
        for scale in settings.mining_scales:
            scaled = pixels if scale == 1 else resize_by(pixels, scale)
            found.append(
                _face_samples(scaled, _scaled(faces, scale), network, settings, find_squares, rng)
            )
    found.append(
        landmark_samples(
            pixels,
            image.landmarks[image.has_usable_landmarks()],
            INPUT_SIZES[network],
            settings.landmark_variants,
            settings.rotation,
            rng,
            find_squares,
        )
    )
    return np.concatenate(found)


def mining_detector(
    model: str | os.PathLike[str] | None, settings: Settings, threads: int | None
) -> MTCNN:
    """Returns a detector with the low thresholds of mining.

    Args:
        model: Model folder; None is the default model.
        settings: Settings of the training.
        threads: As for `MTCNN`.
    """
    return MTCNN(
        min_face_size=settings.min_face_size,
        thresholds=(*settings.mining_thresholds, 0.0),
        threads=threads,
        model=model,
    )


def squares_before(detector: MTCNN, network: Literal["rnet", "onet"], image: Pixels) -> Float32:
    """Returns the squares that R-Net or O-Net gets from an image: what the stages before it accept.

    Args:
        detector: The detector.
        network: The network.
        image: The image (H, W, 3), BGR.

    Returns:
        Squares (N, 4), x1 y1 x2 y2 in pixels.
    """
    cascade, pixels = detector._cascade, Image(image, bgr=True)
    proposals = cascade.propose(pixels)
    if network == "onet":
        [proposals] = cascade.refine([pixels], [proposals])
    return proposals.squares


def _name(network: str) -> Literal["rnet", "onet"]:
    return "rnet" if network == "rnet" else "onet"


def faces_in(image: Annotated, smallest: float) -> Truth | None:
    """Returns the faces of an image, with small ones among the ignored.

    Args:
        image: The annotated image.
        smallest: The shortest longer side, in pixels, of a face that counts.

    Returns:
        The faces; None if a face has no box, since then no square is certain to show no face.
    """
    if not image.has_all_boxes():
        return None
    large = (image.boxes[:, 2:] - image.boxes[:, :2]).max(axis=1, initial=0) >= smallest
    counted = large & ~image.ignored
    return Truth(image.boxes[counted], image.boxes[~counted])


def _scaled(faces: Truth, scale: float) -> Truth:
    factor = np.float32(scale)
    return Truth(faces.boxes * factor, faces.ignored * factor)


def _face_samples(
    pixels: Pixels,
    faces: Truth,
    network: str,
    settings: Settings,
    find_squares: FindSquares | None,
    rng: np.random.Generator,
) -> NDArray[Any]:
    """Cuts the negatives, parts and positives of one image at one scale."""
    found = (
        _squares_for_pnet(pixels, faces, settings, rng)
        if find_squares is None
        else find_squares(pixels)
    )
    squares = np.concatenate([found, jittered_squares(faces.boxes, settings.crops_per_face, rng)])
    samples = face_samples(Image(pixels, bgr=True), squares, faces, INPUT_SIZES[network])
    return _with_fewer_negatives(samples, settings.negatives_per_image, rng)


def _squares_for_pnet(
    pixels: Pixels, faces: Truth, settings: Settings, rng: np.random.Generator
) -> Float32:
    """Draws squares anywhere in the image, and some that show a bit of a face."""
    height, width = pixels.shape[:2]
    count = settings.negatives_per_image
    return np.concatenate(
        [
            random_squares(height, width, count, INPUT_SIZES["pnet"], rng),
            jittered_squares(faces.boxes, NEAR_FACES, rng, FAR_SHIFT, FAR_ZOOM),
        ]
    )


def _with_fewer_negatives(
    samples: NDArray[Any], most: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Drops random negatives until at most `most` are left."""
    negative = np.flatnonzero(samples["kind"] == Kind.NEGATIVE)
    if len(negative) <= most:
        return samples
    surplus = rng.choice(negative, len(negative) - most, replace=False)
    return np.delete(samples, surplus)

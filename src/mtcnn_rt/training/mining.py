"""Where samples come from (paper, section 3.1): P-Net's from random squares, R-Net's and O-Net's
from what this package's own detector lets through to them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32
from mtcnn_rt._files import finished_file
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.images import Image
from mtcnn_rt.training.landmark_faces import FindSquares, landmark_samples
from mtcnn_rt.training.samples import Kind, Truth, dtype, face_samples
from mtcnn_rt.training.settings import NAMES, Settings
from mtcnn_rt.training.squares import anywhere, jittered

IMAGES_IN_A_PART = 64
NEAR_FACES, FAR_SHIFT, FAR_ZOOM = 5, 1.0, 2.0  # P-Net's negatives that have a bit of a face

T = TypeVar("T")
Progress = Callable[[Sequence[T], str], Iterable[T]]
"""Goes through a sequence and shows how far it is."""


def mine(
    images: Sequence[Annotated],
    network: str,
    settings: Settings,
    detector: MTCNN | None,
    file: Path,
    progress: Progress[Any] = lambda items, _: items,
) -> list[str]:
    """Cuts the samples of a network out of images, into one file, an array of `samples.dtype`.

    detector: whose proposals R-Net and O-Net are to learn from; P-Net needs none.
    The file is complete or not there. Its parts wait in a folder beside it, so that another call
    goes on where one was interrupted; the result is the same. Images that cannot be read are left
    out; the lines returned tell which. Raises OSError for files that cannot be written."""
    parts = file.with_name(file.name + ".parts")
    parts.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    starts = range(0, len(images), IMAGES_IN_A_PART)
    for start in progress(starts, f"mining {network}"):
        part = parts / f"{start:08}.npy"
        if part.exists():
            continue
        chosen = images[start : start + IMAGES_IN_A_PART]
        samples = [
            _samples_of(image, network, settings, detector, index, problems)
            for index, image in enumerate(chosen, start)
        ]
        with finished_file(part) as temporary:
            np.save(temporary, np.concatenate(samples), allow_pickle=False)
    _pack([parts / f"{start:08}.npy" for start in starts], dtype(INPUT_SIZES[network]), file)
    shutil.rmtree(parts)
    return problems


def _pack(parts: Sequence[Path], layout: np.dtype[Any], file: Path) -> None:
    """Joins arrays in files into one, without having them in memory."""
    arrays = [np.load(part, mmap_mode="r", allow_pickle=False) for part in parts]
    with finished_file(file) as temporary:
        packed = np.lib.format.open_memmap(
            temporary, mode="w+", dtype=layout, shape=(sum(map(len, arrays)),)
        )
        first = 0
        for array in arrays:
            packed[first : first + len(array)] = array
            first += len(array)
        packed.flush()


def _samples_of(
    image: Annotated,
    network: str,
    settings: Settings,
    detector: MTCNN | None,
    index: int,
    problems: list[str],
) -> NDArray[Any]:
    """All samples of one image. They depend on nothing but the arguments: every image has random
    numbers of its own."""
    rng = np.random.default_rng([settings.seed, NAMES.index(network), index])
    find_squares = None if detector is None else partial(squares_before, detector, _name(network))
    found = [np.zeros(0, dtype(INPUT_SIZES[network]))]
    try:
        pixels = image.read()
    except ValueError as error:
        problems.append(str(error))
        return found[0]
    faces = faces_in(image, settings.smallest_face)
    if faces is not None:
        for scale in settings.mining_scales:
            scaled = _resized(pixels, scale)
            found.append(
                _mined(scaled, _scaled(faces, scale), network, settings, find_squares, rng)
            )
    landmarks = image.landmarks[np.isfinite(image.landmarks).all(axis=(1, 2)) & ~image.ignored]
    found.append(
        landmark_samples(
            pixels,
            landmarks,
            INPUT_SIZES[network],
            settings.landmark_variants,
            settings.rotation,
            rng,
            find_squares,
        )
    )
    return np.concatenate(found)


def squares_before(
    detector: MTCNN, network: Literal["rnet", "onet"], image: NDArray[np.uint8]
) -> Float32:
    """Returns the squares (N, 4), x1 y1 x2 y2 in pixels, that R-Net or O-Net sees of an image
    (H, W, 3) BGR: what the stages before it let through."""
    cascade, pixels = detector._cascade, Image(image, bgr=True)
    proposals = cascade.propose(pixels)
    return proposals if network == "rnet" else cascade.refine([pixels], [proposals])[0]


def _name(network: str) -> Literal["rnet", "onet"]:
    return "rnet" if network == "rnet" else "onet"


def faces_in(image: Annotated, smallest: float) -> Truth | None:
    """The faces of an image, those of a longer side below `smallest` pixels among the ignored;
    None where a face has no box, since then nothing is known to be no face."""
    if not np.isfinite(image.boxes).all():
        return None
    large = (image.boxes[:, 2:] - image.boxes[:, :2]).max(axis=1, initial=0) >= smallest
    counted = large & ~image.ignored
    return Truth(image.boxes[counted], image.boxes[~counted])


def _resized(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1:
        return pixels
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _scaled(faces: Truth, scale: float) -> Truth:
    factor = np.float32(scale)
    return Truth(faces.boxes * factor, faces.ignored * factor)


def _mined(
    pixels: NDArray[np.uint8],
    faces: Truth,
    network: str,
    settings: Settings,
    find_squares: FindSquares | None,
    rng: np.random.Generator,
) -> NDArray[Any]:
    """Negatives, parts and positives of one image in one size."""
    found = (
        _random_squares(pixels, faces, settings, rng)
        if find_squares is None
        else find_squares(pixels)
    )
    squares = np.concatenate([found, jittered(faces.boxes, settings.crops_per_face, rng)])
    samples = face_samples(Image(pixels, bgr=True), squares, faces, INPUT_SIZES[network])
    return _with_fewer_negatives(samples, settings.negatives_per_image, rng)


def _random_squares(
    pixels: NDArray[np.uint8], faces: Truth, settings: Settings, rng: np.random.Generator
) -> Float32:
    height, width = pixels.shape[:2]
    count = settings.negatives_per_image
    return np.concatenate(
        [
            anywhere(height, width, count, INPUT_SIZES["pnet"], rng),
            jittered(faces.boxes, NEAR_FACES, rng, FAR_SHIFT, FAR_ZOOM),
        ]
    )


def _with_fewer_negatives(
    samples: NDArray[Any], most: int, rng: np.random.Generator
) -> NDArray[Any]:
    negative = np.flatnonzero(samples["kind"] == Kind.NEGATIVE)
    if len(negative) <= most:
        return samples
    surplus = rng.choice(negative, len(negative) - most, replace=False)
    return np.delete(samples, surplus)

"""Draws mini-batches of samples and augments them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.training.augment import flip, recolor
from mtcnn_rt.training.samples import Kind, regressions, sample_dtype

RATIO = (3, 1, 1, 2)
"""Negatives, parts, positives and landmark faces in a mini-batch (paper, section 3.1)."""


@dataclass(frozen=True, eq=False)
class Batch:
    """A mini-batch: pixels, and the outputs that the network must learn.

    Attributes:
        pixels: Crops (N, 3, size, size), planar RGB, 0 to 255.
        kinds: Kinds (N,) of the samples.
        boxes: Regressions (N, 4); NaN for kinds without a box.
        landmarks: Landmarks (N, 5, 2) in sides of the crop; NaN for kinds without landmarks.
    """

    pixels: Float32
    kinds: NDArray[np.uint8]
    boxes: Float32
    landmarks: Float32


class Batches:
    """The mini-batches of a network: `batches[step]` is the one of a step.

    They depend on nothing but the samples, the seed and the step, so a training that resumes at any
    step gets the same batches as one that was not interrupted.

    Attributes:
        KINDS: The kinds of samples by name, in the order of the ratio.
    """

    KINDS: ClassVar[Mapping[str, int]] = {kind.name.lower(): kind for kind in Kind}

    def __init__(
        self,
        samples: NDArray[Any],
        network: str,
        size: int,
        seed: int,
        strength: float = 0.0,
        ratio: Sequence[float] = RATIO,
    ) -> None:
        """Prepares the mini-batches.

        Args:
            samples: An array of `sample_dtype`, in memory or mapped from a file.
            network: "pnet", "rnet" or "onet".
            size: Samples in a mini-batch.
            seed: Seed of all random choices.
            strength: Strength of `recolor`.
            ratio: Ratio of the kinds, in the order of `KINDS`. Other kinds take the places of a
                kind that has no sample.

        Raises:
            ValueError: There are no samples of the kinds in the ratio.
        """
        self._samples, self._network = samples, network
        self._seed, self._strength = seed, strength
        kinds = np.array(samples["kind"])  # a mapped file is read once here, a part at a time
        self._indices = {name: np.flatnonzero(kinds == kind) for name, kind in self.KINDS.items()}
        wanted = dict(zip(self.KINDS, ratio, strict=True))
        present = {name: share for name, share in wanted.items() if len(self._indices[name])}
        if sum(present.values()) == 0:
            raise ValueError(f"{network}: no samples to train on; add annotated images")
        self._counts = _batch_counts(present, size)

    def summary(self) -> str:
        """Returns a line with the number of samples of each kind."""
        sizes = {name: len(indices) for name, indices in self._indices.items()}
        return ", ".join(f"{size} {name}" for name, size in sizes.items() if size)

    def __getitem__(self, step: int) -> Batch:
        samples, rng = self._drawn(step)
        pixels, boxes, landmarks = half_flipped(samples, samples["landmarks"].copy(), rng)
        return Batch(
            pixels=recolor(pixels, self._strength, rng),
            kinds=samples["kind"],
            boxes=regressions(boxes, samples["side"], self._network),
            landmarks=landmarks,
        )

    def _drawn(self, step: int) -> tuple[NDArray[Any], np.random.Generator]:
        """Returns the samples of a step, and the source of the random numbers that follow."""
        rng = np.random.default_rng([self._seed, step])
        chosen = [self._draw(kind, count, rng) for kind, count in self._counts.items()]
        # A file on a disk is read faster in order.
        return np.asarray(self._samples[np.sort(np.concatenate(chosen))]), rng

    def _draw(self, kind: str, count: int, rng: np.random.Generator) -> Indices:
        """Draws the indices (count,) of samples of a kind."""
        return rng.choice(self._indices[kind], count)


def half_flipped(
    samples: NDArray[Any], landmarks: Float32, rng: np.random.Generator
) -> tuple[Float32, Float32, Float32]:
    """Returns the pixels, boxes and landmarks of samples, about half of which are mirrored."""
    pixels, boxes = samples["pixels"].astype(np.float32), samples["box"].copy()
    half = rng.random(len(samples)) < 0.5
    pixels[half], boxes[half], landmarks[half] = flip(pixels[half], boxes[half], landmarks[half])
    return pixels, boxes, landmarks


def _batch_counts(ratio: Mapping[str, float], size: int) -> dict[str, int]:
    """Returns the number of each kind in a batch of `size`, as near to the ratio as possible."""
    totals = np.cumsum([0, *ratio.values()])
    ends = np.rint(size * totals / totals[-1]).astype(int)
    return dict(zip(ratio, np.diff(ends).tolist(), strict=True))


def open_samples(file: Path, network: str, layout: np.dtype[Any] | None = None) -> NDArray[Any]:
    """Maps the samples in a file.

    Args:
        file: A file that `mine` wrote.
        network: The network that the samples are for.
        layout: Type of the samples; None: `sample_dtype`.

    Returns:
        An array of this type, read from the file as needed.

    Raises:
        ValueError: The file holds anything else.
    """
    try:
        samples = np.load(file, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # NumPy evaluates the header as Python
        raise ValueError(f"{file}: not a file of samples: {error}") from error
    if samples.dtype != (layout or sample_dtype(INPUT_SIZES[network])) or samples.ndim != 1:
        raise ValueError(f"{file}: not a file of {network} samples")
    return np.asarray(samples)

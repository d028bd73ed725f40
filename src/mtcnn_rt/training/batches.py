"""Draws mini-batches of samples and augments them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.training.augment import flip, recolor
from mtcnn_rt.training.samples import Kind, regressions, sample_dtype

K = TypeVar("K")

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
    """

    def __init__(
        self,
        samples: NDArray[Any],
        network: str,
        size: int,
        seed: int,
        strength: float = 0.0,
        ratio: Sequence[int] = RATIO,
    ) -> None:
        """Prepares the mini-batches.

        Args:
            samples: An array of `sample_dtype`, in memory or mapped from a file.
            network: "pnet", "rnet" or "onet".
            size: Samples in a mini-batch.
            seed: Seed of all random choices.
            strength: Strength of `recolor`.
            ratio: Ratio of negatives, parts, positives and landmark faces. Other kinds take the
                places of a kind that has no sample.

        Raises:
            ValueError: There are no samples at all.
        """
        if len(samples) == 0:
            raise ValueError(f"{network}: no samples to train on; add annotated images")
        self._samples, self._network = samples, network
        self._seed, self._strength = seed, strength
        kinds = np.asarray(samples["kind"])
        self._indices = {kind: np.flatnonzero(kinds == kind) for kind in Kind}
        present = {kind: ratio[kind] for kind in Kind if len(self._indices[kind])}
        self._counts = batch_counts(present, size)

    def summary(self) -> str:
        """Returns a line with the number of samples of each kind."""
        sizes = {kind.name.lower(): len(indices) for kind, indices in self._indices.items()}
        return ", ".join(f"{size} {name}" for name, size in sizes.items() if size)

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng([self._seed, step])
        chosen = [rng.choice(self._indices[kind], count) for kind, count in self._counts.items()]
        # A file on a disk is read faster in order.
        samples = np.asarray(self._samples[np.sort(np.concatenate(chosen))])
        pixels = samples["pixels"].astype(np.float32)
        boxes, landmarks = samples["box"].copy(), samples["landmarks"].copy()
        half = rng.random(len(samples)) < 0.5
        pixels[half], boxes[half], landmarks[half] = flip(
            pixels[half], boxes[half], landmarks[half]
        )
        return Batch(
            pixels=recolor(pixels, self._strength, rng),
            kinds=samples["kind"],
            boxes=regressions(boxes, samples["side"], self._network),
            landmarks=landmarks,
        )


def batch_counts(ratio: Mapping[K, float], size: int) -> dict[K, int]:
    """Returns the number of each kind in a batch of `size`, as near to the ratio as possible."""
    totals = np.cumsum([0, *ratio.values()])
    ends = np.rint(size * totals / (totals[-1] or 1)).astype(int)
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

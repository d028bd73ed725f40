"""Mini-batches of samples, augmented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.training.augment import flip, recolor
from mtcnn_rt.training.samples import Kind, dtype, regressions

RATIO = (3, 1, 1, 2)
"""Negatives, parts, positives, landmark faces in a mini-batch (paper, section 3.1)."""


@dataclass(frozen=True, eq=False)
class Batch:
    """pixels (N, 3, size, size) 0 to 255, kinds (N,), and what the network is to answer where the
    kind has it, else NaN: boxes (N, 4), landmarks (N, 5, 2)."""

    pixels: Float32
    kinds: NDArray[np.uint8]
    boxes: Float32
    landmarks: Float32


class Batches:
    """The mini-batches of a network, which depend on nothing but the samples, the seed and their
    number: a training that goes on at any step sees what it would have seen.

    samples: an array of `samples.dtype`, in memory or mapped from a file.
    Kinds that have no sample leave their places to the others. Raises ValueError where there is
    none at all."""

    def __init__(
        self,
        samples: NDArray[Any],
        network: str,
        size: int,
        seed: int,
        strength: float = 0.0,
        ratio: Sequence[int] = RATIO,
    ) -> None:
        if len(samples) == 0:
            raise ValueError(f"{network}: there is not one sample to learn from")
        self._samples, self._network = samples, network
        self._seed, self._strength = seed, strength
        kinds = np.asarray(samples["kind"])
        self.pools = {kind: np.flatnonzero(kinds == kind) for kind in Kind}
        self.counts = _counts({kind: ratio[kind] for kind in Kind if len(self.pools[kind])}, size)

    def summary(self) -> str:
        """How many samples there are of each kind."""
        sizes = {kind.name.lower(): len(pool) for kind, pool in self.pools.items() if len(pool)}
        return ", ".join(f"{size} {name}" for name, size in sizes.items())

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng([self._seed, step])
        chosen = [rng.choice(self.pools[kind], count) for kind, count in self.counts.items()]
        # In order, for a file on a disk.
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


def _counts(ratio: dict[Kind, int], size: int) -> dict[Kind, int]:
    """How many of each kind in a batch of `size`, as near to the ratio as whole numbers are."""
    shares = np.cumsum([0, *ratio.values()])
    ends = np.rint(size * shares / max(1, shares[-1])).astype(int)
    return dict(zip(ratio, np.diff(ends).tolist(), strict=True))


def open_samples(file: Path, network: str) -> NDArray[Any]:
    """The array of samples in a file, mapped. Raises ValueError where it holds anything else."""
    try:
        samples = np.load(file, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{file}: not a file of samples: {error}") from error
    if samples.dtype != dtype(INPUT_SIZES[network]) or samples.ndim != 1:
        raise ValueError(f"{file}: not a file of {network} samples")
    return np.asarray(samples)

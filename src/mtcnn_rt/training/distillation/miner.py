"""Mines the samples of all networks in one image.

The paper trains network after network, and mines each one's samples with those before it. With a
teacher whose cascade works already, that cascade gives the samples of all three at once: the
crops that it passes at low thresholds, in several versions of every photograph.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.images import Image
from mtcnn_rt.training.distillation.proposals import NetworkSquares, find_proposals
from mtcnn_rt.training.distillation.samples import (
    annotated_probabilities,
    as_taught,
    assign_taught_kinds,
    cut_taught,
)
from mtcnn_rt.training.distillation.selection import select
from mtcnn_rt.training.distillation.teacher import Teacher
from mtcnn_rt.training.distillation.versions import Version, make_version
from mtcnn_rt.training.holdout import name_seed
from mtcnn_rt.training.landmark_faces import landmark_samples
from mtcnn_rt.training.mining import mining_detector
from mtcnn_rt.training.reading import read_whole
from mtcnn_rt.training.settings import NAMES, Settings
from mtcnn_rt.training.squares import jittered_squares, random_squares

JITTERED = {"pnet": 6, "rnet": 3, "onet": 2}  # squares around each face
JITTER = {"pnet": (0.2, 1.25), "rnet": (0.14, 1.2), "onet": (0.14, 1.2)}  # shift and zoom
FAR, FAR_SHIFT, FAR_ZOOM = {"pnet": 2, "rnet": 0, "onet": 0}, 1.0, 2.0  # squares near each face
ANYWHERE = {"pnet": (12, 12), "rnet": (3, 14), "onet": (0, 14)}  # random squares, smallest side
EMPTY_NEGATIVES = 3
"""An image without any box gives so many times as many negatives."""

Parts = dict[str, NDArray[np.void]]
"""Samples by the names of their networks."""


@dataclass(frozen=True)
class Miner:
    """Mines single images; may be sent to other processes, where it loads what it needs.

    Attributes:
        settings: Settings of the training.
        networks: Names of the networks that need samples.
        model: Model folder whose cascade finds the crops; None is the default model.
    """

    settings: Settings
    networks: tuple[str, ...]
    model: str | None

    def __getstate__(self) -> dict[str, Any]:
        """Leaves out what was loaded: another process loads its own."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def detector(self) -> MTCNN:
        """The detector that finds the crops."""
        return mining_detector(self.model, self.settings, threads=1)

    @cached_property
    def teacher(self) -> Teacher | None:
        """The teacher; None for none."""
        return Teacher(self.settings.teacher) if self.settings.teacher else None

    def mine(self, annotated: Annotated) -> Parts:
        """Returns the samples of one image.

        They depend on nothing but the settings, the model and the image: its name gives its random
        numbers.

        Raises:
            ValueError: The image cannot be read.
        """
        pixels = read_whole(annotated)
        if not annotated.has_all_boxes():
            return self._landmark_parts(annotated, pixels)
        data_set = self.settings.of_data_set(annotated.data_set)
        count = data_set.versions
        if not len(annotated.boxes) and data_set.empty_versions:
            count = data_set.empty_versions
        photograph = Version(pixels, annotated.boxes, annotated.landmarks, annotated.ignored)
        found = []
        for number in range(count):
            rng = self._rng(annotated, number)
            version = make_version(
                photograph, number, self.settings.versions, data_set.most_enlarged, rng
            )
            found.append(self._mine_version(version, annotated, rng))
        parts = {name: np.concatenate([each[name] for each in found]) for name in self.networks}
        for samples in parts.values():
            samples["weight"] = data_set.weight
        return parts

    def _rng(self, annotated: Annotated, number: int) -> np.random.Generator:
        seed = name_seed(f"{annotated.data_set}/{annotated.name}")
        return np.random.default_rng([self.settings.seed, seed, number])

    def _mine_version(
        self, version: Version, annotated: Annotated, rng: np.random.Generator
    ) -> Parts:
        """Returns the samples of one version, each network's with random numbers of its own."""
        seeds = dict(zip(NAMES, rng.integers(2**63, size=len(NAMES)), strict=True))
        proposals = find_proposals(
            self.detector, Image(version.pixels, bgr=True), self.settings.cell_threshold, rng
        )
        return {
            name: self._cut(
                name, version, proposals[name], annotated, np.random.default_rng(seeds[name])
            )
            for name in self.networks
        }

    def _cut(
        self,
        name: str,
        version: Version,
        proposals: NetworkSquares,
        annotated: Annotated,
        rng: np.random.Generator,
    ) -> NDArray[np.void]:
        """Cuts the samples of one network from one version."""
        sides = (version.boxes[:, 2:] - version.boxes[:, :2]).max(axis=1, initial=0)
        large = sides >= self.settings.smallest_face
        counted = large & ~version.ignored
        faces, landmarks = version.boxes[counted], version.landmarks[counted]
        ignored = version.boxes[~counted]
        # Too small a face is no face for the network: the annotation is not sure of it.
        probabilities = np.where(large, annotated.probabilities_or_nan(), np.nan)

        drawn = _drawn_squares(name, version, faces, rng)
        squares = np.concatenate([proposals.squares, drawn])
        scores = np.append(proposals.scores, np.full(len(drawn), -np.inf, np.float32))
        kinds, nearest = assign_taught_kinds(squares, faces, ignored)
        limits = list(self.settings.of(name).version_samples)
        if not len(version.boxes):
            limits[0] *= EMPTY_NEGATIVES
        chosen = select(kinds, scores, limits, rng)
        squares, kinds, nearest = squares[chosen], kinds[chosen], nearest[chosen]
        # A row of NaN lets images without faces be indexed, too.
        boxes = faces[nearest] if len(faces) else np.full((len(chosen), 4), np.nan, np.float32)
        points = (
            landmarks[nearest] if len(faces) else np.full((len(chosen), 5, 2), np.nan, np.float32)
        )
        image = Image(version.pixels, bgr=True)
        network, data_set = self.settings.of(name), self.settings.of_data_set(annotated.data_set)
        share = network.teacher_boxes * data_set.teacher_boxes
        samples = cut_taught(image, name, squares, kinds, boxes, points, self.teacher, share)
        self._widen(samples, image, squares)
        samples["probability"] = annotated_probabilities(
            squares, ignored, probabilities[~counted].astype(np.float32)
        )
        return samples

    def _widen(self, samples: NDArray[np.void], image: Image, squares: Float32) -> None:
        """Changes what samples show of their squares; here, nothing."""

    def _landmark_parts(self, annotated: Annotated, pixels: NDArray[np.uint8]) -> Parts:
        """Returns the samples of an image of which only landmarks are annotated."""
        return {name: self._landmark_samples(name, annotated, pixels) for name in self.networks}

    def _landmark_samples(
        self, name: str, annotated: Annotated, pixels: NDArray[np.uint8]
    ) -> NDArray[np.void]:
        """Cuts the landmark faces for a network that learns landmarks."""
        learned = self.settings.of(name).loss_weights[2] > 0
        samples = landmark_samples(
            pixels,
            annotated.landmarks[annotated.has_usable_landmarks() & learned],
            INPUT_SIZES[name],
            self.settings.landmark_variants,
            self.settings.rotation,
            self._rng(annotated, NAMES.index(name)),
        )
        taught = as_taught(samples, name)
        taught["weight"] = self.settings.of_data_set(annotated.data_set).weight
        return taught


def _drawn_squares(
    name: str, version: Version, faces: Float32, rng: np.random.Generator
) -> Float32:
    """Draws squares around faces and anywhere, beside those that the cascade finds."""
    count, smallest = ANYWHERE[name]
    height, width = version.pixels.shape[:2]
    return np.concatenate(
        [
            jittered_squares(faces, JITTERED[name], rng, *JITTER[name]),
            jittered_squares(faces, FAR[name], rng, FAR_SHIFT, FAR_ZOOM),
            random_squares(height, width, count, smallest, rng),
        ]
    )

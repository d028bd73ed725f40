"""Watches the average precision on held-out images while networks learn."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtcnn_rt.annotations import Annotated
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.evaluation.average_precision import average_precision, judged_image
from mtcnn_rt.training.holdout import name_seed
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.networks import Network
from mtcnn_rt.training.reading import read_whole

THRESHOLDS = (0.5, 0.3, 0.2)
"""Thresholds of the evaluation: low, since average precision counts faces of every score."""

WriteModel = Callable[[Path, Mapping[str, Network]], None]
"""Writes three networks as a model folder."""


def choose_images(images: Sequence[Annotated], most: int) -> dict[str, list[Annotated]]:
    """Chooses images of each data set to evaluate on; their names alone decide.

    Args:
        images: The held-out images. Those with a face without a box are left out.
        most: The most images of a data set.

    Returns:
        The images by the names of their data sets.
    """
    chosen: dict[str, list[Annotated]] = {}
    # The first bits decide that an image is held out, so the order comes from another hash.
    for image in sorted(images, key=lambda image: name_seed(f"watched {image.name}")):
        if image.has_all_boxes() and len(chosen.get(image.data_set, [])) < most:
            chosen.setdefault(image.data_set, []).append(image)
    return dict(sorted(chosen.items()))


def held_out_precision(
    detector: MTCNN, images: Mapping[str, Sequence[Annotated]]
) -> dict[str, float | None]:
    """Measures a detector on images of several data sets.

    Args:
        detector: The detector.
        images: Images by the names of their data sets. Those that cannot be read are left out.

    Returns:
        The average precision of each data set, see `average_precision`; None without any face that
        counts.
    """
    measured: dict[str, float | None] = {}
    for name, annotated in images.items():
        photos = []
        for image in annotated:
            try:
                faces = detector.detect(read_whole(image))
            except ValueError:
                continue
            photos.append(judged_image(image, faces.boxes, faces.scores))
        precision, _ = average_precision(photos)
        measured[name] = None if np.isnan(precision) else round(precision, 5)
    return measured


@dataclass(frozen=True)
class HeldOutWatch:
    """Evaluates a network in training, together with the two others, and logs the result.

    Attributes:
        networks: All three networks, of which one is replaced by the one that is watched.
        images: Held-out images by the names of their data sets.
        log: Receives entries with `network`, `step` and `held_out`, the average precision by data
            set.
        min_face_size: The smallest face to find, in pixels.
        write: Writes a model folder.
    """

    networks: Mapping[str, Network]
    images: Mapping[str, Sequence[Annotated]]
    log: Log
    min_face_size: float
    write: WriteModel

    def __call__(self, name: str, step: int, network: Network) -> None:
        """Evaluates a network on one thread, and appends the result to the log.

        Args:
            name: Name of the network.
            step: Number of steps that it has done.
            network: The network.
        """
        self.log.drop_from(name, step)  # steps that are repeated after an interruption
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "model"
            self.write(folder, {**self.networks, name: network})
            with MTCNN(
                self.min_face_size, thresholds=THRESHOLDS, threads=1, model=folder
            ) as detector:
                found = held_out_precision(detector, self.images)
        self.log.append({"network": name, "step": step, "held_out": found})

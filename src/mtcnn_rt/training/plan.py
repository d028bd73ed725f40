"""Describes what a run trains, on which data and from which weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.annotations.reading import splits_of
from mtcnn_rt.model import Model, ModelError, load_model
from mtcnn_rt.training.single_points import without_single_points


@dataclass(frozen=True)
class Plan:
    """The networks, data and initial weights of a run: all that `Settings` does not have.

    Attributes:
        networks: The networks to train, in the order of the cascade.
        data: Paths of annotations; their images are joined.
        images: Folder of the images, for a single path of annotations; None: beside them.
        format: Format of the annotations; None recognizes it.
        split: Images of another split are left out.
        init: Initial model, a model folder or the name of a model in the package; None: random
            weights.
        scratch: Whether the trained networks start from random weights although there is an initial
            model, which then gives only the others.
        init_sha256: `Model.sha256` of the initial model when the run began; None: not known.
        data_sha256: `digest` of the images when the run began; None: not known.
    """

    networks: tuple[str, ...]
    data: tuple[str, ...]
    images: str | None = None
    format: str | None = None
    split: str = "train"
    init: str | None = None
    scratch: bool = False
    init_sha256: str | None = None
    data_sha256: str | None = None

    def initial_model(self) -> Model | None:
        """Loads the initial model; None if the run starts from random weights.

        Raises:
            ModelError: The folder is not a model, or has another one than when the run began; a
                ValueError.
        """
        if self.init is None:
            return None
        model = load_model(self.init)
        if self.init_sha256 not in (None, model.sha256):
            raise ModelError(
                f"{self.init} has another model than when the run began; put that one back, or "
                "start another run"
            )
        return model

    def source(self) -> str:
        """Returns a line about networks, data and initial model, for model.json."""
        names = ", ".join(Path(path).name for path in self.data)
        start = "" if self.init is None else f", starting from {Path(self.init).name}"
        return f"{', '.join(self.networks)} trained by mtcnn-rt on {names}{start}"

    def read_images(self, max_pixels: int = MAX_PIXELS) -> tuple[list[Annotated], list[str]]:
        """Reads the annotated images of all data.

        Args:
            max_pixels: Most pixels of an image; a larger one cannot be read later.

        Returns:
            The images that belong to the split or to none, and a line about everything that was
            skipped: also landmarks that are all in one point, from which nothing can be learned.

        Raises:
            ValueError: As `read_annotations`, and for data without an image of the split, without
                a usable face in one, or that are others than when the run began: its samples are
                those of images by their numbers.
            OSError: A file cannot be read.
        """
        images: list[Annotated] = []
        problems: list[str] = []
        for path in self.data:
            folder = None if self.images is None else Path(self.images)
            read = read_annotations(
                Path(path), images=folder, format=self.format, max_pixels=max_pixels
            )
            chosen = [image for image in read.images if image.split in ("", self.split)]
            if not chosen:
                raise ValueError(
                    f"{path}: has no image of split {self.split!r}; {splits_of(read.images)}"
                )
            skipped: list[str] = []
            chosen = [without_single_points(image, path, skipped) for image in chosen]
            if skipped and not any(image.usable_faces() for image in chosen):
                raise ValueError(f"{path}: has no usable face; {skipped[0]}")
            name = data_set_name(Path(path))
            images += [replace(image, data_set=name) for image in chosen]
            problems += [*read.problems, *skipped]
        if self.data_sha256 not in (None, digest(images)):
            raise ValueError(
                f"{', '.join(self.data)}: has other images or annotations than when the run began; "
                "put those back, or start another run"
            )
        return images, problems

    def as_json(self) -> str:
        """Returns the plan as JSON, which `read_plan` reads."""
        return json.dumps(asdict(self), indent=2) + "\n"


def digest(images: Sequence[Annotated]) -> str:
    """Returns a digest of annotated images, in their order, without their pixels."""
    sha256 = hashlib.sha256()
    for image in images:
        sha256.update(repr((image.name, image.split, image.data_set, image.size)).encode())
        for values in (image.boxes, image.landmarks, image.ignored, image.probabilities):
            sha256.update(b"" if values is None else values.tobytes())
    return sha256.hexdigest()


def data_set_name(path: Path) -> str:
    """Returns the name of a data set: that of the folder of its annotations."""
    return path.name if path.is_dir() else path.resolve().parent.name


def read_plan(path: Path) -> Plan:
    """Reads a plan that `Plan.as_json` wrote.

    Raises:
        ValueError: The file is not a plan.
        OSError: The file cannot be read.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        known = {field.name for field in fields(Plan)}
        if {*values, "init_sha256", "data_sha256"} != known:  # earlier runs do not have them
            raise ValueError(f"expected {', '.join(field.name for field in fields(Plan))}")
        lists = {name: tuple(_strings(values[name])) for name in ("networks", "data")}
        return Plan(**{**values, **lists})
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not the plan of a training: {error}") from error


def _strings(values: Any) -> Sequence[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"expected a list of strings, not {values!r}")
    return values

"""What a run was asked for, besides its settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.model import Model, load_model

PUBLISHED = "published"


@dataclass(frozen=True)
class Plan:
    """networks: those to train, in the order of the cascade. data: annotations, one after the
    other. images: where the images of the only annotations are; None: beside them. format: of the
    annotations; None recognizes it. init: a model folder or "published" to begin with; None is
    chance. scratch: the trained networks begin with chance all the same."""

    networks: tuple[str, ...]
    data: tuple[str, ...]
    images: str | None = None
    format: str | None = None
    split: str = "train"
    init: str | None = None
    scratch: bool = False

    def initial_model(self) -> Model | None:
        """Raises ModelError, a ValueError, for a folder that is no model."""
        if self.init is None:
            return None
        return load_model(None if self.init == PUBLISHED else self.init)

    def source(self) -> str:
        """For model.json."""
        names = ", ".join(Path(path).name for path in self.data)
        begun = "" if self.init is None else f", begun with {Path(self.init).name}"
        return f"{', '.join(self.networks)} trained by mtcnn-rt on {names}{begun}"

    def read_images(self) -> tuple[list[Annotated], list[str]]:
        """The images of all data that belong to the split or to none, and lines about what was
        skipped. Raises ValueError and OSError as `read_annotations`, ValueError where there is no
        image to train on."""
        images: list[Annotated] = []
        problems: list[str] = []
        for path in self.data:
            place = None if self.images is None else Path(self.images)
            read = read_annotations(Path(path), images=place, format=self.format)
            chosen = [image for image in read.images if image.split in ("", self.split)]
            if not chosen:
                raise ValueError(f"{path}: has no image of split {self.split!r}")
            images += chosen
            problems += read.problems
        return images, problems

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


def read_plan(path: Path) -> Plan:
    """The inverse of `Plan.as_json`. Raises ValueError for another file, OSError where there is
    none."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if set(values) != {field.name for field in fields(Plan)}:
            raise ValueError(f"expected {', '.join(field.name for field in fields(Plan))}")
        lists = {name: tuple(_strings(values[name])) for name in ("networks", "data")}
        return Plan(**{**values, **lists})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: not the plan of a training: {error}") from error


def _strings(values: Any) -> Sequence[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"expected a list of texts, not {values!r}")
    return values

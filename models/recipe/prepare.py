"""Prepares a data set for the recipe: confirms its annotations by other detectors.

    python models/recipe/prepare.py DATA --out PREPARED --yunet FILE --centerface FILE

Ignored boxes that both detectors see become faces, with the mean of the detectors' boxes; what one
of them sees beside the annotations becomes ignored. --mix-boxes averages the boxes of faces with
the detectors', for people's boxes of another convention. Without detectors the annotations stay as
they are. Landmarks are left out: detectors and people put them elsewhere than the published O-Net,
whose own are learned instead. PREPARED gets annotations.jsonl and a link to the images of DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # to find the package `recipe`

from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.training.distillation.parallel import map_in_order
from recipe.confirm import Confirmers, Faces, confirm
from recipe.detectors import CenterFace, YuNet


@dataclass(frozen=True)
class Prepare:
    """Prepares single images; may be sent to other processes.

    Attributes:
        yunet: File of YuNet.
        centerface: File of CenterFace.
        mix_boxes: See `confirm`.
    """

    yunet: Path
    centerface: Path
    mix_boxes: bool

    @cached_property
    def confirmers(self) -> Confirmers:
        """The detectors of this process."""
        return Confirmers(YuNet(self.yunet), CenterFace(self.centerface))

    def __call__(self, annotated: Annotated) -> str:
        """Returns the line of an image."""
        found = self.confirmers(annotated.read())
        return as_line(annotated, confirm(annotated, found, self.mix_boxes))


def as_line(annotated: Annotated, faces: Faces) -> str:
    """Returns an image with its faces as a line of JSON, see `mtcnn_rt.annotations.jsonl`."""
    sides = np.hstack([faces.boxes[:, :2], faces.boxes[:, 2:] - faces.boxes[:, :2]])
    described: dict[str, Any] = {
        "image": annotated.name,
        "boxes": np.round(sides, 2).tolist(),
        "labels": list(faces.labels),
        "ignored": faces.ignored.tolist(),
        "teacher": [None if np.isnan(each) else round(each, 3) for each in faces.probabilities],
        "split": annotated.split,
    }
    return json.dumps(described) + "\n"


def unconfirmed(annotated: Annotated) -> Faces:
    """Returns the faces of an image as they are annotated."""
    nothing = np.full(len(annotated.boxes), np.nan)
    return Faces(
        annotated.boxes.astype(np.float64),
        annotated.landmarks,
        annotated.ignored,
        annotated.labels,
        nothing,
    )


def link_images(data: Path, out: Path) -> None:
    """Links the images of a data set: a folder or tar beside the annotations, or the folder."""
    for name in ("images", "images.tar"):
        if (data / name).exists():
            os.symlink((data / name).resolve(), out / name)
            return
    os.symlink(data.resolve(), out / "images")


def main(arguments: list[str] | None = None) -> None:
    """Prepares a data set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with annotations.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="folder to make")
    parser.add_argument("--images", type=Path, help="folder of the images  [default: in data]")
    parser.add_argument("--yunet", type=Path, help="ONNX file of YuNet")
    parser.add_argument("--centerface", type=Path, help="ONNX file of CenterFace")
    parser.add_argument("--mix-boxes", action="store_true", help="average the boxes of faces")
    parser.add_argument("--workers", type=int, default=1, help="processes  [default: 1]")
    given = parser.parse_args(arguments)
    if (given.yunet is None) != (given.centerface is None):
        parser.error("--yunet and --centerface belong together")
    read = read_annotations(given.data, images=given.images)
    images = [image for image in read.images if image.split in ("", "train")]
    given.out.mkdir(parents=True)
    if given.images is None:
        link_images(given.data, given.out)
    else:
        os.symlink(given.images.resolve(), given.out / "images")
    if given.yunet is None:
        lines = [as_line(image, unconfirmed(image)) for image in images]
    else:
        prepare = Prepare(given.yunet, given.centerface, given.mix_boxes)
        lines = list(map_in_order(prepare, images, given.workers))
    (given.out / "annotations.jsonl").write_text("".join(lines), encoding="utf-8")
    faces = [json.loads(line)["ignored"] for line in lines]
    print(
        f"{given.out}: {len(lines)} images, {sum(each.count(False) for each in faces)} faces, "
        f"{sum(each.count(True) for each in faces)} ignored"
    )


if __name__ == "__main__":
    main()

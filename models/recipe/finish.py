"""Fits the score of a trained model on held-out images, and writes the model folder to ship.

    python models/recipe/finish.py RUN --out MODEL --name NAME --preset fast=0.6,0.7,0.7

RUN is a folder of `mtcnn-rt train` with `holdout` above 0. Prints the score's calibration error on
images that neither the networks nor the score were fitted on: the score is fitted on half of the
held-out images, measured on the other half, and fitted again on all.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mtcnn_rt import MTCNN
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.model import load_model
from mtcnn_rt.training.detection_logits import fit_on_images, judged_candidates
from mtcnn_rt.training.holdout import name_seed, split_images
from mtcnn_rt.training.plan import read_plan
from mtcnn_rt.training.score import expected_calibration_error, score_of
from mtcnn_rt.training.settings import read_settings

FIT_THRESHOLDS = (0.5, 0.1, 0.0)
"""Thresholds of the detections to fit on: low, so that the score learns of others than faces."""


def main(arguments: list[str] | None = None) -> None:
    """Writes the model folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of the training")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--name", required=True, help="name of the model")
    parser.add_argument("--license", default="unknown", help="license of the weights")
    parser.add_argument("--preset", action="append", default=[], metavar="NAME=P,R,O")
    parser.add_argument("--default", default="balanced", help="preset of the default thresholds")
    given = parser.parse_args(arguments)
    presets = dict(map(parse_preset, given.preset))
    settings = read_settings(given.run / "settings.toml")
    images, _ = read_plan(given.run / "run.json").read_images()
    _, held_out = split_images(images, settings.holdout)
    detector = MTCNN(20, thresholds=FIT_THRESHOLDS, threads=1, model=given.run / "model")
    print(f"calibration error: {check_calibration(detector, held_out)}")
    weights, bias, _, _ = fit_on_images(detector, held_out)
    print(f"score: {' '.join(f'{weight:.4f}' for weight in weights)}, bias {bias:.4f}")
    model = load_model(given.run / "model")
    write_model_folder(
        given.out,
        {name: network.layers or () for name, network in model.networks.items()},
        name=given.name,
        license=given.license,
        source=model.source,
        box_offset=model.box_offset,
        thresholds=presets.get(given.default, model.thresholds),
        statistics=model.networks["pnet"].statistics,
        score={"weights": list(weights), "bias": bias},
        presets={name: {"thresholds": list(values)} for name, values in presets.items()} or None,
    )


def check_calibration(detector: MTCNN, images: list[Annotated]) -> str:
    """Returns the calibration error on half of the images of a score fitted on the others.

    It is unknown if the halves are too small for a fit.
    """
    halves: tuple[list[Annotated], list[Annotated]] = ([], [])
    for image in images:
        halves[name_seed(f"half {image.name}") % 2].append(image)
    try:
        weights, bias, _, _ = fit_on_images(detector, halves[0])
    except ValueError as error:
        return f"unknown: {error}"
    logits, labels = judged_candidates(detector, halves[1], weights, bias)
    return f"{expected_calibration_error(score_of(logits, weights, bias), labels):.4f}"


def parse_preset(text: str) -> tuple[str, tuple[float, ...]]:
    """Returns name and thresholds of a preset such as "fast=0.6,0.7,0.7"."""
    name, _, numbers = text.partition("=")
    return name, tuple(float(number) for number in numbers.split(","))


if __name__ == "__main__":
    main()

"""Fits the score of a trained model on held-out images, and writes the model folder to ship.

    python models/recipe/finish.py RUN --out MODEL --name NAME --preset fast=0.6,0.7,0.7

RUN is a folder of `mtcnn-rt train` with `holdout` above 0. Prints the score's calibration error on
images that neither the networks nor the score were fitted on: the score is fitted on half of the
held-out images, measured on the other half, and fitted again on all. --diagram plots it.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import MTCNN
from mtcnn_rt._arrays import Float64
from mtcnn_rt._model_entries import describe_score
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.model import load_model
from mtcnn_rt.training.detection_logits import fit_on_images, judged_scores
from mtcnn_rt.training.holdout import name_seed, split_images
from mtcnn_rt.training.plan import read_plan
from mtcnn_rt.training.score import expected_calibration_error, reliability
from mtcnn_rt.training.settings import read_settings

FIT_THRESHOLDS = (0.5, 0.1, 0.0)
"""Thresholds of the detections to fit on: low, so that the score learns of others than faces."""

LEAST_SCORE = 0.05
"""Most detections are no faces, and have a lower score: without them the error says more."""


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
    parser.add_argument("--nms-after-calibration", type=float, help="IoU of R-Net's NMS, then")
    parser.add_argument("--sure-score", type=float, help="O-Net sees one square of a surer face")
    parser.add_argument("--nms-output", type=float, help="IoU of the last NMS, over the union")
    parser.add_argument("--diagram", type=Path, help="plot of scores against shares of faces")
    given = parser.parse_args(arguments)
    presets = dict(map(parse_preset, given.preset))
    settings = read_settings(given.run / "settings.toml")
    images, _ = read_plan(given.run / "run.json").read_images()
    _, held_out = split_images(images, settings.holdout)
    overlaps = {
        "nms_after_calibration": given.nms_after_calibration,
        "nms_output": given.nms_output,
    }
    detector = MTCNN(20, thresholds=FIT_THRESHOLDS, threads=1, model=given.run / "model")
    detector._cascade = replace(detector._cascade, **overlaps)
    print(f"calibration error: {check_calibration(detector, held_out, given.diagram)}")
    score, _, _ = fit_on_images(detector, held_out)
    print(f"score: {describe_score(score)}")
    model = load_model(given.run / "model")
    write_model_folder(
        given.out,
        {name: network.layers or () for name, network in model.all_networks.items()},
        name=given.name,
        license=given.license,
        source=model.source,
        box_offset=model.box_offset,
        thresholds=presets.get(given.default, model.thresholds),
        statistics=model.networks["pnet"].statistics,
        score=describe_score(score),
        presets={name: {"thresholds": list(values)} for name, values in presets.items()} or None,
        sure_score=given.sure_score,
        lnet_crop=model.lnet_crop,
        **overlaps,
    )


def check_calibration(detector: MTCNN, images: list[Annotated], diagram: Path | None) -> str:
    """Returns the calibration error on half of the images of a score fitted on the others.

    It is unknown if the halves are too small for a fit. `diagram` is the file of a plot, or None.
    """
    halves: tuple[list[Annotated], list[Annotated]] = ([], [])
    for image in images:
        halves[name_seed(f"half {image.name}") % 2].append(image)
    try:
        score, _, _ = fit_on_images(detector, halves[0])
    except ValueError as error:
        return f"unknown: {error}"
    scores, labels = judged_scores(detector, halves[1], score)
    if diagram is not None:
        draw_diagram(scores, labels, diagram)
    counted = scores >= LEAST_SCORE
    return (
        f"{expected_calibration_error(scores, labels):.4f} of {len(scores)} detections, "
        f"{expected_calibration_error(scores[counted], labels[counted]):.4f} of the "
        f"{counted.sum()} whose score is at least {LEAST_SCORE}"
    )


def draw_diagram(scores: Float64, labels: NDArray[np.bool_], path: Path) -> None:
    """Plots the share of faces among detections against their score, and how many there are."""
    from matplotlib.figure import Figure

    means, shares, counts = np.array(reliability(scores, labels)).T
    figure = Figure(figsize=(5, 5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot((0, 1), (0, 1), color="0.7", linewidth=1)
    above.plot(means, shares, "o-")
    above.set(ylabel="share of faces", xlim=(0, 1), ylim=(0, 1))
    below.bar(means, counts, width=0.04)
    below.set(xlabel="score", ylabel="detections", yscale="log")
    figure.savefig(path)


def parse_preset(text: str) -> tuple[str, tuple[float, ...]]:
    """Returns name and thresholds of a preset such as "fast=0.6,0.7,0.7"."""
    name, _, numbers = text.partition("=")
    return name, tuple(float(number) for number in numbers.split(","))


if __name__ == "__main__":
    main()

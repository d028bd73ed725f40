"""Trains C-Net, which sees unsure faces with what is around them, and writes the model with it.

    python models/recipe/context.py RUN MODEL --out MODEL-WITH-CNET

RUN is the folder of the training that MODEL comes from, for its data and settings. C-Net has
O-Net's layers and starts from MODEL's O-Net. It learns on the crops that it will see: MODEL finds
faces at low thresholds in versions of each image. Its logit joins the score by weights that are
fitted on the images that were held out, and its box O-Net's, moved by their median distance there.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from mtcnn_rt import MTCNN, _native
from mtcnn_rt._arrays import Float32, Float64
from mtcnn_rt._layers import INPUT_SIZES, Layer, rounded
from mtcnn_rt._model_entries import describe_score
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.conversion.folder import settings_of, texts_of, write_model_folder
from mtcnn_rt.evaluation.average_precision import DROPPED, HIT, judge, judged_image
from mtcnn_rt.images import Image
from mtcnn_rt.model import Model, load_model
from mtcnn_rt.training.batches import open_samples
from mtcnn_rt.training.detection_logits import SMALLEST
from mtcnn_rt.training.distillation.batches import TaughtBatches
from mtcnn_rt.training.distillation.losses import taught_losses
from mtcnn_rt.training.distillation.miner import Miner, Parts
from mtcnn_rt.training.distillation.mining import mine_in_one_pass
from mtcnn_rt.training.distillation.proposals import NetworkSquares
from mtcnn_rt.training.distillation.samples import taught_dtype
from mtcnn_rt.training.distillation.versions import Version
from mtcnn_rt.training.holdout import split_images
from mtcnn_rt.training.layers import from_layers, to_layers
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.loop import Run, fit
from mtcnn_rt.training.memory import keep_freed_memory
from mtcnn_rt.training.networks import BOX, Network
from mtcnn_rt.training.plan import read_plan
from mtcnn_rt.training.samples import crop_samples
from mtcnn_rt.training.score import fit_score
from mtcnn_rt.training.settings import Settings, read_settings

CROP = 1.6
"""Side of a crop over that of the square about the face: it shows hair, neck and shoulders."""

THRESHOLDS = (0.3, 0.03, 0.005)  # of the faces to learn from, and to fit the score on
CLEAR = 0.5  # score of the faces on which C-Net's boxes are compared with O-Net's
VERSIONS = 0.75  # of the versions of an image that the other networks learned from


def main(arguments: list[str] | None = None) -> None:
    """Trains C-Net, and writes the model folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of the training")
    parser.add_argument("model", help="model folder, or name of a model, that has a score")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--work", type=Path, help="folder for samples and checkpoints, to resume")
    parser.add_argument("--steps", type=int, default=2000, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, help="processes that mine")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch")
    given = parser.parse_args(arguments)
    keep_freed_memory()
    torch.set_num_threads(given.threads)
    settings = context_settings(read_settings(given.run / "settings.toml"), given.steps)
    images, _ = read_plan(given.run / "run.json").read_images()
    with_boxes = [image for image in images if np.isfinite(image.boxes).all()]
    training, held_out = split_images(with_boxes, settings.holdout)
    model = load_model(given.model)
    if model.score is None:
        parser.error(f"{given.model}: has no score; finish.py fits one")
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(exist_ok=True)
        miner = ContextMiner(settings, ("onet",), str(model.path))
        mine_in_one_pass(training, miner, {"onet": work / "samples.npy"}, given.workers)
        network = train(model, settings, work)
    neutral = (*model.score.weights, 0.0, model.score.bias)
    write(given.out, model, network, neutral)
    detector = MTCNN(20, thresholds=THRESHOLDS, threads=1, model=given.out)
    context, shift = fit_to_held_out(detector, held_out)
    print(f"weights of the logits, and bias: {context}; shift of the boxes: {shift}")
    write(given.out, model, network, context, shift)


def context_settings(settings: Settings, steps: int) -> Settings:
    """Returns the settings of C-Net, as those of O-Net."""
    onet = replace(
        settings.onet,
        steps=steps,
        initial_share=1.0,
        shares=(0.33, 0.14, 0.43, 0.0, 0.10),
        version_samples=(8, 4, 10, 3),
        loss_weights=(1.0, 1.0, 0.0),
        pull=0.0,  # the teacher sees another crop
    )
    data_sets = {
        name: replace(
            one,
            versions=math.ceil(VERSIONS * one.versions),
            empty_versions=math.ceil(VERSIONS * one.empty_versions),
        )
        for name, one in settings.data_sets.items()
    }
    return replace(settings, onet=onet, data_sets=data_sets)


@dataclass(frozen=True)
class ContextMiner(Miner):
    """Mines crops about the faces that the model finds, with what is around them."""

    @cached_property
    def detector(self) -> MTCNN:
        """The detector that finds the faces, at low thresholds."""
        return MTCNN(
            self.settings.min_face_size, thresholds=THRESHOLDS, threads=1, model=self.model
        )

    def _mine_version(
        self, version: Version, annotated: Annotated, rng: np.random.Generator
    ) -> Parts:
        cascade = replace(self.detector._cascade, lnet_crop=None, sure_score=None)
        [faces] = cascade.detect([Image(version.pixels, bgr=True)])
        found = NetworkSquares(_native.square(faces.boxes), faces.scores)
        return {"onet": self._cut("onet", version, found, annotated, rng)}

    def _widen(self, samples: NDArray[np.void], image: Image, squares: Float32) -> None:
        """Cuts larger squares; kinds, and what the teacher says, are of the squares themselves."""
        large = crop_samples(image, _native.square(squares, CROP), INPUT_SIZES["cnet"])
        samples["pixels"], samples["side"] = large["pixels"], large["side"]
        for places in ("box", "landmarks"):
            samples[places] = (samples[places] - 0.5) / CROP + 0.5


def train(model: Model, settings: Settings, work: Path) -> Network:
    """Trains C-Net on the samples in a folder, which keeps its checkpoint and log."""
    torch.manual_seed(settings.seed)
    network = from_layers("onet", model.networks["onet"].layers or ())
    onet = settings.onet
    batches = TaughtBatches(
        open_samples(work / "samples.npy", "onet", taught_dtype("onet")),
        "onet",
        size=onet.batch_size or settings.batch_size,
        seed=settings.seed,
        shares=onet.shares,
        strength=settings.recolor,
        erased=onet.erased,
    )
    print(batches.summary(), flush=True)
    objective = partial(taught_losses, settings=onet, ohem_ratio=settings.ohem_ratio)
    log = Log(work / "log.jsonl")
    place = torch.device("cpu")
    fit(
        network,
        batches,
        Run("onet", settings, work / "checkpoint.pt", log, place, objective=objective),
    )
    return network


class HeldOut(NamedTuple):
    """Faces that the other networks find in held-out images, and C-Net has seen.

    Attributes:
        logits: P-Net's, R-Net's, O-Net's and C-Net's logits (N, 4) of the detections that count.
        hits: Whether each of these is a face (N,).
        shifts: Distances (M, 4) from C-Net's to O-Net's boxes of faces with a score of at least
            `CLEAR`, in sides of C-Net's crop.
    """

    logits: Float64
    hits: NDArray[np.bool_]
    shifts: Float32


def fit_to_held_out(
    detector: MTCNN, images: Sequence[Annotated]
) -> tuple[tuple[float, ...], Float32]:
    """Fits the score with C-Net's logit, and C-Net's boxes to O-Net's, on images held out.

    Every data set counts the same. The two networks draw boxes by slightly different conventions;
    a mean of both must not move a face.

    Returns:
        Weights of the four logits, and the bias; and what to add to C-Net's box (4,).
    """
    found = [seen_again(detector, image) for image in images]
    of_set = np.concatenate(
        [
            np.full(len(one.hits), image.data_set or "all")
            for one, image in zip(found, images, strict=True)
        ]
    )
    names, counts = np.unique(of_set, return_counts=True)
    sizes = dict(zip(names, counts, strict=True))
    shares = np.array([len(of_set) / len(sizes) / sizes[name] for name in of_set])
    logits, hits, shifts = map(np.concatenate, zip(*found, strict=True))
    weights, bias = fit_score(logits, hits, shares)
    return (*weights, bias), np.median(shifts, axis=0)


def seen_again(detector: MTCNN, annotated: Annotated) -> HeldOut:
    """Runs C-Net on every face that the networks before it find in an image."""
    image = Image(annotated.read(), bgr=True)
    cascade = replace(detector._cascade, cnet_crop=None, sure_score=None)
    [refined] = cascade.refine([image], [cascade.propose(image)])
    [outputs] = cascade.engine.output([image], [refined.squares])
    faces, _, logits = cascade._output(refined, outputs)
    squares = _native.square(faces.boxes, CROP)
    [seen] = cascade.engine.context([image], [squares])
    judged = judged_image(annotated, faces.boxes, faces.scores)
    outcomes = judge(judged, judged.counted(None, SMALLEST), 0.5)
    counted = outcomes != DROPPED
    every = np.column_stack([logits, seen[:, 0]])[counted].astype(np.float64)
    sides = squares[:, 2:3] - squares[:, :1]
    shifts = (faces.boxes - _native.calibrate(squares, seen[:, 1:5])) / sides
    return HeldOut(every, outcomes[counted] == HIT, shifts[faces.scores >= CLEAR])


def write(
    folder: Path,
    model: Model,
    network: Network,
    context: Sequence[float],
    shift: Float32 | float = 0.0,
) -> None:
    """Writes the model folder of a model and its C-Net; the trained weights are rounded."""
    assert model.score is not None
    layers: Mapping[str, Sequence[Layer]] = {
        name: (part.layers or ()) if name == "pnet" else rounded(part.layers or ())
        for name, part in model.all_networks.items()
    }
    write_model_folder(
        folder,
        {**layers, "cnet": rounded(with_shift(to_layers("onet", network), shift))},
        **texts_of(model),
        **{
            **settings_of(model),
            "cnet_crop": CROP,
            "score": describe_score(replace(model.score, context=tuple(context))),
        },
        overwrite=True,
    )


def with_shift(layers: Sequence[Layer], shift: Float32 | float) -> Sequence[Layer]:
    """Returns layers whose boxes are moved by a shift (4,), in sides of the crop."""
    bias = layers[-1].bias.copy()
    bias[BOX] += shift
    return (*layers[:-1], layers[-1]._replace(bias=bias))


if __name__ == "__main__":
    main()

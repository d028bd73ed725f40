"""Runs the cascade of the paper (arXiv 1604.02878, section 2.1), top to bottom.

A model may add two networks, O-Nets with weights of their own: C-Net sees faces that the three are
not sure of with what is around them (`_context.py`), and L-Net sees each face once more and places
its landmarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from mtcnn_rt import _context, _native
from mtcnn_rt._arrays import Boxes, Float32, Float64, Indices
from mtcnn_rt._best_squares import SAME_FACE, output_until_sure
from mtcnn_rt._proposals import Proposals
from mtcnn_rt._rotations import detect_turned
from mtcnn_rt._score import ScoreModel
from mtcnn_rt._stage_timer import Timer, untimed
from mtcnn_rt.engines import Engine
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image

# Overlaps above which the box with the lower score is removed, as in the authors' code.
NMS_LEVEL = 0.5
NMS_PYRAMID = 0.7
NMS_REFINED = 0.7
NMS_OUTPUT = 0.7  # over the smaller box


@dataclass(frozen=True, eq=False)
class Cascade:
    """Detects faces: an image pyramid, then P-Net, R-Net and O-Net.

    Each network is followed by non-maximum suppression (NMS) and calibration.

    Safe to use from several threads.

    Attributes:
        engine: Runs the three networks.
        face_sizes: The smallest and the largest face to find, in pixels.
        scale_factor: Scale of a level of the image pyramid over that of the level before, between
            0 and 1.
        thresholds: Face probabilities that P-Net, R-Net and O-Net must exceed; the last is of the
            face's score, where it is not O-Net's probability.
        box_offset: Pixels to add to every side of a face's box, see `Model.box_offset`.
        score: Computes the score of a face from the logits of all networks; None: the score is
            O-Net's probability.
        nms_after_calibration: IoU of an NMS on R-Net's calibrated boxes; None: the NMS comes before
            the calibration, at `NMS_REFINED`.
        nms_output: IoU of the last NMS; None: `NMS_OUTPUT`, over the smaller box.
        sure_score: Score from which O-Net need not see the other squares of a face, and C-Net need
            not see the face; None: they see all.
        cnet_crop: Side of C-Net's crop over that of the square about a face; None: there is no
            C-Net.
        lnet_crop: Side of L-Net's crop over that of the square about a face; None: there is no
            L-Net, and the landmarks are O-Net's.
        rotations: Degrees by which an image is turned before it is searched, counterclockwise, one
            pass each.
        timer: Measures the stages.
        nms: Removes the boxes that overlap better ones.
    """

    engine: Engine
    face_sizes: tuple[float, float]
    scale_factor: float
    thresholds: tuple[float, float, float]
    box_offset: float
    score: ScoreModel | None = None
    nms_after_calibration: float | None = None
    nms_output: float | None = None
    sure_score: float | None = None
    cnet_crop: float | None = None
    lnet_crop: float | None = None
    rotations: tuple[int, ...] = (0,)
    timer: Timer = untimed
    nms: _native.Nms = field(default_factory=_native.Nms, init=False, repr=False)
    _selection: _native.Selection = field(default_factory=_native.Selection, init=False, repr=False)

    def detect(self, images: Sequence[Image]) -> list[Faces]:
        """Returns the faces of each image; R-Net and O-Net run on the crops of all at once."""
        return detect_turned(images, self.rotations, self._detect_upright, self._merge)

    def _detect_upright(self, images: Sequence[Image]) -> list[Faces]:
        """Returns the upright faces of each image."""
        proposals = [self.propose(image) for image in images]
        refined = self.refine(images, proposals)
        return self.finish(images, self.output(images, refined))

    def propose(self, image: Image, face_sizes: tuple[float, float] | None = None) -> Proposals:
        """Runs stage 1: P-Net, trained on faces of 12 x 12 pixels, slides over an image pyramid.

        Args:
            image: The image.
            face_sizes: The smallest and the largest face; None is the cascade's own.

        Returns:
            The proposals, with P-Net's logits.
        """
        smallest, largest = face_sizes or self.face_sizes
        levels = _native.pyramid(*image.size, smallest, self.scale_factor, largest)
        found = self.engine.propose(image, levels, self.thresholds[0])
        with self.timer("NMS"):
            return Proposals(*self._selection.propose(found, NMS_LEVEL, NMS_PYRAMID))

    def refine(self, images: Sequence[Image], proposals: Sequence[Proposals]) -> list[Proposals]:
        """Runs stage 2: R-Net rejects most proposals, and moves the others.

        Args:
            images: The images.
            proposals: The proposals of each image, with P-Net's logits.

        Returns:
            The proposals that are left of each image, with P-Net's and R-Net's logits.
        """
        outputs = self.engine.refine(images, [one.squares for one in proposals])
        return [self._refine(*one) for one in zip(proposals, outputs, strict=True)]

    def _refine(self, proposals: Proposals, outputs: Float32) -> Proposals:
        after = self.nms_after_calibration
        overlap = NMS_REFINED if after is None else after
        with self.timer("NMS"):
            return Proposals(
                *self._selection.refine(
                    *(proposals.squares, proposals.logits, outputs),
                    *(self.thresholds[1], overlap, after is not None),
                )
            )

    def output(self, images: Sequence[Image], refined: Sequence[Proposals]) -> list[Faces]:
        """Runs stage 3: O-Net accepts or rejects what R-Net has left, and finds the landmarks.

        Args:
            images: The images.
            refined: The squares of each image, with P-Net's and R-Net's logits.

        Returns:
            The faces of each image, for `finish`.
        """
        if not any(map(len, refined)):
            return [Faces.empty() for _ in images]
        if self.sure_score is None:
            outputs = self.engine.output(images, [one.squares for one in refined])
        else:
            refined, outputs = output_until_sure(self, images, refined, self.sure_score)
        found = [self._output(*one) for one in zip(refined, outputs, strict=True)]
        faces = [each for each, _, _ in found]
        if self.cnet_crop is not None:
            logits = [of_one for _, _, of_one in found]
            faces = _context.judge(self, images, faces, logits, self.cnet_crop)
        return faces

    def _output(self, proposals: Proposals, outputs: Float32) -> tuple[Faces, Indices, Float32]:
        """Calibrates what O-Net accepts, and runs the last NMS.

        Returns:
            The faces, the index in `proposals` of each, and the logits (N, K) of all networks.
        """
        weights, threshold = self.score_weights(proposals), self.thresholds[2]
        if weights is not None and self.cnet_crop is not None and proposals.logits.shape[1] > 0:
            threshold *= _context.HOPELESS  # C-Net will decide
        with self.timer("NMS"):
            boxes, scores, landmarks, kept, logits = self._selection.accept(
                *(proposals.squares, proposals.logits, outputs, weights, threshold),
                *(*self._last_overlap, self.box_offset),
            )
        return Faces(boxes, scores, landmarks), kept, logits

    def finish(self, images: Sequence[Image], faces: Sequence[Faces]) -> list[Faces]:
        """Runs L-Net, where there is one, and clips the boxes to the images."""
        landmarks = self.place_landmarks(images, faces)
        return [
            Faces(_native.clip(one.boxes, *image.size), one.scores, points)
            for image, one, points in zip(images, faces, landmarks, strict=True)
        ]

    def place_landmarks(self, images: Sequence[Image], faces: Sequence[Faces]) -> list[Float32]:
        """Returns L-Net's landmarks (N, 5, 2) of the faces of each image; without it, their own.

        L-Net's crop fits the face better than O-Net's, which R-Net has chosen, and is smaller.
        """
        if self.lnet_crop is None or not any(map(len, faces)):
            return [one.landmarks for one in faces]
        squares = [_native.square(one.boxes, self.lnet_crop) for one in faces]
        outputs = self.engine.landmarks(images, squares)
        return [_place(*one) for one in zip(squares, outputs, strict=True)]

    def confirm(self, image: Image, squares: Float32) -> Indices:
        """Returns the indices of the squares (N, 4) that R-Net accepts, without NMS."""
        [outputs] = self.engine.refine([image], [squares])
        accepted: Indices = _native.accept(outputs, self.thresholds[1])[0]
        return accepted

    def accept(self, image: Image, squares: Float32) -> tuple[Faces, Indices]:
        """Runs O-Net alone on squares.

        Args:
            image: The image.
            squares: Squares (N, 4), x1 y1 x2 y2 in pixels.

        Returns:
            The faces, for `finish`, and the index in `squares` of each.
        """
        [outputs] = self.engine.output([image], [squares])
        return self._output(Proposals.of(squares), outputs)[:2]

    def squares_about(self, boxes: Boxes) -> Float32:
        """Returns the squares (N, 4) whose crops show faces with these boxes (N, 4).

        They are of the kind that R-Net and O-Net take.
        """
        inner = np.asarray(boxes, np.float32) - np.float32(self.box_offset)
        squares: Float32 = _native.square(inner)
        return squares

    def score_weights(self, proposals: Proposals) -> Float64 | None:
        """Returns the weights of the score of proposals once one more network has seen them.

        None: that network's face probability is the score.
        """
        return None if self.score is None else self.score.weights_of(proposals.logits.shape[1] + 1)

    def last_nms(self, boxes: Float32, ranking: Float32) -> Indices:
        """Returns the indices of the boxes (N, 4) that the last NMS keeps, best ranking first."""
        return self.nms(boxes, ranking, *self._last_overlap)

    @property
    def _last_overlap(self) -> tuple[float, Literal["union", "smaller"]]:
        """Overlap of the last NMS, and the area that it is a share of."""
        return (NMS_OUTPUT, "smaller") if self.nms_output is None else (self.nms_output, "union")

    def _merge(self, boxes: Float32, ranking: Float32) -> Indices:
        """Returns the indices of the boxes (N, 4) of several rotations to keep, best first."""
        kept = self.last_nms(boxes, ranking)  # it may keep a face that two rotations place apart
        return kept[self.nms(boxes[kept], ranking[kept], SAME_FACE)]

    def timed_by(self, timer: Timer) -> Cascade:
        """Returns this cascade with a timer for its stages. The engine is shared."""
        return replace(self, timer=timer, engine=self.engine.timed_by(timer))


def _place(squares: Float32, outputs: Float32) -> Float32:
    """Returns the landmarks (N, 5, 2), in pixels of the image, of outputs (N, 15)."""
    landmarks: Float32 = _native.place(squares, outputs[:, 5:].reshape(-1, 5, 2))
    return landmarks

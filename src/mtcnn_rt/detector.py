"""MTCNN: the cascade of arXiv 1604.02878, top to bottom."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt.engines import Candidates, Engine, Floats
from mtcnn_rt.engines.choice import open_engine
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.model import load_model
from mtcnn_rt.settings import check_settings

# Overlaps above which the weaker of two boxes goes, as in the authors' code.
NMS_LEVEL = 0.5
NMS_PYRAMID = 0.7
NMS_REFINED = 0.7
NMS_OUTPUT = 0.7  # over the smaller box


class MTCNN:
    """Finds faces and five landmarks.

    min_face_size   the smallest face to look for, in pixels, >= 12; half of it takes about four
                    times as long.
    scale_factor    from one level of the image pyramid to the next, between 0 and 1.
    thresholds      face probabilities that P-Net, R-Net and O-Net must exceed, 0 to 1.
    max_face_size   the largest face to look for; None is any.
    threads         None is every core that the process may use.
    providers       what runs the networks, in order of preference: "cpu" (None), "cuda",
                    "tensorrt", "openvino", "coreml", "directml", where onnxruntime has them.
    model           a model folder; None is the published weights.
    engine          "native", the C++ core; "onnxruntime"; or "auto", the native one on a CPU where
                    the model has the paper's architecture.

    One detector may be used from several threads. The same image gives the same faces.
    Raises ValueError or TypeError that names the setting, ModelError (a ValueError) for a folder.
    """

    def __init__(
        self,
        min_face_size: float = 20,
        scale_factor: float = 0.709,
        thresholds: Sequence[float] = (0.6, 0.7, 0.7),
        max_face_size: float | None = None,
        threads: int | None = None,
        providers: Sequence[str] | None = None,
        model: str | os.PathLike[str] | None = None,
        engine: str = "auto",
    ) -> None:
        check_settings(min_face_size, scale_factor, thresholds, max_face_size, threads)
        self.min_face_size = min_face_size
        self.scale_factor = scale_factor
        self.thresholds = tuple(thresholds)
        self.max_face_size = max_face_size
        self.model = load_model(model)
        self.engine: Engine = open_engine(engine, self.model, threads, providers)
        self._native: Any = _native

    def close(self) -> None:
        """Ends the detector's threads; it finds no more faces. So does a `with` block's end."""
        self.engine.close()

    def __enter__(self) -> MTCNN:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def detect(self, image: Any, color: str = "bgr") -> Faces:
        """The faces of one image.

        image: a uint8 array (H, W, 3), (H, W, 4) or (H, W); the path of a file, whose EXIF
        orientation is applied; or a PIL image, as it is.
        color: the channel order of an array, "bgr" (OpenCV) or "rgb".
        Raises TypeError or ValueError that says what was given; OSError for a file."""
        return self.detect_batch([image], color)[0]

    def detect_batch(self, images: Sequence[Any], color: str = "bgr") -> list[Faces]:
        """`detect` for images of any sizes; R-Net and O-Net see the crops of all at once."""
        loaded = [as_image(image, color) for image in images]
        proposals = [self._propose(image) for image in loaded]
        looks = self.engine.refine(loaded, proposals)
        refined = [self._refine(boxes, look) for boxes, look in zip(proposals, looks, strict=True)]
        looks = self.engine.output(loaded, refined)
        return [self._output(*one)[0] for one in zip(loaded, refined, looks, strict=True)]

    def track(self, image: Any, boxes: Floats) -> tuple[Faces, NDArray[np.int64]]:
        """Stage 3 alone, for a tracker: O-Net looks where faces are expected.

        image: as for `detect`, an array in BGR order. boxes: (N, 4), x1 y1 x2 y2 in pixels, near
        faces as `detect` gives them.
        The faces that O-Net accepts, of boxes on one face only the best; and for each the index of
        its box. Raises what `detect` raises, ValueError for other shapes of boxes."""
        loaded = as_image(image)
        expected = np.asarray(boxes, np.float32) - np.float32(self.model.box_offset)
        squares: Floats = self._native.square(expected)
        [look] = self.engine.output([loaded], [squares])
        return self._output(loaded, squares, look)

    def looks(self, network: Literal["rnet", "onet"], image: Any) -> Floats:
        """Where R-Net or O-Net looks in an image: what the stages before it let through, from which
        its training takes its samples. (N, 4) squares, x1 y1 x2 y2 in pixels.

        image: as for `detect`, an array in BGR order. Raises what `detect` raises."""
        loaded = as_image(image)
        proposals = self._propose(loaded)
        if network == "rnet":
            return proposals
        [look] = self.engine.refine([loaded], [proposals])
        return self._refine(proposals, look)

    def _propose(self, image: Image) -> Floats:
        """Stage 1: P-Net, a detector of faces of 12 x 12 pixels, slides over an image pyramid."""
        native = self._native
        limit = self.max_face_size or np.inf
        levels = native.pyramid(*image.size, self.min_face_size, self.scale_factor, limit)
        found = self.engine.propose(image, levels, self.thresholds[0])
        boxes, scores, regressions = _concatenate([self._best(level) for level in found])
        kept = native.nms(boxes, scores, NMS_PYRAMID)
        squares: Floats = native.square(native.calibrate(boxes[kept], regressions[kept]))
        return squares

    def _best(self, level: Candidates) -> Candidates:
        boxes, scores, regressions = level
        kept = self._native.nms(boxes, scores, NMS_LEVEL)
        return boxes[kept], scores[kept], regressions[kept]

    def _refine(self, proposals: Floats, outputs: Floats) -> Floats:
        """Stage 2: R-Net has looked at the proposals; most go, the others are moved."""
        native = self._native
        passed, scores = native.accept(outputs, self.thresholds[1])
        kept = native.nms(proposals[passed], scores, NMS_REFINED)
        faces = passed[kept]
        squares: Floats = native.square(native.calibrate(proposals[faces], outputs[faces, 1:5]))
        return squares

    def _output(
        self, image: Image, refined: Floats, outputs: Floats
    ) -> tuple[Faces, NDArray[np.int64]]:
        """Stage 3: O-Net has looked at what is left; it decides, and gives the landmarks.

        The faces, and the index in `refined` of each."""
        native = self._native
        passed, scores = native.accept(outputs, self.thresholds[2])
        squares, outputs = refined[passed], outputs[passed]
        landmarks = native.place(squares, outputs[:, 5:].reshape(-1, 5, 2))
        boxes = native.calibrate(squares, outputs[:, 1:5])
        kept = native.nms(boxes, scores, NMS_OUTPUT, "smaller")
        boxes = native.clip(boxes[kept] + self.model.box_offset, *image.size)
        return Faces(boxes, scores[kept], landmarks[kept]), passed[kept]


def _concatenate(parts: list[Candidates]) -> Candidates:
    nothing = tuple(np.zeros((0, *shape), np.float32) for shape in ((4,), (), (4,)))
    boxes, scores, regressions = map(np.concatenate, zip(nothing, *parts, strict=True))
    return boxes, scores, regressions

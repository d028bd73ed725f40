"""MTCNN: the cascade of arXiv 1604.02878, top to bottom."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arguments import check_settings
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.engines import Candidates, Engine, Floats
from mtcnn_rt.engines.choice import open_engine
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.model import load_model

# Overlaps above which the weaker of two boxes goes, as in the authors' code.
NMS_LEVEL = 0.5
NMS_PYRAMID = 0.7
NMS_REFINED = 0.7
NMS_OUTPUT = 0.7  # over the smaller box

TAKEN = 0.3
"""IoU with a known face, from which a proposal is one of that face. With 0.5, following takes a
tenth more time, and finds no more faces."""
GROWTH = 1.5
"""From a face's size a moment ago to the largest that is looked for, and from the smallest."""

_NO_BOXES = np.zeros((0, 4), np.float32)


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
    precision       of the native engine's P-Net: "float32", or "int16", which saves up to a tenth
                    of a detection's time; a fiftieth of its candidates are others.

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
        precision: str = "float32",
    ) -> None:
        check_settings(min_face_size, scale_factor, thresholds, max_face_size, threads)
        self.min_face_size = min_face_size
        self.scale_factor = scale_factor
        self.thresholds = tuple(thresholds)
        self.max_face_size = max_face_size
        self.model = load_model(model)
        self.engine: Engine = open_engine(engine, self.model, threads, providers, precision)
        self._nms = _native.Nms()

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
        return self._judge(loaded, [self._propose(image, self._sizes) for image in loaded])

    def track(self, image: Any, boxes: Floats) -> tuple[Faces, NDArray[np.int64]]:
        """Stage 3 alone, for a tracker: O-Net looks where faces are expected.

        image: as for `detect`, an array in BGR order. boxes: (N, 4), x1 y1 x2 y2 in pixels, near
        faces as `detect` gives them.
        The faces that O-Net accepts, of boxes on one face only the best; and for each the index of
        its box. Raises what `detect` raises, ValueError for other shapes of boxes."""
        loaded = as_image(image)
        squares = self._squares(boxes)
        [look] = self.engine.output([loaded], [squares])
        return self._output(loaded, squares, look)

    def looks(self, network: Literal["rnet", "onet"], image: Any) -> Floats:
        """Where R-Net or O-Net looks in an image: what the stages before it let through, from which
        its training takes its samples. (N, 4) squares, x1 y1 x2 y2 in pixels.

        image: as for `detect`, an array in BGR order. Raises what `detect` raises."""
        loaded = as_image(image)
        proposals = self._propose(loaded, self._sizes)
        if network == "rnet":
            return proposals
        [look] = self.engine.refine([loaded], [proposals])
        return self._refine(proposals, look)

    def confirm(self, image: Any, boxes: Floats) -> NDArray[np.int64]:
        """Stage 2 alone: the indices of the boxes that R-Net, too, takes for faces.

        image, boxes: as for `track`."""
        [look] = self.engine.refine([as_image(image)], [self._squares(boxes)])
        accepted: NDArray[np.int64] = _native.accept(look, self.thresholds[1])[0]
        return accepted

    def search(self, image: Any, known: Floats, near: Floats | None = None) -> Faces:
        """All stages, where a tracker has no face yet. R-Net and O-Net see no proposals of known
        faces: with five in 1280x720 pixels that saves a sixth to a third of the time.

        image: as for `track`. known: boxes (N, 4) of faces, which are not found again.
        near: boxes (M, 4) where faces were a moment ago; only faces about as large, and not further
        away than their size, are looked for. None: any face, anywhere."""
        loaded = as_image(image)
        if near is None:
            proposals = self._propose(loaded, self._sizes)
        else:
            parts = [self._propose_near(loaded, square) for square in self._squares(near)]
            proposals = np.concatenate([_NO_BOXES, *parts])
        taken = overlaps(proposals, self._squares(known)).max(axis=1, initial=0) >= TAKEN
        [faces] = self._judge([loaded], [proposals[~taken]])
        again = overlaps(faces.boxes, known, "smaller").max(axis=1, initial=0) > NMS_OUTPUT
        return faces[~again]

    @property
    def _sizes(self) -> tuple[float, float]:
        return self.min_face_size, self.max_face_size or np.inf

    def _squares(self, boxes: Floats) -> Floats:
        """Boxes of faces as R-Net and O-Net look at them."""
        inner = np.asarray(boxes, np.float32) - np.float32(self.model.box_offset)
        squares: Floats = _native.square(inner)
        return squares

    def _propose_near(self, image: Image, square: Floats) -> Floats:
        """Stage 1 in a window about a square, for faces about as large."""
        size = square[2] - square[0]
        reach = np.array([[-size, -size, size, size]])
        [window] = _native.clip(square + reach, *image.size)
        x1, y1 = np.floor(window[:2]).astype(int)
        x2, y2 = np.ceil(window[2:]).astype(int)
        if x1 >= x2 or y1 >= y2:
            return _NO_BOXES
        smallest, largest = np.clip([size / GROWTH, size * GROWTH], *self._sizes)
        pixels = Image(image.pixels[y1:y2, x1:x2], image.bgr)
        return self._propose(pixels, (smallest, largest)) + np.array([x1, y1, x1, y1], np.float32)

    def _propose(self, image: Image, sizes: tuple[float, float]) -> Floats:
        """Stage 1: P-Net, a detector of faces of 12 x 12 pixels, slides over an image pyramid.

        sizes: of the smallest and the largest face."""
        smallest, largest = sizes
        levels = _native.pyramid(*image.size, smallest, self.scale_factor, largest)
        found = self.engine.propose(image, levels, self.thresholds[0])
        boxes, scores, regressions = _concatenate([self._best(level) for level in found])
        kept = self._nms(boxes, scores, NMS_PYRAMID)
        squares: Floats = _native.square(_native.calibrate(boxes[kept], regressions[kept]))
        return squares

    def _judge(self, images: Sequence[Image], proposals: Sequence[Floats]) -> list[Faces]:
        """Stages 2 and 3."""
        looks = self.engine.refine(images, proposals)
        refined = [self._refine(boxes, look) for boxes, look in zip(proposals, looks, strict=True)]
        looks = self.engine.output(images, refined)
        return [self._output(*one)[0] for one in zip(images, refined, looks, strict=True)]

    def _best(self, level: Candidates) -> Candidates:
        boxes, scores, regressions = level
        kept = self._nms(boxes, scores, NMS_LEVEL)
        return boxes[kept], scores[kept], regressions[kept]

    def _refine(self, proposals: Floats, outputs: Floats) -> Floats:
        """Stage 2: R-Net has looked at the proposals; most go, the others are moved."""
        passed, scores = _native.accept(outputs, self.thresholds[1])
        kept = self._nms(proposals[passed], scores, NMS_REFINED)
        faces = passed[kept]
        squares: Floats = _native.square(_native.calibrate(proposals[faces], outputs[faces, 1:5]))
        return squares

    def _output(
        self, image: Image, refined: Floats, outputs: Floats
    ) -> tuple[Faces, NDArray[np.int64]]:
        """Stage 3: O-Net has looked at what is left; it decides, and gives the landmarks.

        The faces, and the index in `refined` of each."""
        passed, scores = _native.accept(outputs, self.thresholds[2])
        squares, outputs = refined[passed], outputs[passed]
        landmarks = _native.place(squares, outputs[:, 5:].reshape(-1, 5, 2))
        boxes = _native.calibrate(squares, outputs[:, 1:5])
        kept = self._nms(boxes, scores, NMS_OUTPUT, "smaller")
        boxes = _native.clip(boxes[kept] + self.model.box_offset, *image.size)
        return Faces(boxes, scores[kept], landmarks[kept]), passed[kept]


def _concatenate(parts: list[Candidates]) -> Candidates:
    nothing = tuple(np.zeros((0, *shape), np.float32) for shape in ((4,), (), (4,)))
    boxes, scores, regressions = map(np.concatenate, zip(nothing, *parts, strict=True))
    return boxes, scores, regressions

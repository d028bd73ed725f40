"""Offers MTCNN, the detector: arguments, images and faces around the cascade of `_cascade.py`."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from typing import Any

from mtcnn_rt._arguments import call_of, check_arguments, check_rotations
from mtcnn_rt._cascade import Cascade
from mtcnn_rt._closing import Closing
from mtcnn_rt._defaults import (
    MIN_FACE_SIZE,
    ROTATIONS,
    SCALE_FACTOR,
    ChannelOrder,
    EngineName,
    Precision,
    Preset,
)
from mtcnn_rt._log import LOG
from mtcnn_rt.engines.choice import open_engine
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import ImageLike, Tensor, as_images
from mtcnn_rt.model import Model, load_model, packaged_models

_OPENED = ("_settings", "_model", "_cascade")
"""Attributes of a detector that come with its settings."""


class MTCNN(Closing):
    """Detects faces and five landmarks in images.

    Several threads may use one detector. The same image gives the same faces. A detector can be
    pickled and copied: it goes by its settings, with the attributes of a derived class, and its
    copy has threads of its own. After a fork the child may use it.

    Args:
        min_face_size: The smallest face to find, in pixels, at least 12. A detection takes 1.6 to
            2.5 times as long with 20 as with 40.
        scale_factor: Scale of a level of the image pyramid over that of the level before, 0.1 to
            0.99.
        thresholds: Face probabilities that P-Net, R-Net and O-Net must exceed, 0 to 1; the last is
            that of the face's score. None is those of the preset.
        max_face_size: The largest face to find, in pixels; None is any.
        threads: Number of threads of one detection; None is one for each core that the process may
            use.
        providers: The hardware that runs the networks, in order of preference: "cpu" (None),
            "cuda", "tensorrt", "openvino", "coreml", "directml", where onnxruntime has them.
        model: The name of a model in the package: "distilled" (None), or "published", the weights
            of 2016; or the path of a model folder. A name comes before a folder that is called so:
            its path is "./published" or a `pathlib.Path`.
        engine: "native", the C++ core; "onnxruntime"; or "auto", the native one on a CPU where the
            model has the paper's architecture.
        precision: Number type of the native engine's P-Net: "float32", or "int16", which saves up
            to a sixth of a detection's time; a fiftieth of its candidates are others.
        preset: Name of the model's thresholds to use: "fast", "balanced" (None) or "thorough",
            where the model has them; `thresholds` come before it.
        rotations: Degrees by which the image is turned before it is searched, counterclockwise:
            some of 0, 90, 180 and 270. (0, 90, 180, 270) also finds faces that lie on their side
            or upside down, in four to five times the time. Boxes and landmarks are those of the
            image as it was given; the left eye stays that of the upright face.

    Raises:
        ValueError: An argument is out of its range, or (`ModelError`) a model folder cannot be
            used; the message names it.
        TypeError: An argument has another type.
        RuntimeError: The system cannot start the threads; the message has the number that it did
            start.

    Example:
        >>> import numpy as np
        >>> from mtcnn_rt import MTCNN
        >>> detector = MTCNN(min_face_size=40)
        >>> faces = detector.detect(np.zeros((480, 640, 3), np.uint8))
        >>> len(faces)
        0
        >>> detector
        MTCNN(min_face_size=40)
    """

    def __init__(
        self,
        min_face_size: float = MIN_FACE_SIZE,
        scale_factor: float = SCALE_FACTOR,
        thresholds: Sequence[float] | None = None,
        max_face_size: float | None = None,
        threads: int | None = None,
        providers: Sequence[str] | None = None,
        model: str | os.PathLike[str] | None = None,
        engine: EngineName = "auto",
        precision: Precision = "float32",
        preset: Preset | None = None,
        rotations: Sequence[int] = ROTATIONS,
    ) -> None:
        check_arguments(min_face_size, scale_factor, thresholds, max_face_size, threads)
        self._settings: dict[str, Any] = {
            "min_face_size": min_face_size,
            "scale_factor": scale_factor,
            "thresholds": None if thresholds is None else tuple(map(float, thresholds)),
            "max_face_size": max_face_size,
            "threads": threads,
            "providers": None if providers is None else list(providers),
            "model": model,
            "engine": engine,
            "precision": precision,
            "preset": preset,
            "rotations": check_rotations(rotations),
        }
        self._model = load_model(model)
        _log(self._model)
        pnet, rnet, onet = _chosen_thresholds(self._model, thresholds, preset)
        self._cascade = Cascade(
            engine=open_engine(engine, self._model, threads, providers, precision),
            face_sizes=(min_face_size, math.inf if max_face_size is None else max_face_size),
            scale_factor=scale_factor,
            thresholds=(pnet, rnet, onet),
            box_offset=self._model.box_offset,
            score=self._model.score,
            nms_after_calibration=self._model.nms_after_calibration,
            nms_output=self._model.nms_output,
            sure_score=self._model.sure_score,
            cnet_crop=None if self._model.cnet is None else self._model.cnet_crop,
            lnet_crop=None if self._model.lnet is None else self._model.lnet_crop,
            rotations=self._settings["rotations"],
        )

    def __repr__(self) -> str:
        """Returns a call with the settings that are not the defaults."""
        settings = self.settings
        defaults = dict(zip(settings, MTCNN.__init__.__defaults__ or (), strict=True))
        return call_of(type(self).__name__, settings, defaults)

    def __getstate__(self) -> dict[str, Any]:
        """Returns the settings, and the attributes that a derived class has besides."""
        own = {name: value for name, value in vars(self).items() if name not in _OPENED}
        return {"settings": self.settings, "own": own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Opens a detector with these settings and attributes."""
        MTCNN.__init__(self, **state["settings"])
        vars(self).update(state["own"])

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments by their names: `MTCNN(**detector.settings)` finds the same faces.

        The path of a model folder is absolute.
        """
        model = self._settings["model"]
        named = isinstance(model, str) and model in packaged_models()
        if model is not None and not named:
            model = self._model.path.absolute()
        return {**self._settings, "model": model}

    @property
    def min_face_size(self) -> float:
        """The smallest face to find, in pixels."""
        return self._cascade.face_sizes[0]

    @property
    def max_face_size(self) -> float | None:
        """The largest face to find, in pixels; None is any."""
        largest = self._cascade.face_sizes[1]
        return None if math.isinf(largest) else largest

    @property
    def scale_factor(self) -> float:
        """The scale of a level of the image pyramid over that of the level before."""
        return self._cascade.scale_factor

    @property
    def thresholds(self) -> tuple[float, float, float]:
        """The face probabilities that P-Net, R-Net and O-Net must exceed."""
        return self._cascade.thresholds

    @property
    def rotations(self) -> tuple[int, ...]:
        """Degrees by which the image is turned before it is searched, counterclockwise."""
        return self._cascade.rotations

    @property
    def model(self) -> Model:
        """The model: its weights, and the entries of its model.json."""
        return self._model

    @property
    def engine(self) -> str:
        """The name of the engine that runs the networks: "native" or "onnxruntime"."""
        return self._cascade.engine.name

    def detect(self, image: ImageLike, color: ChannelOrder = "bgr") -> Faces:
        """Returns the faces of one image, best score first.

        Args:
            image: A uint8 array (H, W, 3), (H, W, 4), whose transparent parts are laid on white, or
                (H, W); an encoded image: the path of a file, which is read as `read_image` does,
                its bytes, or a file that is open for reading bytes; a PIL image, which is turned by
                its EXIF orientation; or a uint8 tensor of PyTorch, RGB or gray, (C, H, W),
                (H, W, C) or (H, W).
            color: The channel order of an array, "bgr" (OpenCV) or "rgb" (all others). With the
                wrong one faces are missed, without an error. Other images need none.

        Raises:
            TypeError: The image has another type or dtype; the message names what was given.
            ValueError: The image has another shape or too many pixels, or the file has no image
                that can be read.
            OSError: The file cannot be opened.
            ImportError: No library that decodes images is installed.
            RuntimeError: The detector is closed.

        Example:
            >>> import numpy as np
            >>> MTCNN().detect(np.zeros((100, 100, 3), np.uint8)).boxes.shape
            (0, 4)
        """
        return self.detect_batch([image], color)[0]

    def detect_batch(
        self, images: Iterable[ImageLike] | Tensor, color: ChannelOrder = "bgr"
    ) -> list[Faces]:
        """Returns the faces of each image; R-Net and O-Net run on the crops of all at once.

        Args:
            images: Images of any sizes and kinds, each as `detect` takes it, also in an array of
                paths or objects; or all of one size in an array (N, H, W), (N, H, W, C), or a
                tensor (N, C, H, W), (N, H, W, C).
            color: The channel order of arrays, "bgr" (OpenCV) or "rgb".

        Raises:
            TypeError: As `detect`; or `images` is one image, or nothing that has several.
            ValueError: As `detect`.
            OSError: As `detect`.
            RuntimeError: As `detect`.
        """
        return self._cascade.detect(as_images(images, color))

    def close(self) -> None:
        """Ends the detector's threads, after the detections that are under way.

        Later detections raise RuntimeError. The end of a `with` block does the same.
        """
        self._cascade.engine.close()


def _log(model: Model) -> None:
    digests = (f"{name} {one.sha256[:12]}" for name, one in model.all_networks.items())
    LOG.info("model %s: %s, SHA-256 %s", model.name, model.path, ", ".join(digests))


def _chosen_thresholds(
    model: Model, thresholds: Sequence[float] | None, preset: str | None
) -> Sequence[float]:
    """Returns the given thresholds, or those of the model's preset, which must exist."""
    of_preset = model.thresholds_of(preset)
    return of_preset if thresholds is None else thresholds

"""Finds faces as `mtcnn.mtcnn` of mtcnn 1.0.0 does, without TensorFlow.

Example:
    >>> import numpy as np
    >>> from mtcnn_rt.compat.mtcnn import MTCNN
    >>> MTCNN().detect_faces(np.zeros((100, 100, 3), np.uint8))
    []
"""

from __future__ import annotations

import os
from dataclasses import fields
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float64
from mtcnn_rt._images.tensors import is_tensor
from mtcnn_rt.compat import _tensorflow_cascade
from mtcnn_rt.compat._tensorflow_cascade import Settings
from mtcnn_rt.compat.mtcnn.utils.images import stored_pixels
from mtcnn_rt.faces import LANDMARKS

__all__ = ["MTCNN"]

_STAGES = {"face_detection_only": False, "face_and_landmarks_detection": True}
_OPTIONS = {one.name for one in fields(Settings)}


class MTCNN:
    """Finds faces, as `mtcnn.MTCNN` does.

    Args:
        stages: "face_and_landmarks_detection", or "face_detection_only", which leaves O-Net out.
        device: The device to name as `device`; the networks run on the CPU.

    Raises:
        ValueError: `stages` is another name.
    """

    def __init__(self, stages: str = "face_and_landmarks_detection", device: str = "CPU:0") -> None:
        if not isinstance(stages, str) or stages not in _STAGES:
            raise ValueError(f"stages: expected one of {', '.join(_STAGES)}, not {stages!r}")
        self._landmarks = _STAGES[stages]
        self._device = device

    def __getattr__(self, name: str) -> NoReturn:
        """Raises AttributeError, as for every name that an object lacks, with the reason."""
        raise AttributeError(
            f"{name}: the stand-in has no such attribute; its stages are no objects, and are "
            "chosen by the argument `stages`"
        )

    @property
    def device(self) -> str:
        """The name of the device that was given."""
        return self._device

    def detect_faces(
        self,
        image: Any,
        fit_to_image: bool = True,
        limit_boundaries_landmarks: bool = False,
        box_format: Literal["xywh", "xyxy"] = "xywh",
        output_type: Literal["json", "numpy"] = "json",
        postprocess: bool = True,
        batch_stack_justification: str = "center",
        **kwargs: Any,
    ) -> Any:
        """Finds the faces of an image, or of several.

        Args:
            image: A path, the bytes of an image file, or an array or a tensor (H, W, 3), RGB; or a
                list of these.
            fit_to_image: Keep boxes inside the image, on its pixels.
            limit_boundaries_landmarks: With `fit_to_image`, keep landmarks inside as well.
            box_format: "xywh", x1 y1 width height, or "xyxy", x1 y1 x2 y2.
            output_type: "json", dicts of whole numbers, or "numpy", an array.
            postprocess: Do what `fit_to_image` says.
            batch_stack_justification: No effect: images of several sizes are searched one by one.
            kwargs: Options of the stages: `min_face_size`, at least 1, `scale_factor`, above 0 and
                at most 0.999, `threshold_pnet`, `threshold_rnet`, `threshold_onet`, `nms_pnet1`,
                `nms_pnet2`, `nms_rnet`, `nms_onet`. Others have no effect, `min_size` among them,
                as in the package.

        Returns:
            "json": a list of dicts, best first: `box`, four ints; `confidence`; and `keypoints`,
            `nose`, `mouth_right`, `right_eye`, `left_eye` and `mouth_left`, each [x, y], ints. A
            list of such lists for several images. "numpy": rows of the image's index, the box, the
            confidence, the x of left eye, right eye, nose, left and right mouth corner, and their
            y, (N, 16); with "face_detection_only" (N, 6), and (0, 16) without a face.

            An image that cannot be decoded has no faces.

        Raises:
            ValueError: An array has another shape or no pixels, an image is something else, or an
                option is out of its range.
            TypeError: An option is no number.
            OSError: A file cannot be opened.
        """
        settings = Settings(**{name: kwargs[name] for name in _OPTIONS & kwargs.keys()})
        several = isinstance(image, list)
        found = []
        for index, one in enumerate(image if several else [image]):
            pixels = _pixels(one)
            if pixels is None:
                found.append(np.zeros((0, 16 if self._landmarks else 6)))
                continue
            rows = _tensorflow_cascade.detect(pixels, settings, self._landmarks)
            if postprocess and fit_to_image:
                rows = _fitted(rows, pixels.shape[1::-1], limit_boundaries_landmarks)
            found.append(np.insert(rows, 0, index, axis=1))
        if output_type == "numpy":
            rows = np.concatenate(found) if any(map(len, found)) else np.zeros((0, 16))
            return _with_sides(rows) if box_format == "xywh" else rows
        faces = [[_as_dict(row, box_format) for row in rows] for rows in found]
        return faces if several else faces[0]

    def predict(self, image: Any, *arguments: Any, **options: Any) -> Any:
        """Returns what `detect_faces` returns, with its arguments."""
        return self.detect_faces(image, *arguments, **options)


def _pixels(image: Any) -> NDArray[Any] | None:
    """Returns an image as an array (H, W, 3), RGB; files as they are stored, not turned.

    None for one that cannot be decoded.
    """
    if isinstance(image, (str, bytes, bytearray, os.PathLike)):
        try:
            return stored_pixels(image)
        except ValueError:
            return None
    array = image.detach().cpu().numpy() if is_tensor(image) else np.asarray(image)
    if array.ndim == 0:
        given = type(image).__name__
        raise ValueError(f"image: expected a path, bytes, or an array (H, W, 3), not {given}")
    if array.ndim != 3 or array.shape[2] != 3:
        raise ValueError(f"image: expected shape (H, W, 3), not {array.shape}")
    if array.size == 0:
        raise ValueError(f"image: expected at least one pixel, not shape {array.shape}")
    return array


def _fitted(rows: Float64, size: tuple[int, ...], landmarks: bool) -> Float64:
    """Returns the rows with boxes, and landmarks if wanted, on pixels of the image."""
    last_x, last_y = size[0] - 1, size[1] - 1
    rows = rows.copy()
    rows[:, :4] = np.clip(rows[:, :4], 0, (last_x, last_y, last_x, last_y))
    if landmarks:
        rows[:, 5:10] = np.clip(rows[:, 5:10], 0, last_x)
        rows[:, 10:] = np.clip(rows[:, 10:], 0, last_y)
    return rows


def _with_sides(rows: Float64) -> Float64:
    """Returns the rows with width and height in the place of x2 and y2."""
    rows = rows.copy()
    rows[:, 3:5] -= rows[:, 1:3]
    return rows


def _as_dict(row: Float64, box_format: str) -> dict[str, Any]:
    box = _with_sides(row[None])[0] if box_format == "xywh" else row
    face: dict[str, Any] = {
        "box": box[1:5].round().astype(int).tolist(),
        "confidence": float(row[5]),
    }
    if len(row) > 6:
        points = row[6:].round().astype(int).reshape(2, 5).T.tolist()
        named = dict(zip(LANDMARKS, points, strict=True))
        order = ("nose", "mouth_right", "right_eye", "left_eye", "mouth_left")
        face["keypoints"] = {name: named[name] for name in order}
    return face

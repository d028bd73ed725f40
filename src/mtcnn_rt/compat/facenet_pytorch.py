"""Replaces facenet-pytorch 2.6.0: the same class, results and numbers, without PyTorch's networks.

Example:
    >>> import numpy as np
    >>> from mtcnn_rt.compat.facenet_pytorch import MTCNN
    >>> boxes, probs = MTCNN(keep_all=True).detect(np.zeros((100, 100, 3), np.uint8))
    >>> boxes is None, list(probs)
    (True, [None])
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arguments import check_thresholds, number
from mtcnn_rt.compat import _facenet_cascade
from mtcnn_rt.compat._facenet_choice import areas, chosen
from mtcnn_rt.compat._facenet_images import (
    check_crop,
    extract_face,
    fixed_image_standardization,
    is_batch,
    pixels,
    prewhiten,
    size,
)
from mtcnn_rt.compat._facenet_module import ModuleMethods
from mtcnn_rt.compat._factor import check_factor
from mtcnn_rt.compat._torch import torch

__all__ = ["MTCNN", "extract_face", "fixed_image_standardization", "prewhiten"]

_OTHERS = ("InceptionResnetV1", "PNet", "RNet", "ONet", "training")
"""Names of facenet-pytorch that have no stand-in."""


def __getattr__(name: str) -> Any:
    """Returns what only facenet-pytorch has, from there.

    Raises:
        ImportError: facenet-pytorch is not installed.
        AttributeError: It does not have the name either.
    """
    if name not in _OTHERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        import facenet_pytorch
    except ImportError as error:
        raise ImportError(
            f"{name} has no stand-in, it is facenet-pytorch's own: pip install facenet-pytorch "
            f"({error})"
        ) from error
    return getattr(facenet_pytorch, name)


class MTCNN(ModuleMethods):
    """Finds faces and cuts them out, as `facenet_pytorch.MTCNN` does.

    The networks run in the C++ core on the CPU, whatever the device. PyTorch is imported only where
    tensors are returned: by calling the object and by `extract`, not by `detect`.

    Args:
        image_size: Side of the faces that are cut out, in pixels.
        margin: Pixels of the cut face to show beyond the box, both sides together, less than
            `image_size`.
        min_face_size: The smallest face to find, in pixels, at least 1; below 12 the image is
            enlarged.
        thresholds: Face probabilities of the three networks, 0 to 1.
        factor: Scale of a level of the image pyramid over that of the level before, above 0 and at
            most 0.999.
        post_process: Return (pixel - 127.5) / 128 instead of 0 to 255.
        select_largest: Put the largest face first, instead of the most probable one.
        selection_method: Choice of the one face that is cut out: "largest", "probability",
            "center_weighted_size" or "largest_over_threshold"; None follows `select_largest`.
        keep_all: Cut all faces out.
        device: The device to name as `device`; it is not used.

    Raises:
        ValueError: An argument is out of its range.
        TypeError: An argument has another type.
    """

    def __init__(
        self,
        image_size: int = 160,
        margin: float = 0,
        min_face_size: float = 20,
        thresholds: Sequence[float] = (0.6, 0.7, 0.7),
        factor: float = 0.709,
        post_process: bool = True,
        select_largest: bool = True,
        selection_method: str | None = None,
        keep_all: bool = False,
        device: Any = None,
    ) -> None:
        least = number("min_face_size", min_face_size)
        if least < 1:
            raise ValueError(f"min_face_size: {min_face_size} is less than 1 pixel")
        check_thresholds(thresholds)
        check_factor("factor", factor)
        check_crop(image_size, margin)
        self.image_size = image_size
        self.margin = margin
        self.min_face_size = min_face_size
        self.thresholds = list(thresholds)
        self.factor = factor
        self.post_process = post_process
        self.select_largest = select_largest
        self.selection_method = selection_method or ("largest" if select_largest else "probability")
        self.keep_all = keep_all
        super().__init__(device)

    def __call__(self, img: Any, save_path: Any = None, return_prob: bool = False) -> Any:
        """Finds faces and cuts them out; see `forward`."""
        return self.forward(img, save_path, return_prob)

    def forward(self, img: Any, save_path: Any = None, return_prob: bool = False) -> Any:
        """Finds faces and cuts them out.

        Args:
            img: As for `detect`.
            save_path: File to write the face to; with `keep_all` the others get _2, _3, ...; a list
                of names for several images. Files that exist are replaced.
            return_prob: Return the probabilities as well.

        Returns:
            A tensor (3, image_size, image_size); with `keep_all` (N, 3, image_size, image_size);
            None without a face; a list of these for several images. With `return_prob` a pair of
            this and the probabilities.

        Raises:
            MissingPackageError: PyTorch is not installed; an ImportError.
        """
        boxes, probs, points = self.detect(img, landmarks=True)
        if not self.keep_all:
            boxes, probs, points = self.select_boxes(
                boxes, probs, points, img, method=self.selection_method
            )
        faces = self.extract(img, boxes, save_path)
        return (faces, probs) if return_prob else faces

    def detect(self, img: Any, landmarks: bool = False) -> tuple[Any, ...]:
        """Finds the faces of an image, or of several.

        Args:
            img: A PIL image, or an array or a tensor (H, W, 3) of any number type, RGB, 0 to 255; a
                list of these, of any sizes, or an array or a tensor (N, H, W, 3).
            landmarks: Return the landmarks as well.

        Returns:
            Boxes (N, 4), probabilities (N,) and, with `landmarks`, points (N, 5, 2), in arrays of
            objects; None, [None] and None without a face. For several images arrays of these.

        Raises:
            ValueError: An image has another shape, or is something else, or there is none.
        """
        found = [self._detect(pixels(one)) for one in (img if is_batch(img) else [img])]
        if not found:
            raise ValueError("img: the list has no images")
        boxes, probs, points = (
            np.array(list(one), dtype=object) for one in zip(*found, strict=True)
        )
        if not is_batch(img):
            boxes, probs, points = boxes[0], probs[0], points[0]
        return (boxes, probs, points) if landmarks else (boxes, probs)

    def select_boxes(
        self,
        all_boxes: Any,
        all_probs: Any,
        all_points: Any,
        imgs: Any,
        method: str = "probability",
        threshold: float = 0.9,
        center_weight: float = 2.0,
    ) -> tuple[Any, Any, Any]:
        """Chooses one face of each image.

        Args:
            all_boxes: The boxes that `detect` returned.
            all_probs: The probabilities that it returned.
            all_points: The points that it returned.
            imgs: The image or images that it was given.
            method: "probability", "largest", "largest_over_threshold" or "center_weighted_size".
            threshold: Probability to exceed with "largest_over_threshold".
            center_weight: Weight of the squared distance from the image's center with
                "center_weighted_size".

        Returns:
            Boxes (1, 4), the probability, and points (1, 5, 2); for several images arrays of these.

        Raises:
            ValueError: The method is another one.
        """
        batch = is_batch(imgs)
        given = (all_boxes, all_probs, all_points, imgs)
        if not batch:
            given = ([all_boxes], [all_probs], [all_points], [imgs])
        found: list[tuple[Any, Any, Any]] = []
        for boxes, probs, points, image in zip(*given, strict=True):
            none = boxes is None
            index = (
                None
                if none
                else chosen(boxes, probs, size(image), method, threshold, center_weight)
            )
            if index is None:
                found.append((None, [None], None))
            else:
                found.append(tuple(np.array(one)[[index]] for one in (boxes, probs, points)))  # type: ignore[arg-type]
        if not batch:
            boxes, probs, points = found[0]
            return boxes, probs[0], points
        boxes, probs, points = (_as_array(list(one)) for one in zip(*found, strict=True))
        return boxes, probs, points

    def extract(self, img: Any, batch_boxes: Any, save_path: Any) -> Any:
        """Cuts faces out.

        Args:
            img: The image or images that `detect` was given.
            batch_boxes: The boxes that it, or `select_boxes`, returned.
            save_path: As for `forward`.

        Returns:
            As `forward` without `return_prob`.

        Raises:
            MissingPackageError: PyTorch is not installed; an ImportError.
        """
        if not is_batch(img):
            return self._extract(img, batch_boxes, _first_path(save_path))
        paths = [None] * len(img) if save_path is None else save_path
        paths = [paths] if isinstance(paths, (str, os.PathLike)) else paths
        return [self._extract(*one) for one in zip(img, batch_boxes, paths)]  # noqa: B905

    def _detect(self, image: NDArray[Any]) -> tuple[Any, Any, Any]:
        boxes, probs, points = _facenet_cascade.detect(
            image, self.min_face_size, self.thresholds, self.factor
        )
        if len(boxes) == 0:
            return None, [None], None
        if self.select_largest:
            order = np.argsort(areas(boxes))[::-1]
            boxes, probs, points = boxes[order], probs[order], points[order]
        return boxes, probs, points

    def _extract(self, image: Any, boxes: Any, path: Any) -> Any:
        if boxes is None:
            return None
        # The package refuses other PIL images. A tensor has a method `mode`.
        if hasattr(image, "convert") and image.mode != "RGB":
            image = image.convert("RGB")
        faces = []
        for index, box in enumerate(boxes if self.keep_all else boxes[:1]):
            file = None if path is None else _numbered(os.fspath(path), index)
            face = extract_face(image, box, self.image_size, self.margin, file)
            faces.append(fixed_image_standardization(face) if self.post_process else face)
        return torch().stack(faces) if self.keep_all else faces[0]


def _first_path(path: Any) -> Any:
    return path[0] if isinstance(path, (list, tuple)) else path


def _numbered(path: str, index: int) -> str:
    stem, extension = os.path.splitext(path)
    return path if index == 0 else f"{stem}_{index + 1}{extension}"


def _as_array(items: list[Any]) -> NDArray[Any]:
    """Returns an array of numbers where all images have a face, else of objects."""
    try:
        return np.array(items)
    except ValueError:  # some images have a face
        result = np.empty(len(items), object)
        result[:] = items
        return result

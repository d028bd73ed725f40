"""Runs single-shot networks with onnxruntime, and finishes what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._comparison.single_shot.choice import DetectFaces
from mtcnn_rt.faces import Faces

STRIDE = 32
"""The number that both sides of a network's input are multiples of."""


class OnnxNetwork:
    """Runs one network file.

    Args:
        path: The ONNX file. Its input takes images of any size, (1, 3, H, W) float32.
        threads: The number of threads.
        outputs: The names of the outputs that are read; None reads all.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no network, it takes one size only, or it lacks an output.
    """

    def __init__(self, path: Path, threads: int, outputs: tuple[str, ...] | None = None) -> None:
        import onnxruntime

        from mtcnn_rt.engines.onnx import PROVIDERS, session_options

        content = path.read_bytes()
        try:
            self._session = onnxruntime.InferenceSession(
                content, session_options(threads), providers=[PROVIDERS["cpu"]]
            )
        except Exception as error:  # onnxruntime raises classes of its own
            raise ValueError(f"{path}: not a network that can be read: {error}") from error
        [first, *_] = self._session.get_inputs()
        if any(isinstance(side, int) for side in first.shape[2:]):
            raise ValueError(f"{path}: takes images of one size, {first.shape}, not of any size")
        there_is = tuple(output.name for output in self._session.get_outputs())
        self._names = outputs or there_is
        if missing := [name for name in self._names if name not in there_is]:
            raise ValueError(
                f"{path}: has no output {missing[0]!r}, but {', '.join(there_is)}: "
                "a network of another kind"
            )
        self._input = first.name

    @property
    def output_count(self) -> int:
        """The number of outputs that are read."""
        return len(self._names)

    def run(self, blob: Float32) -> dict[str, Float32]:
        """Returns the outputs by name.

        Args:
            blob: The input, (1, 3, H, W).
        """
        return dict(
            zip(self._names, self._session.run(list(self._names), {self._input: blob}), strict=True)
        )


def new_detector(
    network: OnnxNetwork,
    as_input: Callable[[Pixels], Float32],
    decode: Callable[[Mapping[str, Float32], tuple[int, int]], Faces],
    max_iou: float,
) -> DetectFaces:
    """Makes a detector of a network that takes images whose sides are multiples of `STRIDE`.

    Args:
        network: The network.
        as_input: Converts the padded image to the network's input; see `blob`.
        decode: Converts the outputs, by name, and the height and width of the input to faces.
        max_iou: The IoU above which the box with the lower score is dropped.
    """

    def detect(image: Pixels) -> Faces:
        larger = padded(image)
        found = decode(network.run(as_input(larger)), larger.shape[:2])
        return finish(found, max_iou, image.shape[:2])

    return detect


def padded(image: Pixels) -> Pixels:
    """Returns an image with black below and at the right, up to multiples of `STRIDE`."""
    height, width = image.shape[:2]
    below, right = -height % STRIDE, -width % STRIDE
    if not below and not right:
        return image
    return np.asarray(cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT), np.uint8)


def blob(
    image: Pixels, *, rgb: bool = False, mean: tuple[float, float, float] = (0, 0, 0), by: float = 1
) -> Float32:
    """Converts an image to a network's input.

    Args:
        image: The image, (H, W, 3) BGR.
        rgb: True for the channel order RGB, False for BGR.
        mean: Numbers that are subtracted, in the order of the channels.
        by: The number that the differences are divided by.

    Returns:
        The input, (1, 3, H, W).
    """
    return np.asarray(cv2.dnn.blobFromImage(image, 1 / by, (0, 0), mean, swapRB=rgb), np.float32)


def finish(found: Faces, max_iou: float, size: tuple[int, int]) -> Faces:
    """Keeps the best of the boxes that overlap, and cuts the boxes off at the image's edges.

    Args:
        found: What a network finds, in any order.
        max_iou: The IoU above which the box with the lower score is dropped.
        size: The height and width of the image in pixels.

    Returns:
        The faces, best score first. A box that is outside the image is dropped.
    """
    if not len(found):
        return Faces.empty()
    boxes, scores = (np.ascontiguousarray(one, np.float32) for one in (found.boxes, found.scores))
    kept = found[_native.Nms()(boxes, scores, max_iou)]
    height, width = size
    clipped = np.clip(kept.boxes, 0, np.array([width, height] * 2, np.float32))
    inside = (clipped[:, 2:] > clipped[:, :2]).all(axis=1)
    return Faces(clipped, kept.scores, kept.landmarks)[inside]

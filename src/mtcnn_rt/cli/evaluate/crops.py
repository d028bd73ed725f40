"""Crops the worst mistakes of the detectors for the report, with boxes drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtcnn_rt._arrays import Boxes, Pixels
    from mtcnn_rt.annotations import Annotated
    from mtcnn_rt.evaluation.judging import JudgedImage
    from mtcnn_rt.evaluation.mistakes import Mistake
    from mtcnn_rt.evaluation.ranking import Selection
    from mtcnn_rt.evaluation.report import Mistakes

SHOWN = 24
"""The most crops of one kind of mistake of one detector."""
SIDE = 240
"""Pixels of the sides of a crop."""
CONTEXT = 3
"""The side of a crop over the longer side of the box in its middle."""

# BGR
FACE, IGNORED, FOUND = (60, 180, 40), (150, 150, 150), (50, 50, 230)


def mistakes_of(
    images: Sequence[Annotated],
    judged: Mapping[str, Sequence[JudgedImage]],
    thresholds: Mapping[str, float],
    selection: Selection,
    min_iou: float,
) -> list[Mistakes]:
    """Crops the worst misses and false alarms of each detector.

    Args:
        images: The annotated images.
        judged: The same images with what each detector found, by the name of the detector.
        thresholds: The least scores of detections, by the name of the detector; 0 without one.
        selection: The faces that count.
        min_iou: The IoU from which a face is found.

    Returns:
        Two kinds of mistakes for each detector.
    """
    from mtcnn_rt.evaluation.mistakes import above, misses_and_false_alarms
    from mtcnn_rt.evaluation.report import Mistakes

    groups = []
    for name, of_one in judged.items():
        threshold = thresholds.get(name, 0.0)
        kept = [above(image, threshold) for image in of_one]
        missed, alarms = misses_and_false_alarms(of_one, selection, min_iou, threshold)
        for kind, found in (("missed faces", missed), ("false alarms", alarms)):
            title = f"{name}: {kind}, {len(found)} in all"
            crops = [_crop(images, kept, selection, one) for one in found[:SHOWN]]
            groups.append(Mistakes(title, crops))
    return groups


def _crop(
    images: Sequence[Annotated],
    judged: Sequence[JudgedImage],
    selection: Selection,
    mistake: Mistake,
) -> tuple[str, bytes]:
    import cv2

    annotated, image = images[mistake.image], judged[mistake.image]
    counted = selection.counted(image)
    layers = [
        (image.boxes[~counted], IGNORED),
        (image.boxes[counted], FACE),
        (image.found, FOUND),
    ]
    drawn = _draw(annotated.read(), mistake.box, layers)
    return _caption(annotated.name, mistake), cv2.imencode(".jpg", drawn)[1].tobytes()


def _caption(name: str, mistake: Mistake) -> str:
    height = f"{mistake.box[3] - mistake.box[1]:.0f} px high"
    if mistake.score is None:
        return f"{name}: {height}, nearest detection at IoU {mistake.overlap:.2f}"
    return f"{name}: score {mistake.score:.3f}, {height}, nearest face at IoU {mistake.overlap:.2f}"


def _draw(
    image: Pixels, box: Boxes, layers: Sequence[tuple[Boxes, tuple[int, int, int]]]
) -> Pixels:
    """Returns a square around a box, `SIDE` pixels long, with boxes drawn in their colors."""
    import cv2
    import numpy as np

    center, side = (box[:2] + box[2:]) / 2, CONTEXT * max(box[2:] - box[:2])
    scale = SIDE / max(float(side), 1.0)
    corner = center - side / 2
    move = np.array([[scale, 0, -scale * corner[0]], [0, scale, -scale * corner[1]]], np.float64)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    drawn = cv2.warpAffine(image, move, (SIDE, SIDE), flags=interpolation)
    for boxes, color in layers:
        for x1, y1, x2, y2 in np.rint((boxes - np.tile(corner, 2)) * scale).astype(int).tolist():
            cv2.rectangle(drawn, (x1, y1), (x2, y2), color, 2)
    return np.asarray(drawn, np.uint8)

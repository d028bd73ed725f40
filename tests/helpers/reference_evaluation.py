"""Implements the evaluations of WIDER FACE and FDDB a second time, slowly and plainly.

There is one loop for each sentence of their descriptions (the evaluation tools of WIDER FACE;
UM-CS-2010-009 for FDDB), written independently of the package's code.
"""

from itertools import permutations

import numpy as np


def wider(images, thresholds=1000):
    """Computes WIDER FACE's average precision.

    Args:
        images: Dictionaries with `faces` [x, y, width, height], `counted`, indices of faces, and
            `found` [x, y, width, height, score].
        thresholds: The number of thresholds.

    Returns:
        Average precision, and the curve as pairs of recall and precision.
    """
    images = _normalize(images)
    faces = sum(len(image["counted"]) for image in images)
    points = []
    for step in range(1, thresholds + 1):
        threshold = 1 - step / thresholds
        detections = hits = 0
        for image in images:
            if image["faces"] and image["found"]:
                some_detections, some_hits = _count_above(image, threshold)
                detections += some_detections
                hits += some_hits
        points.append((hits / faces, hits / detections if detections else None))
    return _area(points), points


def _normalize(images):
    """Spreads scores over 0 to 1, in single precision as in the tools."""
    scores = [np.float32(detection[4]) for image in images for detection in image["found"]]
    low, high = min(scores, default=0), max(scores, default=1)
    normalized = []
    for image in images:
        found = [
            [*box[:4], float((np.float32(box[4]) - low) / (high - low))] for box in image["found"]
        ]
        found.sort(key=lambda detection: -detection[4])
        normalized.append({**image, "found": found})
    return normalized


def _count_above(image, threshold):
    """Counts detections from `threshold` up that are not dropped, and the faces that they find."""
    found_faces = set()
    detections = 0
    for detection in image["found"]:
        if detection[4] < threshold:
            break
        overlaps = [_overlap(detection, face) for face in image["faces"]]
        best = overlaps.index(max(overlaps))
        if overlaps[best] < 0.5:
            detections += 1  # a false positive
        elif best in image["counted"]:
            detections += 1  # the second one on a face is a false positive, too
            found_faces.add(best)
    return detections, len(found_faces)


def _overlap(one, other):
    """Returns the IoU of boxes whose last row and column are y + height and x + width."""
    sides = [
        min(one[i] + one[i + 2], other[i] + other[i + 2]) - max(one[i], other[i]) + 1
        for i in (0, 1)
    ]
    if min(sides) <= 0:
        return 0
    common = sides[0] * sides[1]
    areas = [(box[2] + 1) * (box[3] + 1) for box in (one, other)]
    return common / (sum(areas) - common)


def _area(points):
    """Returns VOC's area: each step of the recall times the best precision from there on."""
    points = [*points, (1, 0)]
    total, before = 0, 0
    for index, (recall, _) in enumerate(points):
        best = max(precision or 0 for _, precision in points[index:])
        total += (recall - before) * best
        before = recall
    return total


def fddb(images):
    """Computes FDDB's curves.

    Args:
        images: Pairs of overlaps (M, N) and scores (M,).

    Returns:
        A row for each threshold, falling: threshold, false positives, discrete and continuous rate.
    """
    faces = sum(np.shape(overlaps)[1] for overlaps, _ in images)
    rows = []
    for threshold in sorted({score for _, scores in images for score in scores}, reverse=True):
        detections = discrete = 0
        continuous = 0.0
        for overlaps, scores in images:
            left = np.asarray(overlaps)[np.asarray(scores) >= threshold]
            pairs = _best_pairs(left)
            detections += len(left)
            discrete += sum(overlap > 0.5 for overlap in pairs)
            continuous += sum(pairs)
        rows.append((threshold, detections - discrete, discrete / faces, continuous / faces))
    return rows


def _best_pairs(overlaps):
    """Returns the overlaps of the pairs with the greatest sum, of all ways to pair."""
    rows, columns = overlaps.shape
    size = max(rows, columns)
    square = np.zeros((size, size))
    square[:rows, :columns] = overlaps
    ways = ([square[i, j] for i, j in enumerate(way)] for way in permutations(range(size)))
    return max(ways, key=sum)


def pixels(region, size):
    """Returns the pixels whose center is in a region, without any rounding of the region.

    Args:
        region: A rectangle (x, y, width, height; last row and column included) or an ellipse (two
            radii, angle, center).
        size: Height and width of the image.
    """
    inside = set()
    for y in range(size[0]):
        for x in range(size[1]):
            if len(region) == 4:
                left, top, width, height = region
                is_in = left <= x <= left + width and top <= y <= top + height
            else:
                first, second, angle, center_x, center_y = region
                dx, dy = x - center_x, y - center_y
                along = dx * np.cos(angle) + dy * np.sin(angle)
                across = dy * np.cos(angle) - dx * np.sin(angle)
                is_in = (along / first) ** 2 + (across / second) ** 2 <= 1
            if is_in:
                inside.add((x, y))
    return inside


def average_precision(images, min_height=20):
    """Computes plain average precision at IoU 0.5, and recall.

    Args:
        images: Triples of the annotated boxes, the boxes found (both x1 y1 x2 y2) and their scores.
        min_height: The least height of a box that counts.
    """
    outcomes, faces = [], 0
    for annotated, found, scores in images:
        counted = [box for box in annotated if box[3] - box[1] >= min_height]
        ignored = [box for box in annotated if box[3] - box[1] < min_height]
        faces += len(counted)
        free = list(counted)
        for score, box in sorted(zip(scores, found, strict=True), key=lambda pair: -pair[0]):
            best = max(free, key=lambda face: _iou(box, face), default=None)
            if best is not None and _iou(box, best) >= 0.5:
                free = [face for face in free if face is not best]
                outcomes.append((score, True))
            elif not any(_iou(box, face) >= 0.5 for face in ignored):
                outcomes.append((score, False))
    outcomes.sort(key=lambda outcome: -outcome[0])
    points, hits = [], 0
    for rank, (_, hit) in enumerate(outcomes, start=1):
        hits += hit
        points.append((hits / faces, hits / rank))
    return _area(points), points[-1][0]


def _iou(one, other):
    sides = [min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1)]
    common = max(0, sides[0]) * max(0, sides[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return common / (sum(areas) - common)

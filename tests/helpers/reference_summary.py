"""Computes the numbers of `evaluate boxes` a second time, slowly: one loop for each sentence.

An image is a dictionary: `boxes` and `found` (x1 y1 x2 y2), `labels`, `ignored` and `scores`.
"""

from helpers.reference_evaluation import _area, _iou


def outcomes(image, label=None, low=20, below=float("inf"), own_size_only=False):
    """Returns (score, True for a hit) of the detections that are not dropped."""
    counted, ignored = [], []
    for box, name, left_out in zip(image["boxes"], image["labels"], image["ignored"], strict=True):
        counts = not left_out and label in (None, name) and low <= box[3] - box[1] < below
        (counted if counts else ignored).append(box)
    free, result = list(counted), []
    for score, box in sorted(
        zip(image["scores"], image["found"], strict=True), key=lambda pair: -pair[0]
    ):
        other_size = own_size_only and not low <= box[3] - box[1] < below
        best = max(free, key=lambda face: _iou(box, face), default=None)
        if best is not None and _iou(box, best) >= 0.5:
            free = [face for face in free if face is not best]
            result.append((score, True))
        elif not other_size and all(_iou(box, face) < 0.5 for face in ignored):
            result.append((score, False))
    return result, len(counted)


def numbers(images, **selection):
    """Returns all numbers of a list of images, in which an image may be several times."""
    judged = [outcomes(image, **selection) for image in images]
    faces = sum(count for _, count in judged)
    ranked = sorted((one for some, _ in judged for one in some), key=lambda one: -one[0])
    points, hits = [], 0
    for rank, (_, hit) in enumerate(ranked, start=1):
        hits += hit
        points.append((hits / faces, hits / rank))
    found = {"faces": faces, "AP": _area(points), "recall": points[-1][0] if points else 0}
    for most in (10, 50, 100):
        found[f"recall at {most} FP"] = 0
    found |= {"best F1": 0, "threshold": None}
    for threshold in sorted({score for score, _ in ranked}, reverse=True):
        hits = sum(hit for score, hit in ranked if score >= threshold)
        wrong = sum(not hit for score, hit in ranked if score >= threshold)
        for most in (10, 50, 100):
            if wrong <= most:
                name = f"recall at {most} FP"
                found[name] = max(found[name], hits / faces)
        if hits:
            precision, recall = hits / (hits + wrong), hits / faces
            f1 = 2 * precision * recall / (precision + recall)
            if f1 > found["best F1"] + 1e-12:
                found |= {"best F1": f1, "threshold": threshold}
    return found

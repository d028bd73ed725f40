"""The cascade again, slow and obvious, in NumPy: what the C++ core is tested against.

Written from the paper (arXiv 1604.02878) and the authors' conventions, not from the C++ code. Boxes
are x1 y1 x2 y2 in continuous pixel coordinates.
"""

from __future__ import annotations

import numpy as np


def iou(box, boxes):
    """Intersection over union of a box and each of others."""
    common = _intersection(box, boxes)
    return common / (_area(box) + _area(boxes) - common)


def over_smaller(box, boxes):
    return _intersection(box, boxes) / np.minimum(_area(box), _area(boxes))


def _intersection(box, boxes):
    sides = np.minimum(box[2:], boxes[..., 2:]) - np.maximum(box[:2], boxes[..., :2])
    return np.prod(np.maximum(sides, 0), axis=-1)


def _area(boxes):
    return np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1)


def nms(boxes, scores, threshold, over="union"):
    overlap = iou if over == "union" else over_smaller
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    waiting = np.array(sorted(range(len(boxes)), key=lambda i: (-scores[i], i)), int)
    kept = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(best)
        waiting = waiting[overlap(boxes[best], boxes[waiting]) <= threshold]
    return kept


def pyramid(height, width, min_face_size, scale_factor, max_face_size=np.inf):
    levels = []
    k = 0
    while True:
        scale = 12 / min_face_size * scale_factor**k
        if min(height, width) * scale < 12 or 12 / scale > max_face_size:
            return levels
        levels.append(tuple(int(np.ceil(round(side * scale, 6))) for side in (height, width)))
        k += 1


def averaging_matrix(begin, end, count, size):
    """(count, size): the share of each output interval that each source pixel covers."""
    edges = np.linspace(begin, end, count + 1)[:, np.newaxis]
    pixels = np.arange(size)
    covered = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    return np.maximum(covered, 0) / (edges[1:] - edges[:-1])


def area_average(image_rgb, box, height, width):
    """The box of the image as (3, height, width), each pixel the mean over what it covers."""
    rows = averaging_matrix(box[1], box[3], height, image_rgb.shape[0])
    columns = averaging_matrix(box[0], box[2], width, image_rgb.shape[1])
    return np.einsum("ij,jkc,lk->cil", rows, image_rgb.astype(np.float64), columns, optimize=True)


def resize(image_rgb, height, width):
    whole = (0, 0, image_rgb.shape[1], image_rgb.shape[0])
    return area_average(image_rgb, whole, height, width)


def halved(image_rgb):
    """Means of 2 x 2 pixels, rounded, one half up; of those that exist at odd edges."""
    rows, columns = image_rgb.shape[0] % 2, image_rgb.shape[1] % 2
    even = np.pad(image_rgb.astype(int), ((0, rows), (0, columns), (0, 0)), mode="edge")
    sums = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return ((sums + 2) // 4).astype(np.uint8)


def level(image_rgb, height, width):
    """Of the pyramid: from the image halved as often as leaves 3 x 3 pixels for each of its own."""
    image_height, image_width = image_rgb.shape[:2]
    while image_height >= 6 * height and image_width >= 6 * width:
        image_rgb, image_height, image_width = halved(image_rgb), image_height / 2, image_width / 2
    return area_average(image_rgb, (0, 0, image_width, image_height), height, width)


def candidates(cells, threshold, scale):
    """P-Net's cells above the threshold: [box, score, regression], in row order.

    The authors' generateBoundingBox: cell (x, y), counted from 0, covers pixels 2 x + 1 to 2 x + 12
    of the level, counted from 1; divided by the scale they are pixels of the image, counted from 1
    and inclusive. Without their rounding."""
    found = []
    for y in range(cells.shape[1]):
        for x in range(cells.shape[2]):
            score = sigmoid(cells[0, y, x])
            if score > threshold:
                first = np.array([2 * x + 1, 2 * y + 1]) / scale[::-1]
                last = np.array([2 * x + 12, 2 * y + 12]) / scale[::-1]
                found.append(([*(first - 1), *last], score, cells[1:, y, x]))
    return found


def sigmoid(logit):
    return 1 / (1 + np.exp(-np.float64(logit)))


def calibrate(box, regression):
    width, height = box[2] - box[0], box[3] - box[1]
    return np.asarray(box) + np.asarray(regression) * [width, height, width, height]


def square(box):
    side = max(box[2] - box[0], box[3] - box[1])
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return np.array([x - side / 2, y - side / 2, x + side / 2, y + side / 2])


def logit(probability):
    return np.log(probability / (1 - probability))


def fused(logits, score):
    """Returns the score of a face by a score model, as in model.json, from the networks' logits."""
    total = score["bias"]
    for weight, value in zip(score["weights"], logits, strict=True):
        total += weight * min(max(value, -16), 16)
    return sigmoid(total)


def detect(
    image_rgb,
    networks,
    min_face_size,
    thresholds=(0.6, 0.7, 0.7),
    box_offset=0.0,
    score=None,
    nms_after_calibration=None,
    nms_output=None,
    sure_score=None,
    cnet_crop=None,
    lnet_crop=None,
):
    """The whole cascade: list of (box, score, landmarks (5, 2)), best first.

    networks: callables pnet, rnet, onet as in `mtcnn_rt.engines.Engine`; score,
    nms_after_calibration, nms_output, sure_score, cnet_crop and lnet_crop: as in model.json; with
    the last two, networks also have cnet and lnet."""
    proposals = _propose(image_rgb, networks.pnet, min_face_size, thresholds[0])
    proposals = _refine(image_rgb, proposals, networks.rnet, thresholds[1], nms_after_calibration)
    if sure_score is not None:
        proposals = _until_sure(image_rgb, proposals, networks.onet, score, sure_score)
    least = thresholds[2] if cnet_crop is None else thresholds[2] / 10
    faces = _output(proposals, networks.onet, image_rgb, least, score, nms_output)
    faces = [(box + box_offset, *others) for box, *others in faces]
    if cnet_crop is not None:
        sure = np.inf if sure_score is None else sure_score
        faces = [_judged(image_rgb, face, networks.cnet, cnet_crop, score, sure) for face in faces]
        faces = _last_nms([face for face in faces if face[1] > thresholds[2]], nms_output)
    faces = [face[:3] for face in faces]
    if lnet_crop is not None:
        faces = [_landmarks(image_rgb, *face[:2], networks.lnet, lnet_crop) for face in faces]
    height, width = image_rgb.shape[:2]
    limits = [width, height, width, height]
    return [(np.clip(box, 0, limits), probability, points) for box, probability, points in faces]


def _propose(image, pnet, min_face_size, threshold):
    """The squares of P-Net, each with its logit in a list."""
    image_size = np.array(image.shape[:2])
    found = []
    for size in pyramid(*image_size, min_face_size, 0.709):
        cells = pnet(level(image, *size).astype(np.float32))
        of_level = candidates(cells, threshold, np.array(size) / image_size)
        kept = nms([box for box, _, _ in of_level], [score for _, score, _ in of_level], 0.5)
        found += [of_level[i] for i in kept]
    kept = nms([box for box, _, _ in found], [score for _, score, _ in found], 0.7)
    return [(square(calibrate(found[i][0], found[i][2])), [logit(found[i][1])]) for i in kept]


def _refine(image, proposals, rnet, threshold, nms_after_calibration):
    """The squares of R-Net, each with P-Net's and R-Net's logits in a list."""
    passed = []
    for box, logits in proposals:
        output = rnet(area_average(image, box, 24, 24)[np.newaxis].astype(np.float32))[0]
        if sigmoid(output[0]) > threshold:
            passed.append((box, calibrate(box, output[1:]), [*logits, output[0]]))
    scores = [sigmoid(logits[-1]) for _, _, logits in passed]
    if nms_after_calibration is None:
        kept = nms([box for box, _, _ in passed], scores, 0.7)
    else:
        kept = nms([calibrated for _, calibrated, _ in passed], scores, nms_after_calibration)
    return [(square(passed[i][1]), passed[i][2]) for i in kept]


def _until_sure(image, proposals, onet, score, sure_score):
    """The squares that O-Net sees: not those of a face of which the best one is sure."""
    boxes = [box for box, _ in proposals]
    best = nms(boxes, [logits[-1] for _, logits in proposals], 0.4)
    sure = []
    for i in best:
        crop = area_average(image, boxes[i], 48, 48)[np.newaxis].astype(np.float32)
        logits = [*proposals[i][1], onet(crop)[0][0]]
        if (sigmoid(logits[-1]) if score is None else fused(logits, score)) >= sure_score:
            sure.append(boxes[i])
    others = [
        i
        for i in range(len(boxes))
        if i not in best and all(iou(boxes[i], one[np.newaxis])[0] <= 0.4 for one in sure)
    ]
    return [proposals[i] for i in [*best, *others]]


def _judged(image, face, cnet, crop, score, sure):
    """The face; if the others are not sure, C-Net decides its score, and its box by 0.4."""
    box, probability, landmarks, logits = face
    if probability >= sure:
        return face
    corner, side, output = _seen_about(image, box, cnet, crop)
    *weights, bias = score["context"]
    total = bias
    for weight, value in zip(weights, [*logits, output[0]], strict=True):
        total += weight * min(max(value, -16), 16)
    square_about = np.concatenate([corner, corner + side])
    mixed = 0.6 * box + 0.4 * calibrate(square_about, output[1:5])
    return mixed, sigmoid(total), landmarks, logits


def _landmarks(image, box, probability, lnet, crop):
    """The face, whose landmarks L-Net places in a square about it."""
    corner, side, output = _seen_about(image, box, lnet, crop)
    return box, probability, corner + output[5:].reshape(5, 2) * side


def _seen_about(image, box, network, crop):
    """Corner and side of a square about a box, and what a network outputs for its crop."""
    square_box = square(box)
    center, side = (square_box[:2] + square_box[2:]) / 2, (square_box[2] - square_box[0]) * crop
    corner = center - side / 2
    pixels = area_average(image, np.concatenate([corner, corner + side]), 48, 48)
    return corner, side, network(pixels[np.newaxis].astype(np.float32))[0]


def _output(proposals, onet, image, threshold, score, nms_output):
    faces = []
    for box, logits in proposals:
        output = onet(area_average(image, box, 48, 48)[np.newaxis].astype(np.float32))[0]
        logits = [*logits, output[0]]
        probability = sigmoid(output[0]) if score is None else fused(logits, score)
        if probability > threshold:
            landmarks = box[:2] + output[5:].reshape(5, 2) * (box[2:] - box[:2])
            faces.append((calibrate(box, output[1:5]), probability, landmarks, logits))
    return _last_nms(faces, nms_output)


def _last_nms(faces, nms_output):
    """The faces that stay, best first."""
    overlap = (0.7, "smaller") if nms_output is None else (nms_output, "union")
    kept = nms([face[0] for face in faces], [face[1] for face in faces], *overlap)
    return [faces[i] for i in kept]

"""Decodes the outputs of single-shot networks a second time, slowly: one loop for each cell.

Written from the descriptions of the networks' outputs, not from the package's code. Images are
BGR. Every function returns a list of (box x1 y1 x2 y2, score, landmarks) before NMS.
"""

from math import exp, sqrt

import numpy as np

from helpers.reference import nms

STRIDES = (8, 16, 32)


def pad(image):
    """Adds black pixels at the right and bottom up to multiples of 32."""
    height, width, _ = image.shape
    larger = np.zeros((-(-height // 32) * 32, -(-width // 32) * 32, 3), np.uint8)
    larger[:height, :width] = image
    return larger


def planes(image, rgb=False, mean=(0, 0, 0), by=1):
    """Returns the input (1, 3, H, W): (value - mean) / by, the mean in the order of the planes."""
    order = (2, 1, 0) if rgb else (0, 1, 2)
    return np.array([[(image[:, :, order[i]].astype(float) - mean[i]) / by for i in range(3)]])


def yunet(outputs, size, least):
    faces = []
    for stride in STRIDES:
        rows, columns = size[0] // stride, size[1] // stride
        for row in range(rows):
            for column in range(columns):
                cell = row * columns + column
                score = 1.0
                for part in ("cls", "obj"):
                    score *= min(max(float(outputs[f"{part}_{stride}"][0][cell][0]), 0), 1)
                if sqrt(score) < least:
                    continue
                dx, dy, w, h = map(float, outputs[f"bbox_{stride}"][0][cell])
                x, y = (column + dx) * stride, (row + dy) * stride
                w, h = exp(w) * stride, exp(h) * stride
                points = outputs[f"kps_{stride}"][0][cell]
                landmarks = [
                    ((column + points[2 * i]) * stride, (row + points[2 * i + 1]) * stride)
                    for i in range(5)
                ]
                box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
                faces.append((box, sqrt(score), landmarks))
    return faces


def scrfd(outputs, size, least):
    outputs = list(outputs.values())
    faces = []
    for level, stride in enumerate(STRIDES):
        scores, boxes, points = (outputs[level + 3 * part][0] for part in range(3))
        index = 0
        for row in range(size[0] // stride):
            for column in range(size[1] // stride):
                for _ in range(2):
                    x, y = column * stride, row * stride
                    left, up, right, down = (stride * float(v) for v in boxes[index])
                    if scores[index][0] >= least:
                        box = (x - left, y - up, x + right, y + down)
                        landmarks = [
                            (
                                x + stride * points[index][2 * i],
                                y + stride * points[index][2 * i + 1],
                            )
                            for i in range(5)
                        ]
                        faces.append((box, float(scores[index][0]), landmarks))
                    index += 1
    return faces


def centerface(outputs, size, least):
    heat, scale, offset, points = (v[0] for v in outputs.values())
    height, width = size
    faces = []
    for row in range(height // 4):
        for column in range(width // 4):
            if heat[0][row][column] < least:
                continue
            h, w = 4 * exp(scale[0][row][column]), 4 * exp(scale[1][row][column])
            y = (row + float(offset[0][row][column]) + 0.5) * 4
            x = (column + float(offset[1][row][column]) + 0.5) * 4
            left = min(max(x - w / 2, 0), width)
            top = min(max(y - h / 2, 0), height)
            landmarks = [
                (left + w * points[2 * i + 1][row][column], top + h * points[2 * i][row][column])
                for i in range(5)
            ]
            box = (left, top, min(left + w, width), min(top + h, height))
            faces.append((box, float(heat[0][row][column]), landmarks))
    return faces


def retinaface(outputs, size, least, sides=((10, 20), (32, 64), (128, 256))):
    loc, conf, points = (outputs[name][0] for name in ("loc", "conf", "landms"))
    faces = []
    index = 0
    for stride, pair in zip(STRIDES, sides, strict=True):
        for row in range(size[0] // stride):
            for column in range(size[1] // stride):
                for side in pair:
                    x, y = (column + 0.5) * stride, (row + 0.5) * stride
                    score = float(conf[index][1])
                    if score >= least:
                        dx, dy, w, h = map(float, loc[index])
                        cx, cy = x + dx * 0.1 * side, y + dy * 0.1 * side
                        w, h = side * exp(0.2 * w), side * exp(0.2 * h)
                        landmarks = [
                            (x + p * 0.1 * side, y + q * 0.1 * side)
                            for p, q in points[index].reshape(5, 2)
                        ]
                        box = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
                        faces.append((box, score, landmarks))
                    index += 1
    return faces


def retinaface_large(outputs, size, least):
    return retinaface(outputs, size, least, ((16, 32), (64, 128), (256, 512)))


def finish(faces, max_iou, size):
    """Runs NMS, cuts off at the image's edges and drops what is outside."""
    height, width = size
    kept = nms([box for box, *_ in faces], [score for _, score, _ in faces], max_iou)
    finished = []
    for index in kept:
        (x1, y1, x2, y2), score, landmarks = faces[index]
        box = [min(max(v, 0), limit) for v, limit in ((x1, width), (y1, height))]
        box += [min(max(v, 0), limit) for v, limit in ((x2, width), (y2, height))]
        if box[2] > box[0] and box[3] > box[1]:
            finished.append((box, score, landmarks))
    return finished


def iou_of(kind):
    return {"yunet": 0.45, "scrfd": 0.4, "centerface": 0.3}.get(kind, 0.4)

"""Writes small data sets that WIDER FACE's and FDDB's own evaluation programs were run on.

Every image has one difficulty in which evaluations differ. WIDER FACE's are followed by random
images, one for each of the 61 events that its tool expects.
"""

import math
from pathlib import Path
from random import Random

import cv2
import numpy as np

from helpers.data_sets import block, write_fddb_folds, write_wider_detections, write_wider_truth

SETTINGS = ("easy", "medium", "hard")
EVENTS = 61


def write_wider(folder: Path) -> None:
    """Writes truth/, the ground truth, and two folders of detections.

    decisions/ has scores as those of a classifier's decision function, digits/ has scores of three
    digits from 0 to 1.
    """
    random = Random(1)
    images = [*_wider_by_hand(), *(_wider_at_random(random, i) for i in range(1, EVENTS))]
    (folder / "truth").mkdir()
    write_wider_truth(folder / "truth", images)
    for image in images:
        for kind, score in (("decisions", _decision), ("digits", _digits)):
            found = [[*box, score(value)] for *box, value in image["found"]]
            write_wider_detections(folder / kind, image["event"], image["name"], found)


def _decision(value):
    return round(7.3 * value - 2.45, 6)


def _digits(value):
    return round(value, 3)


def _wider_by_hand():
    def image(name, faces, found, easy=(), medium=(), hard=()):
        counted = {"easy": easy, "medium": medium, "hard": hard}
        return {"event": "0--Parade", "name": name, "faces": faces, "found": found, **counted}

    face = [100, 100, 60, 80]
    apart = [[i * 100, 0, 99, 99] for i in range(4)]
    return [
        image(
            "several_on_one_face",
            [face],
            [[105, 103, 58, 79, 0.91], [*face, 0.87], [97, 95, 64, 85, 0.4], [300, 9, 40, 40, 0.9]],
            *[[0]] * 3,
        ),
        image(
            "one_on_two_faces",  # at the same distance from both
            [[50, 50, 40, 50], [70, 50, 40, 50]],
            [[60, 50, 40, 50, 0.8], [70, 51, 40, 50, 0.7]],
            [1],
            [0],
            [0, 1],
        ),
        image(
            "equal_scores",
            apart,
            [[3, 0, 99, 99, 0.5], [0, 0, 99, 99, 0.5], [500, 0, 9, 9, 0.5], [*apart[1], 0.5]],
            *[[0, 1, 3]] * 3,
        ),
        image(
            "ignored_faces",
            apart,
            [*([*box, 0.95 - box[0] / 1000] for box in apart), [103, 3, 99, 99, 0.93]],
            [0],
            [0, 1],
            [0, 1, 2],
        ),
        image("all_ignored", apart[:2], [[*apart[0], 0.99], [50, 300, 30, 30, 0.65]], hard=[0]),
        image("nothing_found", apart[:2], [], [0], [0, 1], [0, 1]),
        image("no_faces", [], [[10, 10, 30, 30, 0.98], [50, 50, 30, 30, 0.1]]),
        image(
            "borderline_overlaps",  # 50, 49, 50.01 and 49.99 of 100 rows
            apart,
            [
                [x, 0, 99, height, 0.6]
                for (x, *_), height in zip(apart, (49, 48, 49.01, 48.99), strict=True)
            ],
            *[[0, 1, 2, 3]] * 3,
        ),
        image("over_the_edge", [[-10, -5, 40, 40]], [[-15.5, -8, 44, 45, 0.77]], *[[0]] * 3),
        image(
            "no_size",
            [[30, 30, 0, 0], [60, 60, 8, 0]],
            [[30, 30, 0, 0, 0.3], [60, 60, 3, 0, 0.2]],
            hard=[0, 1],
        ),
        image("highest_and_lowest", [face], [[*face, 1.0], [0, 0, 20, 20, 0.0]], *[[0]] * 3),
    ]


def _wider_at_random(random, number):
    """Returns an image with faces of 8 to 120 pixels, the large ones easy, and detections.

    Most faces have up to two detections near them; some detections are elsewhere.
    """

    def between(low, high):
        return round(low + (high - low) * random.random(), 1)

    def box():
        height = between(8, 120)
        return [between(0, 400), between(0, 300), round(0.8 * height, 1), height]

    def near(face):
        shift = 0.15 * face[3]
        return [round(value + between(-shift, shift), 1) for value in face]

    faces = [box() for _ in range(int(6 * random.random()))]
    around = [near(face) for face in faces for _ in range(int(3 * random.random()))]
    found = [[*one, 0.2 + 0.8 * random.random()] for one in around]
    found += [[*box(), 0.8 * random.random()] for _ in range(int(3 * random.random()))]
    least = dict(zip(SETTINGS, (60, 30, 12), strict=True))
    return {
        "event": f"{number}--Event",
        "name": f"{number}_Event_1",
        "faces": faces,
        "found": found,
        **{s: [i for i, face in enumerate(faces) if face[3] >= least[s]] for s in SETTINGS},
    }


SIZE = (240, 320)
# Name of an image: faces (two radii, angle, center) and detections (x, y, width, height, score).
FDDB = {
    "several_on_one_face": (
        [[61.3, 42.8, 1.45, 120.5, 110.25]],
        [[80, 50, 82, 121, 0.9], [75.5, 61.25, 90, 100, 0.7], [200, 20, 50, 60, 0.8]],
    ),
    "one_on_two_faces": (
        [[50, 34, 1.57, 100, 100], [50, 34, 1.57, 140, 100]],
        [[85.49999999, 52, 68, 96, 0.85], [104, 55, 70, 95, 0.6]],
    ),
    # The first detection prefers the first face, but the sum is greater if it takes the other.
    "greatest_sum": (
        [[52, 40, 1.57, 110, 120], [52, 40, 1.57, 150, 120]],
        [[89, 70, 80, 104, 0.75], [62, 70, 80, 104, 0.65]],
    ),
    "equal_scores": (
        [[30, 22, 1.3, 60, 60], [30, 22, -1.3, 160, 60], [30, 22, 1.57, 260, 60]],
        [[38, 30, 44, 60, 0.8], [138, 30, 44, 60, 0.8], [10, 150, 44, 60, 0.8]],
    ),
    "nothing_found": ([[40, 30, 1.5, 90, 90], [40, 30, 1.5, 200, 90]], []),
    "no_faces": ([], [[20, 20, 40, 40, 0.95], [100, 100, 40, 40, 0.3]]),
    "borderline_overlaps": (  # 0.50006, 0.49972 and exactly 0.5, which is not enough
        [[50, 50, 0, 60, 60], [50, 50, 0, 200, 60], [29, 29, 0, 100, 180]],
        [[17, 10, 86, 56, 0.55], [154, 10, 92, 55, 0.5], [68, 139, 65, 82, 0.52]],
    ),
    "rotated": (
        [[85.6, 45.55, -1.265839, 90.7, 120.8], [70.25, 38.5, 0.785, 230.5, 120.5]],
        [[45, 45, 95, 150, 0.88], [180, 66, 100, 110, 0.72]],
    ),
    "over_the_edge": (
        [[60, 45, 1.2, 5, 100], [50, 40, 1.57, 300, 230]],
        [[-45, 45, 95, 115, 0.82], [262, 182, 80, 100, 0.78], [-80, -80, 60, 60, 0.2]],
    ),
}


def write_fddb(folder: Path) -> None:
    """Writes folds/ with the ellipses in two folds, images/, and two files of detections.

    The detections are in rectangles.txt and ellipses.txt.
    """
    faces = {name: ones for name, (ones, _) in FDDB.items()}
    names = list(faces)
    folds = [{name: faces[name] for name in some} for some in (names[:5], names[5:])]
    write_fddb_folds(folder / "folds", folds)
    (folder / "images").mkdir()
    for name in names:
        cv2.imwrite(str(folder / "images" / f"{name}.jpg"), np.zeros((*SIZE, 3), np.uint8))
    found = {name: ones for name, (_, ones) in FDDB.items()}
    (folder / "rectangles.txt").write_text("".join(block(*item) for item in found.items()))
    ellipses = {name: [_as_ellipse(*one) for one in ones] for name, ones in found.items()}
    (folder / "ellipses.txt").write_text("".join(block(*item) for item in ellipses.items()))


def _as_ellipse(x, y, width, height, score):
    """Returns the ellipse in a rectangle, turned by an angle that depends on the score."""
    angle = round(math.pi / 2 + 0.6 * math.sin(37 * score), 6)
    return [height / 2, width / 2, angle, x + width / 2, y + height / 2, score]

"""Prepares data for `mtcnn-rt evaluate` and reads its table."""

import json
import re


def sides(box):
    x1, y1, x2, y2 = box
    return [x1, y1, x2 - x1, y2 - y1]


def annotate(path, *entries):
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    return path


def table(result):
    """Returns the numbers of the first table, by the names of the detector and the number."""
    lines = result.stdout.split("\n\n")[0].splitlines()
    head, *rows = [re.split(r" {2,}", line) for line in lines]
    return {row[0]: dict(zip(head[1:], map(float, row[1:]), strict=True)) for row in rows}


def photo_data(tmp_path, save, photo, entry):
    """Writes annotations.jsonl with the photo, upright, and the values of `entry`."""
    save("data/images/photo.png", photo)
    return annotate(tmp_path / "data" / "annotations.jsonl", {"image": "photo.png", **entry})

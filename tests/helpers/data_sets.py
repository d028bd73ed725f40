"""Writes small folders in the exact formats of WIDER FACE and FDDB."""

from pathlib import Path

import numpy as np
from scipy.io import savemat


def write_wider_truth(folder: Path, images) -> None:
    """Writes the four .mat files of the official tools, MATLAB 5 with nested cells.

    images: each a dict of `event`, `name`, `faces` [x, y, width, height] and, for each of easy,
    medium and hard, the indices of the faces that count.
    """
    events = list(dict.fromkeys(image["event"] for image in images))
    of_events = [[one for one in images if one["event"] == event] for event in events]
    listed = {
        "event_list": cell([np.array([event]) for event in events]),
        "file_list": cell([cell([np.array([i["name"]]) for i in ones]) for ones in of_events]),
        "face_bbx_list": cell(
            [
                cell([np.array(i["faces"], np.float64).reshape(-1, 4) for i in ones])
                for ones in of_events
            ]
        ),
    }
    savemat(folder / "wider_face_val.mat", listed)
    for setting in ("easy", "medium", "hard"):
        counted = cell(
            [
                cell([np.array(i[setting], np.uint16).reshape(-1, 1) + 1 for i in ones])
                for ones in of_events
            ]
        )
        savemat(folder / f"wider_{setting}_val.mat", {**listed, "gt_list": counted})


def cell(values):
    """Returns an N x 1 cell array of MATLAB."""
    cells = np.empty((len(values), 1), object)
    cells[:, 0] = values
    return cells


def write_wider_detections(folder: Path, event, name, found) -> None:
    """Writes event/name.txt; found: [x, y, width, height, score] for each detection."""
    path = folder / event / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block(f"{name}.jpg", found))


def write_fddb_folds(folder: Path, folds) -> None:
    """Writes FDDB-fold-01-ellipseList.txt and so on; folds: each a dict of name to ellipses."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, faces in enumerate(folds, start=1):
        blocks = [block(name, [[*face, 1] for face in ones]) for name, ones in faces.items()]
        (folder / f"FDDB-fold-{number:02}-ellipseList.txt").write_text("".join(blocks))


def block(name, rows):
    """Returns a line with the name, one with the number of rows, and a line for each row."""
    return "".join(
        f"{line}\n" for line in [name, len(rows), *(" ".join(map(str, r)) for r in rows)]
    )

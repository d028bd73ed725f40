"""Turns faces into the values of other packages and formats."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mtcnn_rt.faces import Faces


def as_coco(faces: Faces, image_id: int, category_id: int) -> list[dict[str, Any]]:
    """Returns a result of COCO's format for each face."""
    return [coco_face(face, image_id, category_id) for face in faces.to_dicts()]


def coco_face(face: dict[str, Any], image_id: int, category_id: int) -> dict[str, Any]:
    """Returns the result of COCO's format for a face, which is one of `Faces.to_dicts()`."""
    x1, y1, x2, y2 = face["box"]
    return {
        "image_id": image_id,
        "category_id": category_id,
        "bbox": [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
        "area": round((x2 - x1) * (y2 - y1), 2),
        "iscrowd": 0,
        "score": face["score"],
        "num_keypoints": len(face["landmarks"]),
        "keypoints": [v for point in face["landmarks"].values() for v in (*point, 2)],
    }


def as_table(faces: Faces, landmarks: Sequence[str]) -> dict[str, Any]:
    """Returns a column (N,) for each number of a face, by its name; `landmarks` names them."""
    columns = {name: faces.boxes[:, i] for i, name in enumerate(("x1", "y1", "x2", "y2"))}
    columns["score"] = faces.scores
    for index, name in enumerate(landmarks):
        columns[f"{name}_x"] = faces.landmarks[:, index, 0]
        columns[f"{name}_y"] = faces.landmarks[:, index, 1]
    return columns


def as_html(faces: Faces) -> str:
    """Returns a drawing of the boxes and landmarks, and a table of the boxes and scores."""
    rows = "".join(
        f"<tr><td>{index}</td><td>{score:.3f}</td>"
        + "".join(f"<td>{value:.1f}</td>" for value in box)
        + "</tr>"
        for index, (box, score) in enumerate(
            zip(faces.boxes.tolist(), faces.scores.tolist(), strict=True)
        )
    )
    heads = "".join(f"<th>{name}</th>" for name in ("", "score", "x1", "y1", "x2", "y2"))
    title = escape(f"{len(faces)} face" + "s" * (len(faces) != 1))
    return f"<div>{title}{_drawing(faces)}<table><tr>{heads}</tr>{rows}</table></div>"


def _drawing(faces: Faces) -> str:
    if not len(faces) or not np.isfinite(faces.boxes).all():
        return ""
    x, y = faces.boxes[:, :2].min(0).tolist()
    right, bottom = faces.boxes[:, 2:].max(0).tolist()
    width, height = max(right - x, 1), max(bottom - y, 1)
    boxes = "".join(
        f'<rect x="{x1:.1f}" y="{y1:.1f}" width="{x2 - x1:.1f}" height="{y2 - y1:.1f}"/>'
        for x1, y1, x2, y2 in faces.boxes.tolist()
    )
    points = "".join(
        f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{max(width, height) / 200:.2f}"/>'
        for px, py in faces.landmarks.reshape(-1, 2).tolist()
        if np.isfinite((px, py)).all()
    )
    return (
        f'<svg width="320" height="{min(320 * height / width, 640):.0f}" '
        f'viewBox="{x:.1f} {y:.1f} {width:.1f} {height:.1f}" fill="none" stroke="currentColor" '
        f'stroke-width="{max(width, height) / 160:.2f}">{boxes}{points}</svg>'
    )

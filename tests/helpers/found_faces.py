"""Results as `mtcnn-rt batch` writes them, for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mtcnn_rt.faces import LANDMARKS


def face(
    box: list[float], points: list[list[float]] | None = None, score: float = 0.9
) -> dict[str, Any]:
    """Returns a face as `Faces.to_dicts` gives it; its landmarks are spread over the box."""
    x1, y1, x2, y2 = box
    shares = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.3, 0.8), (0.7, 0.8))
    spread = [[x1 + (x2 - x1) * x, y1 + (y2 - y1) * y] for x, y in shares]
    named = dict(zip(LANDMARKS, points or spread, strict=True))
    return {"box": box, "score": score, "landmarks": named}


def record(
    name: str, faces: list[dict[str, Any]], size: tuple[int, int] = (100, 80), **more: Any
) -> dict[str, Any]:
    """Returns the record of an image."""
    return {"image": name, "width": size[0], "height": size[1], "faces": faces, **more}


def write_results(path: Path, *records: dict[str, Any]) -> Path:
    """Writes records as JSON lines."""
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    return path

"""Fixtures that the tests of annotations share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest


@pytest.fixture
def data(tmp_path) -> Callable[..., Path]:
    """Returns a function that writes a file of annotations, and tiny images in images/."""

    def write(file: str, text: str, images: tuple[str, ...] = (), folder: str = "images") -> Path:
        for name in images:
            image = tmp_path / folder / name
            image.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(image), np.zeros((8, 8, 3), np.uint8))
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write

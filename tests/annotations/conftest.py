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


@pytest.fixture
def dataset(tmp_path):
    """Writes a data set of images with 40 x 80 pixels; returns its folder."""

    def write(labels, description=None, images="images", folder="labels"):
        root = tmp_path / "set"
        for name, text in labels.items():
            image = root / images / f"{name}.jpg"
            image.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(image), np.zeros((80, 40, 3), np.uint8))
            if text is not None:
                file = root / folder / f"{name}.txt"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        if description is not None:
            (root / "data.yaml").write_text(description)
        return root

    return write

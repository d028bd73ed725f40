"""Fixtures that the tests of conversion share."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest

from mtcnn_rt._layers import KERNELS, Layer
from mtcnn_rt.conversion.published import read_arrays


@pytest.fixture(scope="session")
def published_files() -> dict[str, Path]:
    """Returns the files of the distribution `mtcnn`."""
    weights = Path(str(distribution("mtcnn").locate_file("mtcnn/assets/weights")))
    return {network: weights / f"{network}.lz4" for network in KERNELS}


@pytest.fixture(scope="session")
def published(published_files) -> dict[str, list[np.ndarray]]:
    """Returns the arrays in these files, unchanged."""
    return dict(read_arrays(path.read_bytes()) for path in published_files.values())


@pytest.fixture
def random_layers() -> dict[str, list[Layer]]:
    """Returns networks whose weights all differ; some slopes are negative, some above 1."""
    random = np.random.default_rng(3)

    def layer(shape: tuple[int, ...], last: bool) -> Layer:
        kernel = random.normal(0, np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)
        bias = random.normal(0, 0.1, shape[0]).astype(np.float32)
        slopes = random.uniform(-1, 1.5, shape[0]).astype(np.float32)
        return Layer(kernel, bias, None if last else slopes)

    def network(shapes: tuple[tuple[int, ...], ...]) -> list[Layer]:
        layers = [layer(shape, shape == shapes[-1]) for shape in shapes]
        return [layers[0]._replace(kernel=layers[0].kernel / 100), *layers[1:]]

    return {name: network(shapes) for name, shapes in KERNELS.items()}

"""Settings and images that the tests of the training share."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from mtcnn_rt.annotations import Annotated, read_annotations

try:
    import torch
except ImportError:  # tests that need it are skipped
    pass
else:
    # Networks this small gain nothing from threads, which on a busy machine wait for each other.
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def unreadable(drawn, tmp_path_factory) -> Annotated:
    """An annotated image whose file is no image."""
    path = tmp_path_factory.mktemp("unreadable") / "broken.png"
    path.write_bytes(b"no image")
    usual = read_annotations(drawn).images[0]
    return replace(
        usual, image=replace(usual.image, path=path, name="broken.png"), name="broken.png"
    )


@pytest.fixture(scope="session")
def thin(drawn, tmp_path_factory) -> Annotated:
    """An annotated image of one row of 4000 pixels, of which a face fills a corner."""
    path = tmp_path_factory.mktemp("thin") / "thin.png"
    path.write_bytes(cv2.imencode(".png", np.full((1, 4000, 3), 90, np.uint8))[1].tobytes())
    usual = read_annotations(drawn).images[0]
    return replace(
        usual,
        name="thin.png",
        image=replace(usual.image, path=path, name="thin.png"),
        boxes=np.array([[0, 0, 40, 50]], np.float32),
        landmarks=np.full((1, 5, 2), np.nan, np.float32),
        ignored=np.zeros(1, bool),
    )

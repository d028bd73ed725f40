from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

import mtcnn_rt
from mtcnn_rt import MTCNN, Faces
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.tracking.finder import Finder
from tools.make_sample_clip import tracks


@pytest.fixture(scope="session")
def quick() -> MTCNN:
    """A detector that finds the four faces of the clip in half the time."""
    return MTCNN(min_face_size=40, threads=1, model="published")


@pytest.fixture(scope="session")
def clip() -> list[np.ndarray]:
    """The frames of the packaged clip, 25 a second."""
    with av.open(str(Path(mtcnn_rt.__file__).parent / "sample.mp4")) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


@pytest.fixture(scope="session")
def truth() -> np.ndarray:
    """True boxes of the four faces of the clip, (frames, 4, 4), known without a detector."""
    return tracks()


@pytest.fixture(scope="module")
def finder(detector: MTCNN) -> Finder:
    """The finder of the shared detector."""
    return Finder(detector._cascade)


@pytest.fixture(scope="module")
def frame(sample_frame: np.ndarray) -> Image:
    """The first frame of the packaged clip: four faces."""
    return as_image(sample_frame)


@pytest.fixture(scope="module")
def faces(detector: MTCNN, sample_frame: np.ndarray) -> Faces:
    """The faces of that frame."""
    return detector.detect(sample_frame)


@pytest.fixture
def scripted_finder(monkeypatch):
    """Lets the tracker use the scripted detector as its finder."""
    monkeypatch.setattr("mtcnn_rt.tracking.tracker.Finder", lambda cascade: cascade)

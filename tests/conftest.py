from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.drawn_faces import write_drawn
from hypothesis import settings

import mtcnn_rt
from mtcnn_rt import MTCNN

# A test must not fail because the machine is busy.
settings.register_profile("unhurried", deadline=None, derandomize=True)
settings.load_profile("unhurried")

# Background jobs of a shell ignore Ctrl-C, and so would the processes that tests start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):  # likewise below nohup
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    """Lets no test leave threads of the package to those after it, which may count them."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 20
    while left := [
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("mtcnn-rt") and thread not in before
    ]:
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


@pytest.fixture(scope="session")
def detector() -> MTCNN:
    """A detector that uses one thread."""
    return MTCNN(threads=1, model="published")


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 24 annotated images of two drawn faces each."""
    folder = tmp_path_factory.mktemp("drawn")
    write_drawn(folder)
    return folder


@pytest.fixture(scope="session")
def sample_frame() -> np.ndarray:
    """The first frame of the packaged clip, (360, 640, 3) BGR: four faces."""
    with av.open(str(Path(mtcnn_rt.__file__).parent / "sample.mp4")) as clip:
        return next(clip.decode(video=0)).to_ndarray(format="bgr24")


@pytest.fixture(scope="session")
def media() -> Path:
    """The real photographs and video beside the repository."""
    if not (SHARED / "media").is_dir():
        pytest.skip("../shared/media, real photographs and a video, is not here")
    return SHARED / "media"

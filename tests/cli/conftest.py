"""Fixtures that the tests of the commands share."""

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from helpers.evaluate_command import annotate
from helpers.whole_files import FRAMES

import mtcnn_rt
from mtcnn_rt import MTCNN, Faces
from mtcnn_rt.cli import main
from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource


@pytest.fixture
def run(tmp_path, monkeypatch) -> Callable[..., Result]:
    """Runs `mtcnn-rt` in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def program() -> list[str]:
    """The command line of `mtcnn-rt` as a process of its own."""
    return [sys.executable, "-c", "from mtcnn_rt.cli import main; main()"]


@pytest.fixture
def run_program(program, tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run_it(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*program, *words], cwd=tmp_path, capture_output=True, text=True)

    return run_it


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    """A picture with faces: the first frame of the packaged clip."""
    with FileSource(Path(str(files("mtcnn_rt") / "sample.mp4"))) as source:
        return next(iter(source)).image


@pytest.fixture
def faces(photo) -> Faces:
    """The faces that the detector finds in the photo: four."""
    found = MTCNN(threads=1).detect(photo)
    assert len(found) == 4
    return found


@pytest.fixture
def save(tmp_path) -> Callable[..., Path]:
    """Writes a picture below the test's folder, a plain one unless told otherwise."""
    plain = np.full((48, 64, 3), 128, np.uint8)

    def save_it(name: str, image: np.ndarray = plain) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), image)
        return path

    return save_it


@pytest.fixture
def clip(tmp_path) -> Path:
    """Ten plain frames."""
    path = tmp_path / "clip.mp4"
    plain = np.full((48, 64, 3), 128, np.uint8)
    with FileSink(path, VideoFormat((64, 48), Fraction(25), Fraction(1, 25))) as sink:
        for index in range(10):
            sink.write(Frame(plain, index / 25, index, 1, Fraction(1, 25), index))
    return path


@pytest.fixture(scope="session")
def command_inputs(tmp_path_factory, photo) -> Path:
    """A folder with six photos, the same as a data set, and a clip of `FRAMES` frames."""
    folder = tmp_path_factory.mktemp("inputs")
    for index in range(6):
        for place in "photos", "data/images":
            (folder / place).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / place / f"{index}.png"), np.roll(photo, index, axis=1))
    entries = [{"image": f"{index}.png", "boxes": [[50, 50, 60, 60]]} for index in range(6)]
    annotate(folder / "data" / "annotations.jsonl", *entries)
    sample = Path(mtcnn_rt.__file__).with_name("sample.mp4")
    with av.open(str(sample)) as source, av.open(str(folder / "clip.mp4"), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        for index, frame in enumerate(source.decode(video=0)):
            if index == FRAMES:
                break
            if index == 0:
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
            frame.pts = None
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return folder


@pytest.fixture(scope="session")
def weights() -> Path:
    """The published files of the distribution `mtcnn`, which is not imported."""
    for name in "onnx", "joblib":
        pytest.importorskip(name)
    return Path(str(distribution("mtcnn").locate_file("mtcnn/assets/weights")))

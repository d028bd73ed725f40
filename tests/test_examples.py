"""Runs every program in examples/ as a user does, on the packaged clip."""

from __future__ import annotations

import asyncio
import csv
import importlib.util
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest

import mtcnn_rt
from mtcnn_rt import Faces
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SAMPLE = Path(mtcnn_rt.__file__).parent / "sample.mp4"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """Runs an example in an empty folder and returns what it prints."""

    def run_it(name: str, *arguments: str | Path) -> str:
        words = [sys.executable, "-W", "error", EXAMPLES / name, *arguments]
        ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run_it


def test_every_example_is_listed_short_and_tested():
    programs = {path.name for path in EXAMPLES.glob("*.py")} - {"sample.py"}
    assert len(programs) == 10
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    tests = Path(__file__).read_text(encoding="utf-8")
    for name in programs:
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        assert text.startswith('"""'), f"{name} has no docstring"
        assert len(text.splitlines()) < 60, f"{name} is too long to read in one go"
        assert f"({name})" in listed, f"examples/README.md does not list {name}"
        assert f'"{name}"' in tests, f"{name} is not tested"


def test_faces_in_a_photo(run, tmp_path):
    lines = run("faces_in_a_photo.py").splitlines()
    assert lines[-1] == "4 faces"
    assert all(line.startswith(("score 0.99", "score 1.0")) for line in lines[:-1])
    annotated = cv2.imread(str(tmp_path / "annotated.png"))
    assert annotated.shape == (360, 640, 3)


def test_faces_in_a_photo_of_the_user(run, tmp_path):
    cv2.imwrite(str(tmp_path / "plain.png"), np.zeros((100, 100, 3), np.uint8))
    assert run("faces_in_a_photo.py", "plain.png").splitlines() == ["0 faces"]


def test_folder_to_csv(run, tmp_path):
    assert run("folder_to_csv.py") == "8 faces in faces.csv\n"
    with (tmp_path / "faces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == ["frame-000.jpg"] * 4 + ["frame-025.jpg"] * 4
    assert len(rows[0]) == 1 + 4 + 1 + 10
    assert min(float(row["score"]) for row in rows) > 0.99


def test_folder_to_csv_skips_what_is_no_image(run, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/broken.jpg").write_bytes(b"no image")
    assert run("folder_to_csv.py", "photos") == "0 faces in faces.csv\n"


@pytest.fixture
def short_clip(tmp_path: Path) -> Path:
    """The first second of the packaged clip, 25 frames."""
    path = tmp_path / "short.mp4"
    with FileSource(SAMPLE) as source, FileSink(path, source.format) as sink:
        for frame in itertools.islice(source, 25):
            sink.write(frame)
    return path


def test_anonymize_a_video(run, tmp_path, short_clip, detector):
    assert run("anonymize_a_video.py", short_clip) == "100 faces covered in covered.mp4\n"
    with FileSource(tmp_path / "covered.mp4") as source:
        frames = list(source)
    assert len(frames) == 25
    assert [len(detector.detect(frame.image)) for frame in frames] == [0] * 25


@pytest.mark.slow  # the clip plays at its own rate for five seconds
def test_webcam_loop(run):
    # The clip plays at its own rate; frames that a slow machine has no time for are dropped.
    words = run("webcam_loop.py", SAMPLE, "--no-window").split()
    shown, dropped = int(words[0]), int(words[2])
    assert shown + dropped == 125
    assert shown > 10
    assert words[-6:] == ["at", "most", "4", "faces", "at", "once"]


def test_crops_for_recognition(run, tmp_path):
    assert "batch (4, 3, 112, 112), -1.00 to 1.00" in run("crops_for_recognition.py")
    crops = sorted((tmp_path / "crops").iterdir())
    assert [crop.name for crop in crops] == [f"frame-000-{number}.png" for number in (1, 2, 3, 4)]
    assert {cv2.imread(str(crop)).shape for crop in crops} == {(112, 112, 3)}


def test_follow_people(run):
    lines = run("follow_people.py").splitlines()
    assert lines[:4] == [f"id {n}: 0.00 s to 4.96 s, 125 frames" for n in (1, 2, 3, 4)]
    assert lines[4].startswith("4 people in 125 frames, ")
    assert int(lines[4].split()[5]) < 125 / 3  # full detections


def test_batch(run):
    lines = run("batch.py").splitlines()
    assert lines[-1] == "20 faces in 5 photos"
    assert all(line.endswith(": 4 faces") for line in lines[:-1])


def test_your_own_model(run, tmp_path):
    assert run("your_own_model.py") == "4 faces with mine, run by native\n"
    described = json.loads((tmp_path / "mine/model.json").read_text(encoding="utf-8"))
    assert described["name"] == "mine"


def test_evaluate(run):
    assert run("evaluate.py").splitlines() == [
        "min_face_size 20: average precision 1.000, recall 1.000",
        "min_face_size 80: average precision 0.750, recall 0.750",
    ]


@pytest.fixture(scope="module")
def endpoint() -> ModuleType:
    """Loads the module with the HTTP endpoint."""
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    spec = importlib.util.spec_from_file_location("endpoint", EXAMPLES / "fastapi_endpoint.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["endpoint"] = module  # FastAPI resolves the annotations of the module's functions
    spec.loader.exec_module(module)
    return module


async def _post(app, content: bytes, meanwhile: Callable[[], None] = lambda: None):
    """Posts an image and calls `meanwhile` in the same event loop while the answer is made."""
    import httpx

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        request = asyncio.create_task(client.post("/faces", content=content))
        for _ in range(100):  # the request is on its way into its thread
            await asyncio.sleep(0.001)
        meanwhile()
        return await request


@pytest.fixture(scope="module")
def jpeg(sample_frame) -> bytes:
    return cv2.imencode(".jpg", sample_frame)[1].tobytes()


def test_endpoint_answers_in_json(endpoint, jpeg):
    answer = asyncio.run(_post(endpoint.app, jpeg))
    assert answer.status_code == 200
    found = answer.json()
    assert (found["width"], found["height"]) == (640, 360)
    assert len(found["faces"]) == 4
    assert set(found["faces"][0]) == {"box", "score", "landmarks"}


def test_endpoint_refuses_what_is_no_image(endpoint):
    answer = asyncio.run(_post(endpoint.app, b"no image"))
    assert answer.status_code == 415
    assert "cannot read" in answer.json()["detail"]


def test_endpoint_refuses_large_bodies(endpoint, monkeypatch, jpeg):
    monkeypatch.setattr(endpoint, "MOST_BYTES", 1000)
    assert asyncio.run(_post(endpoint.app, jpeg)).status_code == 413


def test_endpoint_leaves_the_event_loop_free(endpoint, monkeypatch, jpeg):
    # The detection waits for something that only the event loop does: it would wait in vain if it
    # ran in the loop itself.
    event = threading.Event()

    def detect(image: np.ndarray) -> Faces:
        assert event.wait(timeout=30), "the event loop is blocked"
        return Faces.empty()

    monkeypatch.setattr(endpoint, "detector", SimpleNamespace(detect=detect))
    answer = asyncio.run(_post(endpoint.app, jpeg, meanwhile=event.set))
    assert answer.json()["faces"] == []

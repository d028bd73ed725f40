"""Archives that are named by URIs: those of PyArrow's file systems, and of fsspec's."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.archives import encoded

from mtcnn_rt import MTCNN
from mtcnn_rt.batch import remote
from mtcnn_rt.batch.search import Search
from mtcnn_rt.batch.sources import Sources

PIXELS = 10_000_000


@pytest.fixture(scope="module")
def content(sample_frame) -> bytes:
    return encoded(sample_frame)


@pytest.fixture
def folder(tmp_path, content) -> Path:
    """Images, a hidden one, a text, and a tar and a zip file with an image each."""
    import tarfile
    import zipfile

    below = tmp_path / "photos" / "below"
    below.mkdir(parents=True)
    for path in (below.parent / "b.jpg", below / "a.jpg", below / ".hidden.jpg"):
        path.write_bytes(content)
    (below.parent / "notes.txt").write_text("text")
    (below.parent / "broken.jpg").write_bytes(b"no image")
    with tarfile.open(below.parent / "shard.tar", "w") as shard:
        shard.add(below / "a.jpg", "one.jpg")
    with tarfile.open(below.parent / "small.tar.gz", "w:gz") as shard:
        shard.add(below / "a.jpg", "two.jpg")
    with zipfile.ZipFile(below.parent / "shard.zip", "w") as shard:
        shard.write(below / "a.jpg", "three.jpg")
    return below.parent


@pytest.fixture
def memory(folder):
    """The same files in the memory."""
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    files = fsspec.filesystem("memory")
    files.put(f"{folder}/", "/photos/", recursive=True)
    yield "memory://photos"
    files.rm("/photos", recursive=True)


@pytest.fixture(params=["pyarrow", "fsspec"])
def files(request, folder, monkeypatch) -> str:
    """The URI of the folder, which the two packages open."""
    pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    if request.param == "fsspec":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        monkeypatch.setitem(sys.modules, "pyarrow.fs", None)
    remote._files.cache_clear()
    yield folder.as_uri()
    remote._files.cache_clear()


def records_of(*given: str) -> list[dict]:
    search = Search(MTCNN(min_face_size=60, threads=1), PIXELS, False)
    return [search.record(item) for item in Sources(given, None, PIXELS).items()]


def comparable(records: list[dict], prefix: str) -> list[dict]:
    return [{**one, "image": one["image"].removeprefix(prefix), "error": ""} for one in records]


def test_a_folder_gives_what_its_path_gives(files, folder):
    found = comparable(records_of(files), files)
    assert found == comparable(records_of(str(folder)), str(folder))
    assert [len(one["faces"]) for one in found] == [4, 4, 0, 4, 4, 4]


def test_a_folder_in_memory_gives_what_its_path_gives(memory, folder):
    found = comparable(records_of(memory), f"{memory}")
    assert sorted(one["image"] for one in found) == [
        "/b.jpg", "/below/a.jpg", "/broken.jpg",
        "/shard.tar/one.jpg", "/shard.zip/three.jpg", "/small.tar.gz/two.jpg",
    ]  # fmt: skip
    assert sum(len(one["faces"]) for one in found) == 20


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.jpg", ["b.jpg", "broken.jpg"]),
        ("b*.jpg", ["b.jpg", "broken.jpg"]),
        ("**/a.jpg", ["below/a.jpg"]),
        ("b?low/*.jpg", ["below/a.jpg"]),
        ("b.jpg", ["b.jpg"]),
        ("no*.png", ["no*.png"]),
    ],
)
def test_patterns(files, pattern, names):
    found = [item.name for item in Sources([f"{files}/{pattern}"], None, PIXELS).items()]
    assert found == [f"{files}/{name}" for name in names]


def test_what_is_not_there_has_a_reason(files):
    [record] = records_of(f"{files}/none.jpg")
    assert record["error"].startswith(f"cannot read {files}/none.jpg: ")
    assert "\n" not in record["error"]


def test_an_unknown_scheme_has_a_reason(files):
    [record] = records_of("nothing://bucket/a.jpg")
    assert "nothing://" in record["error"]


def test_a_video_has_a_reason(files):
    [record] = records_of(f"{files}/a.mp4")
    assert record["error"] == (
        f"cannot read {files}/a.mp4: a video; those at URIs are not read, copy it here"
    )


def test_results_are_written_to_a_uri(files, folder, tmp_path):
    out = f"{tmp_path.as_uri()}/found.jsonl"
    command = [sys.executable, "-m", "mtcnn_rt", "batch", f"{files}/b.jpg", "--out", out]

    def run(*more: str) -> subprocess.CompletedProcess:
        words = [*command, "--workers", "1", *more]
        return subprocess.run(words, cwd=folder, capture_output=True, text=True)

    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 images, 4 faces, ")
    assert done.stdout.endswith(f": {out}\n")
    [record] = map(json.loads, (tmp_path / "found.jsonl").read_text().splitlines())
    assert record["image"] == f"{files}/b.jpg"
    assert not list(folder.glob("found*"))
    assert run().stderr == f"mtcnn-rt: error: {out} exists (--overwrite replaces it)\n"
    assert run("--resume").stdout == f"{out} is complete\n"
    assert run("--overwrite").returncode == 0


def test_passwords_are_not_in_names():
    assert remote.name_of("s3://key:secret@bucket/a.jpg?region=x") == "s3://bucket/a.jpg"
    assert list(remote._parts("s3://bucket/a?.jpg")) == ["s3", "bucket/a?.jpg", ""]

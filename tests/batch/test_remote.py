"""Archives that are named by URIs: those of PyArrow's file systems, and of fsspec's."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers.archives import encoded

from mtcnn_rt import MTCNN
from mtcnn_rt.batch import remote
from mtcnn_rt.batch.file_systems import file_system
from mtcnn_rt.batch.search import Search
from mtcnn_rt.batch.sources import Sources
from mtcnn_rt.cli import main

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
    file_system.cache_clear()
    yield folder.as_uri()
    file_system.cache_clear()


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
def test_patterns_choose_files(files, pattern, names):
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


def test_results_for_a_uri_leave_files_of_the_same_name_alone(files, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "found.csv").write_text("mine")
    out = f"{tmp_path.as_uri()}/found.csv"
    words = ["batch", f"{files}/b.jpg", "--out", out, "--workers", "1"]
    for more in ([], ["--overwrite"]):
        done = CliRunner().invoke(main, [*words, *more])
        assert (done.exit_code, done.stderr) == (0, "")
        assert (folder / "found.csv").read_text() == "mine"
        assert len((tmp_path / "found.csv").read_text().splitlines()) == 5
        assert not (folder / "found.csv.partial").exists()


def test_an_interrupted_copy_is_made_again(files, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    out = f"{tmp_path.as_uri()}/found.csv"
    words = ["batch", f"{files}/b.jpg", "--out", out, "--workers", "1"]
    copy = shutil.copyfileobj

    def interrupted(source, target, size):
        target.write(source.read(10))
        raise OSError("the network is gone")

    monkeypatch.setattr(remote.shutil, "copyfileobj", interrupted)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert done.stderr == (
        "mtcnn-rt: error: the network is gone; found.csv.partial/found.csv has the results, "
        "and --resume copies them\n"
    )
    assert not (tmp_path / "found.csv").exists()
    (tmp_path / "found.csv").write_text("what a killed process had copied")
    monkeypatch.setattr(remote.shutil, "copyfileobj", copy)
    monkeypatch.setattr("mtcnn_rt.batch.workers.Workers.records", lambda *_: iter(()))
    done = CliRunner().invoke(main, [*words, "--resume"])
    assert done.stdout.startswith("1 images, 4 faces, ")
    assert len((tmp_path / "found.csv").read_text().splitlines()) == 5
    assert not (folder / "found.csv.partial").exists()


def test_a_missing_bucket_is_noticed_before_the_search(monkeypatch):
    class Files:
        def is_folder(self, path):
            return {"there": True, "missing": None}[path]

    monkeypatch.setattr(remote, "file_system", lambda *_: Files())
    remote.require_bucket("s3://there/found.csv")
    with pytest.raises(FileNotFoundError, match=r"s3://missing/a.csv: there is no bucket missing"):
        remote.require_bucket("s3://key:secret@missing/a.csv")
    remote.require_bucket("file:///missing/found.csv")


def test_passwords_are_not_in_names():
    assert remote.name_of("s3://key:secret@bucket/a.jpg?region=x") == "s3://bucket/a.jpg"
    assert list(remote._parts("s3://bucket/a?.jpg")) == ["s3", "bucket/a?.jpg", ""]


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("s3://bucket/team@2x/photo.jpg", "s3://bucket/team@2x/photo.jpg"),
        ("s3://key:secret@bucket/team@2x/p@h.jpg?region=x", "s3://bucket/team@2x/p@h.jpg"),
        ("s3://key:a@b@bucket/p@h.jpg", "s3://bucket/p@h.jpg"),
        ("s3://key:a/secret@bucket/p.jpg", "s3://bucket/p.jpg"),  # the slash should be %2F
        ("hdfs://host:8020/team@2x/photo.jpg", "hdfs://host:8020/team@2x/photo.jpg"),
        ("file:///team@2x/photo.jpg", "file:///team@2x/photo.jpg"),
    ],
)
def test_only_the_user_is_cut_from_a_name(uri, name):
    """Before, `s3://bucket/team@2x/photo.jpg` was `s3://2x/photo.jpg`."""
    assert remote.name_of(uri) == name


@pytest.mark.parametrize("user", ["", "user:secret@"])
def test_a_sign_of_users_in_a_folder_leads_nowhere_else(memory, content, user):
    import fsspec

    fsspec.filesystem("memory").pipe("/photos/team@2x/one.jpg", content)
    for given in ("", "/team@2x", "/team@2x/*.jpg", "/team@2x/one.jpg"):
        uri = f"memory://{user}photos{given}"
        found = [one for one in remote.expanded(uri) if "2x" in one]
        assert found == [f"memory://{user}photos/team@2x/one.jpg"]
        with remote.opened(found[0]) as file:
            assert file.read() == content
    assert remote.size_of(found[0]) == len(content)


class DeniedError(Exception):
    """An error of a package for storage, which is no OSError."""


@pytest.mark.parametrize("method", ["exists", "find", "isdir", "open"])
def test_errors_of_other_packages_are_failures_with_the_reason(memory, monkeypatch, method):
    """Before, missing credentials for a place of fsspec's ended the job with a stack."""
    import fsspec

    def denied(*_, **__):
        raise DeniedError("no\ncredentials")

    monkeypatch.setattr(fsspec.filesystem("memory"), method, denied)
    found = records_of(f"{memory}/below")
    if method == "open":
        assert [one["error"] for one in found] == [
            f"cannot read {memory}/below/a.jpg: DeniedError: no credentials"
        ]
    else:  # the name itself, which is no file
        assert [one["image"] for one in found] == [f"{memory}/below"]
        assert found[0]["error"].startswith(f"cannot read {memory}/below: ")


def test_a_copy_that_another_package_refuses_is_an_os_error(memory, monkeypatch, tmp_path):
    import fsspec

    def denied(*_, **__):
        raise DeniedError("no\ncredentials")

    (tmp_path / "found.csv").write_text("found")
    monkeypatch.setattr(fsspec.filesystem("memory"), "open", denied)
    with pytest.raises(OSError, match=r"^DeniedError: no credentials$"):
        remote.upload(tmp_path / "found.csv", f"{memory}/found.csv")


def test_a_uri_that_leads_to_nothing_is_named(memory):
    [record] = records_of(f"{memory}/none.jpg")
    assert record["error"] == f"cannot read {memory}/none.jpg: no such file or folder"


@pytest.mark.parametrize("files", ["fsspec"], indirect=True)
def test_results_that_cannot_be_copied_name_their_place(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [f"{files}/below/a.jpg", "--out", f"{files}/none/found.csv", "--workers", "1"]
    done = CliRunner().invoke(main, ["batch", *words])
    assert (done.exit_code, done.stderr) == (
        2,
        f"mtcnn-rt: error: {files}/none/found.csv: no such file or folder; "
        "found.csv.partial/found.csv has the results, and --resume copies them\n",
    )

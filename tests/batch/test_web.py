"""Files of web servers, which fsspec opens, and places that need other packages."""

import re
import tarfile
import threading
import zipfile
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from helpers.archives import encoded

from mtcnn_rt import MTCNN
from mtcnn_rt.batch import remote
from mtcnn_rt.batch.file_systems import file_system
from mtcnn_rt.batch.search import Search
from mtcnn_rt.batch.sources import Sources

PIXELS = 10_000_000


def records_of(*given: str) -> list[dict]:
    search = Search(MTCNN(min_face_size=60, threads=1), PIXELS, False)
    return [search.record(item) for item in Sources(given, None, PIXELS).items()]


class WithRanges(SimpleHTTPRequestHandler):
    """Sends parts of files, as web servers do; Python's own sends whole ones."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        first, last = map(int, asked.groups()) if asked else (0, len(content) - 1)
        part = content[first : last + 1]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}")
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # who asks whether it is there
            self.wfile.write(part)


@pytest.fixture
def served(tmp_path, sample_frame):
    """The address of a web server with an image, alone and in a tar and a zip file."""
    for package in ("fsspec", "aiohttp"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    (tmp_path / "b.jpg").write_bytes(encoded(sample_frame))
    with tarfile.open(tmp_path / "shard.tar", "w") as shard:
        shard.add(tmp_path / "b.jpg", "one.jpg")
    with zipfile.ZipFile(tmp_path / "shard.zip", "w") as shard:
        shard.write(tmp_path / "b.jpg", "three.jpg")
    handler = partial(WithRanges, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_files_of_a_web_server_are_read(served):
    """Before, each of them was "no such file or folder"."""
    given = ["b.jpg?size=full", "shard.tar", "shard.zip", "none.jpg", "*.jpg"]
    found = records_of(*(f"{served}/{name}" for name in given))
    names = ["b.jpg", "shard.tar/one.jpg", "shard.zip/three.jpg", "none.jpg", "*.jpg"]
    assert [one["image"] for one in found] == [f"{served}/{name}" for name in names]
    assert [len(one["faces"]) for one in found] == [4, 4, 4, 0, 0]
    missing = [f"cannot read {served}/{name}: no such file or folder" for name in names[3:]]
    assert [one["error"] for one in found] == [None, None, None, *missing]


def test_nothing_is_written_to_a_web_server():
    why = r"^https://host/found\.csv: an address, not a file; write a file, and copy it there$"
    with pytest.raises(ValueError, match=why):
        remote.require_bucket("https://user:secret@host/found.csv")


def test_a_package_that_a_place_needs_is_not_taken_for_pyarrow(monkeypatch):
    """Before, the cure of `hf://` was to install PyArrow once more."""
    fs = pytest.importorskip("pyarrow.fs", reason="pyarrow is not installed")

    class Missing:
        @staticmethod
        def from_uri(uri):
            raise ImportError("Install it to access it")

    monkeypatch.setattr(fs, "FileSystem", Missing)
    with pytest.raises(ImportError, match=r"^Install it to access it$"):
        file_system.__wrapped__("hf", "place", "")

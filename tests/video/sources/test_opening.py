"""Videos from URLs and standard input."""

import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import av
import pytest
from helpers.clips import (
    ENVIRONMENT,
    copy,
    encode,
    join,
    packets,
    pattern,
    read,
    write_steady,
    write_tone,
)
from helpers.processes import piped

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sources import opening
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.opening import name_of


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def server(folder):
    """Runs a web server of the folder; gives its address."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


@contextmanager
def silent_server():
    """Accepts connections and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("extension", [".mp4", ".mkv", ".ts"])
def test_http_is_read(tmp_path, extension):
    clip = encode(tmp_path / f"clip{extension}", [pattern(n) for n in range(20)])
    with server(tmp_path) as address, FileSource(f"http://{address}/{clip.name}") as source:
        assert source.path is None
        assert len(list(source)) == 20
        assert (source.errors, source.notes) == (0, [])


def test_audio_comes_over_http_with_the_frames(tmp_path):
    tone = write_tone(tmp_path / "tone.m4a", "aac")
    clip = join(tmp_path / "in.mp4", write_steady(tmp_path / "silent.mp4", 12), tone)
    with server(tmp_path) as address:
        copy(f"http://{address}/in.mp4", tmp_path / "copy.mp4")
    assert packets(tmp_path / "copy.mp4", "audio") == packets(clip, "audio")


@pytest.mark.parametrize("place", ["http://me:secret@{}/no.mp4?token=secret", "http://{}/no.mp4"])
def test_a_missing_url_is_named_without_the_password(tmp_path, place):
    with server(tmp_path) as address, pytest.raises(VideoError) as caught:
        FileSource(place.format(address))
    assert str(caught.value) == (
        f"http://{address}/no.mp4: cannot be opened (Server returned 404 Not Found)"
    )
    assert caught.value.__cause__ is None  # its text has the password


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:1/a.mp4", "Connection refused"),
        ("rtsp://me:secret@127.0.0.1:1/a", "Connection refused"),
        ("nonsense://127.0.0.1/a", "Protocol not found"),
    ],
)
def test_a_url_without_a_server_is_an_error(url, message):
    with pytest.raises(VideoError, match=rf"cannot be opened \({message}\)") as caught:
        FileSource(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_no_answer_is_an_error_after_the_timeout(scheme):
    with silent_server() as address:
        begin = time.monotonic()
        with pytest.raises(VideoError, match=r"cannot be opened \(no answer in time\)"):
            FileSource(f"{scheme}://{address}/a", timeout=0.5)
        assert 0.3 < time.monotonic() - begin < 3


def test_a_stream_without_data_ends_with_a_note(tmp_path):
    clip = encode(tmp_path / "clip.ts", [pattern(n, (320, 240)) for n in range(50)])
    content = clip.read_bytes()

    class Stalling(Quiet):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            released.wait(20)

    released = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Stalling) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{http.server_port}/clip.ts"
        try:
            with FileSource(url, timeout=1) as source:
                assert 10 < len(list(source)) < 50
                assert source.notes == ["ended early: no answer in time"]
                assert source.errors >= 1
        finally:
            released.set()
            http.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("rtsp://user:p@ss@host:554/a/b?password=x", "rtsp://host:554/a/b"),
        ("http://host/a", "http://host/a"),
        ("-", "standard input"),
        ("a:b.mp4", "a:b.mp4"),
        ("C:\\a.mp4", "C:\\a.mp4"),
    ],
)
def test_names_have_no_passwords(place, name):
    assert name_of(place) == name


def test_a_file_with_a_colon_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_steady(tmp_path / "clip.mp4", 3).rename("http:clip.mp4")
    assert len(read("http:clip.mp4")) == 3


READ_STDIN = """
import sys
from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sources.file import FileSource
try:
    with FileSource("-") as source:
        print(source.name, source.path, source.frame_count, source.size, flush=True)
        print(sum(1 for frame in source), source.errors, source.notes)
except VideoError as error:
    print(error)
except KeyboardInterrupt:
    print("interrupted")
"""


def run_with_stdin(content):
    return subprocess.run(
        [sys.executable, "-c", READ_STDIN], input=content, capture_output=True, env=ENVIRONMENT
    ).stdout.decode()


@pytest.mark.parametrize(
    ("extension", "known"), [(".mp4", 20), (".mkv", 20), (".ts", 0), (".h264", 0)]
)
def test_standard_input_is_read(tmp_path, extension, known):
    faststart = {"movflags": "+faststart"} if extension == ".mp4" else {}
    clip = encode(
        tmp_path / f"clip{extension}",
        [pattern(n) for n in range(20)],
        container_options=faststart,
    )
    assert run_with_stdin(clip.read_bytes()) == (f"standard input None {known} (64, 48)\n20 0 []\n")


def test_standard_input_that_would_need_to_seek_is_an_error(tmp_path):
    """An MP4 that is not made for streaming has its table of contents at the end."""
    fine = {"crf": "1"}
    clip = encode(tmp_path / "clip.mp4", [pattern(n, (640, 480)) for n in range(20)], options=fine)
    assert run_with_stdin(clip.read_bytes()) == (
        "standard input: no frame can be decoded; some files cannot be read from a pipe\n"
    )


def test_standard_input_that_ends_early_gives_its_frames(tmp_path):
    clip = encode(tmp_path / "clip.ts", [pattern(n) for n in range(20)])
    content = clip.read_bytes()
    _, rest = run_with_stdin(content[: len(content) // 2]).splitlines()
    assert 5 < int(rest.split()[0]) < 20


def test_standard_input_that_is_no_video_is_an_error():
    output = run_with_stdin(b"no video\n" * 1000)
    assert output.startswith("standard input: not a video that can be read (")
    assert output.count("\n") == 1


def test_standard_input_that_gives_nothing_is_empty():
    assert run_with_stdin(b"") == "standard input: empty (0 bytes)\n"


def test_audio_comes_through_a_pipe_with_the_frames(tmp_path):
    source = join(
        tmp_path / "in.mkv",
        write_steady(tmp_path / "silent.mp4", 12),
        write_tone(tmp_path / "tone.mkv", "aac"),
    )
    script = "import sys; from pathlib import Path; from helpers.clips import copy; "
    script += "copy('-', Path(sys.argv[1]))"
    with source.open("rb") as content:
        subprocess.run(
            [sys.executable, "-c", script, tmp_path / "copy.mkv"],
            stdin=content,
            env=ENVIRONMENT,
            check=True,
        )
    assert packets(tmp_path / "copy.mkv", "audio") == packets(source, "audio")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("part", [0, 0.6])
def test_ctrl_c_ends_the_wait_for_standard_input(tmp_path, part):
    clip = encode(tmp_path / "clip.ts", [pattern(n, (320, 240)) for n in range(50)])
    content = clip.read_bytes()
    script = READ_STDIN.replace("try:", "print('imported', flush=True)\ntry:", 1)
    with piped(script, env=ENVIRONMENT) as reader:
        # What comes during the imports is another matter, and some modules lose it.
        assert reader.stdout.readline() == b"imported\n"
        reader.stdin.write(content[: int(len(content) * part)])
        reader.stdin.flush()
        if part:
            reader.stdout.readline()  # it is open, and waits for more data
        time.sleep(0.7)
        reader.send_signal(signal.SIGINT)
        try:
            assert reader.stdout.readline() == b"interrupted\n"
        finally:
            reader.kill()


def test_stop_ends_the_wait_for_standard_input(tmp_path):
    clip = encode(tmp_path / "clip.ts", [pattern(n, (320, 240)) for n in range(50)])
    content = clip.read_bytes()
    script = """
import threading
from mtcnn_rt.video.sources.file import FileSource
with FileSource("-") as source:
    threading.Timer(0.5, source.stop).start()
    print(sum(1 for frame in source) > 5)
"""
    with piped(script, env=ENVIRONMENT) as reader:
        reader.stdin.write(content[: len(content) // 2])
        reader.stdin.flush()
        assert reader.stdout.readline() == b"True\n"
        reader.stdin.close()


def test_what_opens_after_its_time_is_closed(tmp_path, monkeypatch):
    clip = write_steady(tmp_path / "clip.mp4", 3)
    late, container = [], av.open(str(clip))

    def too_late(name, timeout, open_it):
        late.append(open_it)
        raise VideoError(f"{name}: cannot be opened")

    monkeypatch.setattr(opening, "answered", too_late)
    monkeypatch.setattr(opening, "open_place", lambda *_: (container, None, None))
    with pytest.raises(VideoError, match="cannot be opened"):
        FileSource("http://localhost/clip.mp4")
    late[0]()
    with pytest.raises(AssertionError, match="Container is not open"):
        next(container.demux())


@pytest.mark.parametrize("most", [(1 << 31) - 1, 1 << 31, 10**12, 10**30])
def test_any_large_limit_of_pixels_lets_frames_through(tmp_path, most):
    """FFmpeg has a largest one, beyond which it decodes nothing."""
    clip = write_steady(tmp_path / "clip.mp4", 12)
    with FileSource(clip, max_pixels=most) as source:
        assert len(list(source)) == 12

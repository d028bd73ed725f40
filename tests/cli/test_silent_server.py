"""Signals end a command while FFmpeg, which keeps Python from running, waits for a server."""

import signal
import socket
import subprocess
import sys

import pytest
from helpers.clips import write_steady

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize(
    ("command", "name"), [("process", one) for one in SIGNALS] + [("webcam", "SIGINT")]
)
def test_signals_end_the_opening_of_an_address_at_once(program, tmp_path, command, name):
    clip = write_steady(tmp_path / "clip.mp4", 5)
    words = [clip] if command == "process" else ["--camera", clip, "--web", "127.0.0.1:0"]
    words += ["--record", "a.mp4"] if command == "webcam" else []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        url = f"rtsp://127.0.0.1:{server.getsockname()[1]}/live"
        running = subprocess.Popen(
            [*program, command, *words, "-o", url, "--jsonl", "a.jsonl"],
            cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        connection, _ = server.accept()
        with connection:
            running.send_signal(getattr(signal, name))
            _, errors = running.communicate(timeout=60)
    # Not 130, as after an exception in Python: the signal itself has ended the process.
    assert (running.returncode, errors) == (-getattr(signal, name), "")
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]

"""`mtcnn-rt process`, in this process, as one of its own, and on a terminal."""

import os
import re
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest

from mtcnn_rt._signals import END_SIGNALS
from mtcnn_rt.cli.signals import terminate_as_interrupt
from mtcnn_rt.video.sources.file import FileSource


def test_the_output_lies_in_the_folder_of_copies(run, clip):
    result = run("process", clip)
    output = Path("faces/clip.mp4")
    assert result.exit_code == 0
    assert re.fullmatch(rf"10 frames, 0 faces, \d+\.\d fps: {output}\n", result.stdout)
    assert result.stderr == ""
    with FileSource(output) as source:
        assert source.size == (64, 48)
        assert [frame.pts for frame in source] == list(range(10))
    assert sorted(clip.parent.rglob("*.mp4")) == [clip, output.resolve()]


@pytest.mark.parametrize(
    ("name", "output"),
    [("a.mkv", "faces/a.mkv"), ("a.MOV", "faces/a.MOV"), ("a.avi", "faces/a.mp4")],
)
def test_the_output_has_the_type_of_the_input_if_it_can(run, clip, name, output):
    clip.rename(name)
    assert run("process", name).exit_code == 0
    assert os.path.exists(output)


def test_the_packaged_clip(run):
    result = run("process", "--sample", "--min-face-size", 120, "--no-scores", "--no-landmarks")
    assert result.exit_code == 0
    frames, faces = re.match(r"(\d+) frames, (\d+) faces", result.stdout).groups()
    assert result.stdout.endswith(": faces/sample.mp4\n")
    with FileSource("faces/sample.mp4") as source:
        assert source.frame_count == int(frames) > 0
    assert int(faces) > 0


def test_an_existing_output_is_replaced_only_on_demand(run, clip, tmp_path):
    (tmp_path / "out.mp4").write_text("precious")
    result = run("process", clip, "-o", "out.mp4")
    assert result.exit_code == 2
    line = "mtcnn-rt: error: out.mp4 exists (--overwrite replaces it, in Python overwrite=True)\n"
    assert result.stderr == line
    assert (tmp_path / "out.mp4").read_text() == "precious"
    assert run("process", clip, "-o", "out.mp4", "--overwrite").exit_code == 0
    assert (tmp_path / "out.mp4").read_bytes()[4:8] == b"ftyp"


def test_the_input_is_never_the_output(run, clip):
    before = clip.read_bytes()
    result = run("process", clip, "-o", clip, "--overwrite")
    assert result.exit_code == 2
    assert "is an input" in result.stderr
    assert clip.read_bytes() == before


def test_a_damaged_video_is_told(run, clip):
    content = clip.read_bytes()
    clip.write_bytes(content[:-20])
    result = run("process", clip)
    assert result.exit_code == 1
    assert re.search(r"^mtcnn-rt: .* is damaged: \d+ errors in decoding$", result.stderr, re.M)
    assert re.match(r"[1-9] frames, ", result.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, *END_SIGNALS])
def test_a_signal_that_python_ignores_comes_again(number, capfd):
    """An exception in the callback of a weak reference is ignored: imports have such callbacks."""

    class Referent:
        pass

    def wait_for_it():
        referent = Referent()
        reference = weakref.ref(referent, lambda _: signal.raise_signal(number))
        del referent
        assert reference() is None
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            time.sleep(0.01)

    with terminate_as_interrupt(), pytest.raises(KeyboardInterrupt):
        wait_for_it()
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, *END_SIGNALS])
def test_a_signal_leaves_no_file(program, tmp_path, number):
    words = [*program, "process", "--sample", "-o", "copy.mp4"]
    with subprocess.Popen(
        words,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # or it may be ignored
    ) as command:
        deadline = time.monotonic() + 30
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [path.suffix for path in tmp_path.iterdir()] == [".mp4"]  # it has begun
        command.send_signal(number)
        assert command.communicate(timeout=30)[1] == "mtcnn-rt: interrupted\n"
    assert command.returncode == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs SIGHUP")
def test_a_command_that_ignores_the_end_of_its_terminal_goes_on():
    """As under `nohup`."""
    script = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    script += "from mtcnn_rt.cli import signals; import os\n"
    script += "with signals.terminate_as_interrupt(): os.kill(os.getpid(), signal.SIGHUP)\n"
    script += "print('on')"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (result.stdout, result.returncode) == ("on\n", 0)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_sees_the_progress(program, clip, tmp_path):
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(
        [*program, "process", str(clip)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
    ) as command:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        assert command.stdout.read().startswith(b"10 frames, 0 faces, ")
    assert command.returncode == 0
    assert re.search(rb"10/10\D", shown)
    assert b" fps" in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux tells the end of a pseudo-terminal so
        return b""


def test_thresholds_and_encoder_have_presets_of_their_own(run, clip):
    result = run("process", clip, "-o", "a.mp4", "--encoder-preset", "slow", "--preset", "balanced")
    assert result.exit_code == 0, result.stderr
    result = run("process", clip, "-o", "b.mp4", "--encoder-preset", "warp")
    assert "no preset 'warp', only ultrafast" in result.stderr
    assert run("process", clip, "-o", "b.mp4", "--preset", "slow").exit_code == 2

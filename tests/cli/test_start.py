"""Starts and ends of commands: what is not loaded, and what does not run beside them."""

import os
import subprocess
import sys
from importlib.resources import files

import pytest

import mtcnn_rt

CLIP = str(files(mtcnn_rt) / "sample.mp4")


def run(script: str, **environment: str) -> str:
    """Runs Python code in a new process without a terminal; returns the last line it prints."""
    others = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**others, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def ending_with(printed: str, *words: str) -> str:
    """Returns code that runs a command, and prints an expression at the end of the process."""
    return f"""
import atexit, gc, os, sys
from mtcnn_rt.cli import main
atexit.register(lambda: print({printed}))
main({list(words)})
"""


RICH = "[name for name in sys.modules if name.split('.')[0] == 'rich']"


def test_without_a_terminal_no_command_loads_what_draws_progress(tmp_path, photo):
    from mtcnn_rt.images import write_image

    write_image(tmp_path / "photo.png", photo)
    out = ("--out", str(tmp_path / "out"))
    assert run(ending_with(RICH, "image", str(tmp_path), *out)) == "[]"
    video = ("process", CLIP, "--no-video", "--csv", str(tmp_path / "faces.csv"), "--end", "0.2")
    assert run(ending_with(RICH, *video)) == "[]"


BLAS = "os.environ.get('OPENBLAS_NUM_THREADS')"


@pytest.mark.parametrize(
    ("command", "given", "expected"),
    [("info", {}, "1"), ("info", {"OPENBLAS_NUM_THREADS": "3"}, "3"), ("train", {}, "None")],
)
def test_numpy_starts_no_threads_unless_they_are_asked_for(command, given, expected):
    assert run(ending_with(BLAS, command, "--help"), **given) == expected


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="counts threads in /proc")
def test_a_command_has_one_thread_when_its_libraries_are_loaded():
    code = """
import os
from mtcnn_rt.cli import main
main.get_command(None, "image")
import numpy
print(len(os.listdir("/proc/self/task")))
"""
    assert run(code) == "1"


def test_no_object_is_searched_for_cycles_when_a_command_ends():
    assert run(ending_with("gc.get_freeze_count() > 10_000", "info")) == "True"


def test_a_frozen_program_is_a_worker_where_it_is_started_as_one():
    script = """
import multiprocessing, sys
from mtcnn_rt.cli import main
multiprocessing.freeze_support = lambda: sys.exit(print(sys.argv[1:]))  # as PyInstaller does
sys.argv = ["program", "--multiprocessing-fork", "pipe_handle=7"]
sys.frozen = True
main()
"""
    assert run(script) == "['--multiprocessing-fork', 'pipe_handle=7']"

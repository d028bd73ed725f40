"""The log of the package: --verbose on the command line, the logger `mtcnn_rt` in programs."""

import logging
import re
import subprocess
import sys

import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt._log import LOG
from mtcnn_rt.cli import main
from mtcnn_rt.cli.config import leaves

MODEL = (
    r"mtcnn-rt: model distilled: \S.*distilled, SHA-256 "
    r"pnet [0-9a-f]{12}, rnet [0-9a-f]{12}, onet [0-9a-f]{12}, cnet [0-9a-f]{12}, lnet [0-9a-f]{12}"
)
ENGINE = r"mtcnn-rt: engine native: instruction set \w+, float32, threads: 1"


def matches(lines: list[str], *patterns: str) -> bool:
    """Returns whether there is a line for each pattern, in this order."""
    rest = iter(lines)
    return all(any(re.fullmatch(pattern, line) for line in rest) for pattern in patterns)


@pytest.mark.parametrize("place", [0, 1, 4])
def test_verbose_names_what_is_used_and_how_long_it_takes(run, save, photo, place):
    save("photo.png", photo)
    words = ["image", "photo.png", "--threads", "1"]
    words.insert(place, "--verbose")
    result = run(*words)
    assert result.exit_code == 0
    assert result.stdout.startswith("1 images, 4 faces")
    lines = result.stderr.splitlines()
    assert matches(
        lines,
        MODEL,
        ENGINE,
        r"mtcnn-rt: photo\.png: read, \d+ bytes",
        r"mtcnn-rt: photo\.png: decoded by OpenCV",
        r"mtcnn-rt: photo\.png: 4 faces; read and decoded in \d+\.\d ms, "
        r"searched and written in \d+\.\d ms",
    ), lines


def test_without_verbose_nothing_is_printed(run, save, photo):
    save("photo.png", photo)
    run("image", "photo.png", "-v", "--threads", "1")
    result = run("image", "photo.png", "--overwrite", "--threads", "1")
    assert result.stderr == ""
    assert [type(one) for one in LOG.handlers] == [logging.NullHandler]


def test_verbose_names_the_streams_of_a_video(run, clip):
    result = run("process", "clip.mp4", "-v", "--threads", "1", "--workers", "1", "--no-track")
    assert matches(
        result.stderr.splitlines(),
        r"mtcnn-rt: clip\.mp4: opened, \w+, 64 x 48, 25\.00 fps",
        MODEL,
        ENGINE,
        r"mtcnn-rt: faces/clip\.mp4: written with the encoder \w+",
    ), result.stderr


def test_verbose_reaches_the_workers_of_a_batch(save, photo, run_program):
    save("photo.png", photo)
    words = ("batch", "photo.png", "--workers", "1", "--out", "out.jsonl")
    done = run_program(*words, "--verbose")
    assert matches(
        done.stderr.splitlines(),
        MODEL,
        r"mtcnn-rt: photo\.png: read, \d+ bytes",
        r"mtcnn-rt: photo\.png: 4 faces in \d+\.\d ms",
    ), done.stderr
    assert run_program(*words, "--overwrite").stderr == ""


def test_a_decoder_that_gives_way_is_named(run, save, photo, monkeypatch):
    from mtcnn_rt._images import codecs

    pytest.importorskip("PIL")
    save("photo.png", photo)
    codecs.codecs.cache_clear()
    monkeypatch.setitem(sys.modules, "cv2", None)
    try:
        result = run("image", "photo.png", "--no-images", "--csv", "-", "-v")
    finally:
        monkeypatch.undo()
        codecs.codecs.cache_clear()
    assert "mtcnn-rt: image files: decoded by Pillow, then PyAV; without OpenCV" in result.stderr
    assert "mtcnn-rt: photo.png: decoded by Pillow\n" in result.stderr


def test_names_cannot_control_the_terminal(run, save, photo):
    save("a\x1b[2Jb.png", photo)
    result = run("image", "a\x1b[2Jb.png", "-v")
    assert r"mtcnn-rt: a\x1b[2Jb.png: read" in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("name", [name for name, _ in leaves(main)])
def test_every_command_has_the_shared_options(run, name):
    result = run(*name.split(), "--help")
    assert "-v, --verbose" in result.stdout
    assert "--config FILE" in result.stdout


def test_a_program_gets_the_log_by_the_standard_library(caplog):
    with caplog.at_level(logging.INFO, "mtcnn_rt"):
        MTCNN(threads=1).detect(np.zeros((60, 60, 3), np.uint8))
    assert [record.levelname for record in caplog.records] == ["INFO", "INFO"]
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("model distilled: ")
    assert second.startswith("engine native: ")


def test_a_program_that_does_not_ask_gets_no_line():
    code = """
import logging
from mtcnn_rt import MTCNN
from mtcnn_rt._log import LOG
LOG.warning("a warning that nobody asked for")
MTCNN()
print([type(one).__name__ for one in logging.getLogger("mtcnn_rt").handlers])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("['NullHandler']\n", "")

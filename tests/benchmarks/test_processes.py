"""Tests the figures of fresh processes and the small C++ programs."""

import os
import shutil
import subprocess
import sys

import cv2
import pytest

from benchmarks import compiled, processes
from benchmarks.compiled import UnavailableError, compile_source
from benchmarks.processes import Figure, as_markdown, probe

needs_compiler = pytest.mark.skipif(
    not (os.environ.get("CXX") or shutil.which("c++")), reason="no C++ compiler"
)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone")

LIBRARY = """
#include <cstdlib>
extern "C" void work() {
    int* volatile one = new int(1);
    int* volatile many = new int[100];
    void* volatile raw = std::malloc(9);
    delete one;
    delete[] many;
    std::free(raw);
}
"""
COUNT = """
import ctypes, sys
work = ctypes.CDLL(sys.argv[1]).work
work_with_lock = ctypes.PyDLL(sys.argv[1]).work
counter = ctypes.CDLL(None)
counter.allocations.restype = ctypes.c_long
assert counter.watch(sys.argv[1].encode())
work()
work_with_lock()
work()
print(counter.allocations())
"""


@on_linux
@needs_compiler
def test_only_allocations_of_the_library_without_the_lock_count(tmp_path):
    source = tmp_path / "library.cpp"
    source.write_text(LIBRARY)
    library = str(tmp_path / "library.so")
    subprocess.run(["c++", "-shared", "-fPIC", "-o", library, str(source)], check=True)
    counter = compile_source("allocations", tmp_path, "-shared", "-fPIC")
    environment = {**os.environ, "LD_PRELOAD": str(counter)}
    words = [sys.executable, "-c", COUNT, library]
    assert int(subprocess.check_output(words, env=environment)) == 6


@needs_compiler
def test_peaks_are_those_of_a_processor(tmp_path):
    found = compiled.peaks(tmp_path)
    assert 1 < found["float32_gflops"] < 1000
    assert found["int8_gops"] is None or 1 < found["int8_gops"] < 10000


def test_a_missing_compiler_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UnavailableError, match=r"no C\+\+ compiler"):
        compile_source("peaks", tmp_path)


def test_the_first_detection_of_a_process(tmp_path, sample_frame):
    path = str(tmp_path / "frame.png")
    cv2.imwrite(path, sample_frame)
    assert 0.01 < probe("first_detection", "onnxruntime", path) < 60


@on_linux
def test_the_memory_of_a_process():
    # An interpreter with NumPy and OpenCV has more than 30 MB.
    assert 30 < probe("memory", "onnxruntime", "10") < 2000


def test_a_probe_that_fails_gives_the_reason():
    with pytest.raises(UnavailableError, match="fails: ValueError: engine: expected one of"):
        probe("memory", "none", "10")


def test_figures_are_taken_in_turn_and_failures_are_skipped(monkeypatch):
    turns = []

    def take(engine):
        turns.append(engine)
        if engine == "b":
            raise UnavailableError("no reason")
        return float(len(turns))

    found = processes._figures("memory", "MB", ["a", "b"], 2, take)
    assert turns == ["a", "b", "a"]
    assert found == [
        Figure("memory", "a", "MB", [1.0, 3.0]),
        Figure("memory", "b", "MB", [], "no reason"),
    ]
    assert as_markdown(found).splitlines()[2:] == [
        "| memory | a | 2 MB | 1 - 3 |",
        "| memory | b | skipped | no reason |",
    ]


def test_a_single_figure_has_no_spread():
    line = as_markdown([Figure("allocations", "a", "", [0.0])]).splitlines()[2]
    assert line == "| allocations | a | 0 |  |"

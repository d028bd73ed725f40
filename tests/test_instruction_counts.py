"""Tests of the guard that counts instructions, without counting any."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PROFILE = """
# callgrind format
events: Ir
ob=(1) /lib/libc.so.6
fn=(1) memcpy
12 100
ob=(2) /site/_native.so
fn=(2) detect
5 7
+3 20
cob=(1)
cfn=(1)
calls=2 12
* 900
-1 3
ob=(1)
fn=(1)
* 50
ob=(2)
fn=(3) load
8 1000
cob=(3) /site/other/_native.so.debug
cfn=(4)
calls=1 0
9 40
""".lstrip()


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools/count_instructions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_only_the_instructions_of_the_module_itself_count(tool):
    lines = PROFILE.splitlines(keepends=True)
    assert tool.instructions(lines, "_native.so") == 7 + 20 + 3 + 1000
    assert tool.instructions(lines, "libc.so.6") == 100 + 50
    assert tool.instructions(lines, "absent.so") == 0


@pytest.mark.parametrize(
    ("count", "status", "verdict"),
    [(10200, 0, "ok"), (10201, 1, "more than 2%"), (9800, 0, "ok"), (9799, 0, "fewer")],
)
def test_a_path_may_grow_by_two_percent(tool, count, status, verdict):
    lines, found = tool.compare({"load": 5, "detect": count}, {"load": 5, "detect": 10000})
    assert found == status
    assert lines[0].endswith("+0.00%  ok")
    assert lines[1].split("%  ")[1].startswith(verdict)


def test_a_path_without_a_recorded_count_fails(tool):
    lines, status = tool.compare({"new": 7}, {"old": 7})
    assert status == 1
    assert lines == ["new                   7 instructions, not recorded; --write records them"]


@pytest.mark.parametrize(
    ("module", "compiler"),
    [
        (b"\0GCC: (Debian 12.2.0-14) 12.2.0\0x", "GCC: (Debian 12.2.0-14) 12.2.0"),
        (b"\0GCC: (GNU) 9.4.0\0GCC: (GNU) 13.1.1\0", "GCC: (GNU) 13.1.1, GCC: (GNU) 9.4.0"),
        (b"Debian clang version 19.1.7 (3)\0", "clang version 19.1.7"),
        (b"\x7fELF", "an unknown compiler"),
    ],
)
def test_the_compiler_is_read_from_the_module(tool, module, compiler):
    assert tool.compiled_by(module) == compiler


def test_counts_of_another_compiler_are_not_compared(tool):
    recorded = {"compiler": "GCC: (GNU) 13.1.1", "counts": {}}
    assert tool.mismatch(recorded, "GCC: (GNU) 13.1.1") is None
    assert tool.mismatch(recorded, "clang version 19.1.7") == (
        "the counts are of GCC: (GNU) 13.1.1, and this build of clang version 19.1.7"
    )
    assert tool.mismatch({}, "GCC") == "instruction_counts.json does not exist; --write makes it"


def test_without_valgrind_the_guard_names_the_reason(tool, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", ["count_instructions.py"])
    tool.main()
    assert capsys.readouterr().out == "instruction counts: skipped, valgrind is not installed\n"


def test_every_path_has_a_recorded_count(tool):
    recorded = json.loads(tool.COUNTS.read_text())
    assert recorded["counts"].keys() == tool.PATHS.keys()
    assert min(recorded["counts"].values()) > 1_000_000


@pytest.mark.parametrize("path", ["detect", "integers", "track", "convert"])
def test_every_path_runs(tool, path):
    tool.PATHS[path](tool.first_frame())

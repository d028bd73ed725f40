"""Tests that Ctrl-C in an import acts when the import has ended."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")

INTERRUPT = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"


def run(folder, block: str, **modules: str) -> list[str]:
    """Runs a block of code that imports these modules; returns what it prints."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    lines = "\n".join(f"        {line}" for line in block.splitlines())
    script = f"""
import sys
from mtcnn_rt.cli.signals import interrupted_between_imports
with interrupted_between_imports() as came:
    try:
{lines}
    except KeyboardInterrupt:
        print("interrupted", came)
print("signals of the caller:", sys.gettrace())
"""
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{os.environ['PYTHONPATH']}"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    *printed, last = done.stdout.splitlines()
    assert last == "signals of the caller: None"
    return printed


@pytest.fixture(autouse=True)
def path_of_the_package(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))


def test_an_import_ends_before_the_interrupt(tmp_path):
    printed = run(
        tmp_path,
        "import outer\nprint('not reached')",
        outer="import inner\nprint('outer is loaded')",
        inner=f"{INTERRUPT}print('inner is loaded')",
    )
    assert printed == ["inner is loaded", "outer is loaded", "interrupted [2]"]


def test_an_import_in_a_function_and_by_name(tmp_path):
    block = """
from importlib import import_module
def load():
    import_module("module")
    print("not reached")
load()
"""
    assert run(tmp_path, block, module=f"{INTERRUPT}print('loaded')") == [
        "loaded",
        "interrupted [2]",
    ]


def test_an_import_that_fails_is_interrupted(tmp_path):
    block = "try:\n    import module\nexcept ImportError:\n    print('not reached')"
    assert run(tmp_path, block, module=f"{INTERRUPT}import missing_module") == ["interrupted [2]"]


def test_a_second_interrupt_acts_at_once(tmp_path):
    module = f"{INTERRUPT}print('once')\nos.kill(os.getpid(), signal.SIGINT)\nprint('not reached')"
    assert run(tmp_path, "import module", module=module) == ["once", "interrupted [2, 2]"]


def test_outside_an_import_an_interrupt_acts_at_once(tmp_path):
    block = f"{INTERRUPT}print('not reached')"
    assert run(tmp_path, block) == ["interrupted [2]"]


def test_an_error_in_place_of_an_interrupt_is_an_interrupt(tmp_path):
    """A library in C may swallow the interrupt, and raise an error of its own."""
    script = f"""
import click
from mtcnn_rt.cli import Program, main
def broken(self, ctx):
    try:
{"".join(f"        {line}" + chr(10) for line in INTERRUPT.splitlines())}
    except KeyboardInterrupt:
        raise SystemError("returned a result with an exception set")
Program.invoke = broken
main(["info"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "mtcnn-rt: interrupted\n")


def test_an_interrupt_while_python_ends_prints_no_stack():
    script = """
import atexit, signal
atexit.register(signal.raise_signal, signal.SIGINT)  # as if it came while a library cleans up
import click
from mtcnn_rt.cli import Program, main
def interrupted(*_):
    raise click.Abort
Program.invoke = interrupted
main(["info"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "mtcnn-rt: interrupted\n")

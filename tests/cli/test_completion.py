"""Shell completion: click's, by its protocol, and in the shells that are here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

SHELLS = ("bash", "zsh", "fish")


@pytest.fixture
def complete(program, tmp_path) -> Callable[..., list[str]]:
    """Returns what the program offers to a shell for the last word of a command line."""

    def complete_it(shell: str, *words: str) -> list[str]:
        line = " ".join(["mtcnn-rt", *words])
        environment = {"_MTCNN_RT_COMPLETE": f"{shell}_complete", "COMP_WORDS": line}
        if shell == "fish":
            environment["COMP_CWORD"] = words[-1]
        else:
            environment["COMP_CWORD"] = str(len(words))
        done = subprocess.run(
            program, cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, text=True
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    return complete_it


def test_bash_completes_commands_options_and_choices(complete):
    assert complete("bash", "im") == ["plain,image"]
    assert complete("bash", "image", "--min") == ["plain,--min-face-size"]
    assert complete("bash", "image", "--verb") == ["plain,--verbose"]
    assert complete("bash", "evaluate", "wi") == ["plain,wider"]
    assert complete("bash", "image", "--style", "co") == ["plain,corners"]
    assert complete("bash", "image", "--out", "x") == ["file,x"]


def test_zsh_and_fish_complete_commands_and_options(complete):
    zsh = complete("zsh", "pro")
    assert zsh[:2] == ["plain", "process"]
    assert "faces" in zsh[2]
    assert complete("zsh", "image", "--min")[:2] == ["plain", "--min-face-size"]
    for words, expected in ((("pro",), "process"), (("image", "--min"), "--min-face-size")):
        offered = complete("fish", *words)
        assert any(expected in line for line in offered), offered


def test_a_broken_config_file_does_not_disturb(complete, tmp_path):
    (tmp_path / "mtcnn-rt.toml").write_text("nonsense")
    assert complete("bash", "image", "--min") == ["plain,--min-face-size"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_program_prints_a_script_for_each_shell(program, shell):
    environment = {**os.environ, "_MTCNN_RT_COMPLETE": f"{shell}_source"}
    done = subprocess.run(program, env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert "_MTCNN_RT_COMPLETE=" in done.stdout
    assert "mtcnn-rt" in done.stdout


def test_bash_itself_completes(tmp_path):
    """Reads the script as ~/.bashrc does, and lets its function complete two lines."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    command = tmp_path / "mtcnn-rt"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m mtcnn_rt \"$@\"\n")
    command.chmod(0o755)
    script = """
eval "$(_MTCNN_RT_COMPLETE=bash_source mtcnn-rt)"
complete -p mtcnn-rt
COMP_WORDS=(mtcnn-rt ima) COMP_CWORD=1
_mtcnn_rt_completion mtcnn-rt ima mtcnn-rt; echo "${COMPREPLY[@]}"
unset COMPREPLY  # as the shell does
COMP_WORDS=(mtcnn-rt image --anon) COMP_CWORD=2
_mtcnn_rt_completion mtcnn-rt --anon image; echo "${COMPREPLY[@]}"
"""
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[1:] == ["image", "--anonymize"], done.stderr
    assert "_mtcnn_rt_completion mtcnn-rt" in done.stdout.splitlines()[0]

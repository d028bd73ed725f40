"""The start of the program, and its end when something is wrong."""

import os
import re
import shlex
import subprocess
import sys

import click
import pytest
from click.types import FloatParamType
from helpers.command_results import assert_one_line_error

from mtcnn_rt.cli import COMMANDS, main
from mtcnn_rt.cli.config import leaves, options_of


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["--nonsense"],
        ["image"],
        ["image", "missing.jpg"],
        ["image", "*.jpg"],
        ["image", "missing.jpg", "--min-face-size", "big"],
        ["process"],
        ["process", "missing.mp4"],
        ["process", "missing.mp4", "--sample"],
        ["info", "--model", "missing"],
    ],
)
def test_an_error_is_one_line(run, words):
    result = run(*words)
    assert_one_line_error(result)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [("my  photo.jpg", "my  photo.jpg"), ("a\tb.jpg", r"a\tb.jpg"), ("a \n b.jpg", "a b.jpg")],
)
def test_spaces_in_the_name_of_an_error_stay(run, name, shown):
    result = run("image", name)
    expected = f"mtcnn-rt: error: cannot read {shown}: no such file or folder\n"
    assert (result.exit_code, result.stderr) == (2, expected)


@pytest.mark.skipif(os.name == "nt", reason="an open folder cannot be removed")
@pytest.mark.parametrize("command", ["image", "crops", "process"])
def test_a_current_folder_that_was_removed_is_named(program, tmp_path, save, command):
    (tmp_path / "gone").mkdir()
    save("a.png")
    words = shlex.join([*program, command, "../a.png", "--out", "o"])
    done = subprocess.run(
        f"rmdir ../gone; {words}", shell=True, cwd=tmp_path / "gone", capture_output=True, text=True
    )
    why = (
        "the current folder was removed, and nothing can be found or started there; cd to a folder"
    )
    assert (done.returncode, done.stderr) == (2, f"mtcnn-rt: error: {why} that exists\n")


@pytest.mark.parametrize(
    "option",
    [
        ["--min-face-size", "3"],
        ["--scale-factor", "1.5"],
        ["--thresholds", "0.6", "0.7", "7"],
        ["--threads", "0"],
        ["--provider", "nonsense"],
        ["--model", "missing"],
        ["--preset", "slow"],
        ["--model", "published", "--preset", ""],
    ],
)
def test_a_wrong_setting_is_one_line(run, save, option):
    save("picture.png")
    result = run("image", "picture.png", *option)
    assert_one_line_error(result)
    assert not os.path.exists("faces")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_no_option_is_a_number_that_is_not_finite(value):
    checked = []
    for name, command in leaves(main):
        for option in options_of(command).values():
            if isinstance(option.type, FloatParamType) and option.name != "box_offset":
                with pytest.raises(click.BadParameter, match=f"{value} is not a finite number"):
                    option.type.convert(value, option, None)
                checked.append((name, option.name))
    assert {("crops", "margin"), ("export", "min_score"), ("webcam", "fps")} <= set(checked)
    assert {("image", "thresholds"), ("image", "blur_strength")} <= set(checked)


def test_a_score_that_is_no_number_does_not_leave_out_all_faces(run, save):
    save("picture.png")
    with open("faces.jsonl", "w") as file:
        file.write('{"image": "picture.png", "width": 64, "height": 48, "faces": []}\n')
    for words in (["crops", "picture.png"], ["export", "faces.jsonl", "--format", "coco"]):
        result = run(*words, "--out", "out", "--min-score", "nan")
        assert_one_line_error(result)
        assert "Invalid value for '--min-score': nan is not a finite number" in result.stderr
        assert not os.path.exists("out")


def test_a_file_of_options_has_no_number_that_is_not_finite(run, save):
    save("picture.png")
    with open("mtcnn-rt.toml", "w") as file:
        file.write("[crops]\nmargin = nan\n")
    result = run("crops", "picture.png")
    assert_one_line_error(result)
    assert "mtcnn-rt.toml: [crops] margin: nan is not a finite number" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--debug", "process", "missing.mp4"],
        ["process", "--debug", "missing.mp4"],
        ["process", "missing.mp4", "--debug"],
    ],
)
def test_debug_shows_where_an_error_comes_from(run, words):
    result = run(*words)
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert result.stderr.splitlines()[-1] == "mtcnn-rt: error: missing.mp4: no such file"


def test_debug_after_two_dashes_is_a_file(run):
    result = run("process", "--", "--debug")
    assert result.stderr == "mtcnn-rt: error: --debug: no such file\n"


def test_help_names_every_command(run):
    for result in run(), run("--help"):
        assert result.exit_code == 0
        for command in COMMANDS:
            assert f"\n  {command} " in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f" {command} [OPTIONS]" in result.stdout


def test_the_version_is_printed(run_program):
    done = run_program("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("mtcnn-rt 0.")


@pytest.mark.parametrize("name", COMMANDS)
def test_options_name_only_options_of_their_command(name):
    command = main.get_command(click.Context(main), name)
    for each in (command, *getattr(command, "commands", {}).values()):
        known = {text for option in each.params for text in (*option.opts, *option.secondary_opts)}
        for option in each.params:
            named = set(re.findall(r"(?<![\w-])--[a-z-]+", getattr(option, "help", None) or ""))
            assert named <= known, f"{each.name} {option.name}"


def test_help_loads_nothing_heavy():
    script = """
import sys
from mtcnn_rt.cli import main
try:
    main(["--help"])
except SystemExit:
    print(*sorted({"av", "rich"} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr == "\n"


def test_a_reader_that_leaves_is_no_error(program, save, tmp_path):
    for number in range(200):  # more than a pipe holds
        save(f"{'x' * 200}-{number}.png")
    with subprocess.Popen(
        [*program, "image", ".", "--no-images", "--json", "-"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        command.stdout.close()
        assert command.stderr.read() == ""
    assert command.returncode == 1

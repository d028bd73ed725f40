"""The command line answers what new users try first in one line, with what they may mean."""

import pytest
from helpers.command_results import assert_one_line_error


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["imgae", "a.jpg"], "no such command: imgae; did you mean image?"),
        (["detect"], "no such command: detect; there are image, crops, batch, "),
        (["a.jpg"], "no such command: a.jpg; did you mean image a.jpg, or process a.jpg?"),
        (["image", "a.jpg", "-o", "b.jpg"], "no such option: -o; did you mean --out?"),
        (["image", "https://host/a.jpg"], "cannot read https://host/a.jpg: an address, not a file"),
    ],
)
def test_one_line_has_what_is_meant(run, words, message):
    with open("a.jpg", "wb"):
        pass
    result = run(*words)
    assert_one_line_error(result)
    assert message in result.stderr


def test_evaluate_alone_prints_its_help(run):
    result = run("evaluate")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ")
    assert "wider" in result.stdout
    assert result.stdout.count("\n") > 10


def test_an_unknown_computer_is_named(run, monkeypatch, tmp_path):
    from helpers.clips import write_steady

    clip = write_steady(tmp_path / "clip.mp4", 3)
    result = run("process", clip, "-o", "rtsp://me:secret@missing.invalid/live")
    assert_one_line_error(result)
    assert "/live: cannot be opened: there is no computer missing.invalid" in result.stderr
    assert "secret" not in result.stderr


@pytest.mark.parametrize("command", ["image", "process", "crops"])
def test_a_file_whose_name_begins_as_options_do(run, command):
    with open("-dash.jpg", "wb"):
        pass
    result = run(command, "-dash.jpg")
    assert_one_line_error(result)
    assert "no such option: -dash.jpg; for the file write ./-dash.jpg" in result.stderr

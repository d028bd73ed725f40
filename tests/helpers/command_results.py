"""Checks how commands ended."""

import re

from click.testing import Result


def assert_one_image_done(result: Result, faces: int, out: str) -> None:
    """Asserts that a command searched an image, printed its summary and had no problem."""
    assert result.exit_code == 0
    assert re.fullmatch(rf"1 images, {faces} faces, \d+\.\d\d s: {out}\n", result.stdout)
    assert result.stderr == ""


def assert_one_line_error(result: Result) -> None:
    """Asserts that a command ended with exit status 2 and one line that names the error."""
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: error: ")
    assert result.stderr.count("\n") == 1

"""Checks how commands ended."""

from click.testing import Result


def assert_one_line_error(result: Result) -> None:
    """Asserts that a command ended with exit status 2 and one line that names the error."""
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: error: ")
    assert result.stderr.count("\n") == 1

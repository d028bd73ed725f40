"""The run over a large archive that is killed at random times."""

import re
import sys

import pytest

from benchmarks.archive import compare

COUNTS = [150, pytest.param(100_000, marks=pytest.mark.slow)]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("count", COUNTS)
def test_results_of_a_run_that_is_killed_three_times_are_those_of_another(count, tmp_path, capsys):
    options = ["--min-face-size", "40", "--part", str(max(20, count // 100))]
    assert compare(tmp_path, count, 3, options) == 0
    printed = capsys.readouterr().out
    rows = re.findall(r"^\| (undisturbed|killed) \| (\d) \|.*\| (\d+) images, ", printed, re.M)
    assert rows == [("undisturbed", "0", str(count)), ("killed", "3", str(count))]
    assert printed.endswith("The results are the same, bit for bit.\n")
    memory = [int(number) for number in re.findall(r"\| (\d+) \| (?:\d+) \| \d+ images", printed)]
    assert all(20 < megabytes < 200 for megabytes in memory)  # it does not grow with the archive

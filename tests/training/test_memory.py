"""Tests that the memory of a training step is kept for the next one."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import resource
import numpy as np
from mtcnn_rt.training.memory import keep_freed_memory

kept = keep_freed_memory() if {keep} else False
for step in range(22):
    if step == 2:  # the first steps have to get the memory
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [np.ones(8 << 20, np.uint8) for _ in range(4)]
    del blocks
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(keep: bool) -> tuple[str, int]:
    """Returns whether memory is kept, and the page faults of 20 steps that use 32 MB each."""
    program = PROGRAM.format(keep=keep)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    kept, faults = done.stdout.decode().split()
    return kept, int(faults)


def test_steps_reuse_the_memory_of_those_before() -> None:
    kept, faults = _page_faults(keep=True)
    if kept == "False":
        pytest.skip("the C library has no mallopt")
    assert faults < 100  # by default about 20 x 8192 pages of 4 KB

"""The core asks for large pages for the memory that every detection reads and writes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Prints the megabytes of addresses for which large pages are asked.
ADVISED = r"""
import re
import numpy as np
from mtcnn_rt import MTCNN
detector = MTCNN(threads=1)
detector.detect(np.zeros((480, 640, 3), np.uint8))
parts = open("/proc/self/smaps").read().split("VmFlags:")
sizes = [int(re.search(r"^Size: +(\d+) kB", part, re.MULTILINE)[1]) for part in parts[:-1]]
flags = [part.partition("\n")[0].split() for part in parts[1:]]
print(sum(size for size, own in zip(sizes, flags) if "hg" in own) // 1024)
"""


@pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage/enabled").exists(),
    reason="the system has no large pages",
)
@pytest.mark.skipif("asan" in os.environ.get("LD_PRELOAD", ""), reason="AddressSanitizer")
def test_weights_and_the_memory_of_threads_are_in_large_pages():
    done = subprocess.run([sys.executable, "-c", ADVISED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # 16 MB for weights, 2 MB for the thread, and 2 MB for the halves of the image.
    assert 20 <= int(done.stdout) < 64

"""Tests that encoders neither take real-time priority nor print lines."""

import os
import subprocess
import sys
from pathlib import Path

import av
import pytest

tasks = Path("/proc/self/task")
pytestmark = pytest.mark.skipif(not tasks.exists(), reason="the system has no /proc/self/task")


@pytest.mark.skipif("libsvtav1" not in av.codecs_available, reason="FFmpeg lacks SVT-AV1")
def test_av1_runs_at_the_usual_priority_and_prints_nothing(tmp_path):
    """In a process of its own: SVT-AV1 would take the highest priority from root."""
    program = f"""
import os, numpy as np
from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sinks.encoder import VideoEncoder
from fractions import Fraction
import av
with av.open({str(tmp_path / "a.webm")!r}, "w") as output:
    video = VideoFormat((64, 64), Fraction(25), Fraction(1, 25))
    encoder = VideoEncoder(output, video, "libsvtav1", None, "ultrafast")
    threads = [int(thread) for thread in os.listdir("/proc/self/task")]
    print(len(threads), sum(os.sched_getscheduler(each) != os.SCHED_OTHER for each in threads))
    output.mux(encoder.finish())
assert "SVT_LOG" not in os.environ
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr == ""
    threads, real_time_threads = map(int, done.stdout.split())
    assert threads > 2
    assert real_time_threads == 0


def test_threads_of_real_time_lose_it():
    """Only those that get it in the block."""
    program = """
import os
from mtcnn_rt.video.sinks.encoder_opening import usual_priority
with usual_priority():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
print(os.sched_getscheduler(0))
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
with usual_priority():
    pass
print(os.sched_getscheduler(0))
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if "PermissionError" in done.stderr:
        pytest.skip("this user may not ask for real-time priority")
    assert done.stdout.split() == [str(os.SCHED_OTHER), str(os.SCHED_FIFO)]

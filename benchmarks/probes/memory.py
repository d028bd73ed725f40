"""Measures the peak megabytes of a process that finds faces in a video of 640x480.

    python -m benchmarks.probes.memory ENGINE FRAMES

Decoding is included.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from itertools import islice
from pathlib import Path

from benchmarks.images import resize
from mtcnn_rt import MTCNN
from mtcnn_rt.video import stream
from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.sources.file import FileSource


def main(engine: str, frames: str) -> None:
    """Processes the first frames of the packaged clip, enlarged."""
    with FileSource(Path(str(files("mtcnn_rt") / "sample.mp4"))) as source:
        for _ in stream(vga(islice(source, int(frames))), MTCNN(engine=engine)):
            pass
    print(peak_megabytes())


def vga(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Resizes frames to 640x480."""
    for frame in frames:
        yield replace(frame, image=resize(frame.image, 640, 480))


def peak_megabytes() -> float:
    """Reads the peak memory of this process since its program was loaded.

    `getrusage` does not serve: it also counts the memory of the parent before that.
    """
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024 / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Peak megabytes of a process that finds the faces of a stream of 640x480, decoding included.

python -m benchmarks.probes.memory ENGINE FRAMES
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
    """The first frames of the packaged clip, enlarged."""
    with FileSource(Path(str(files("mtcnn_rt") / "sample.mp4"))) as source:
        for _ in stream(vga(islice(source, int(frames))), MTCNN(engine=engine)):
            pass
    print(peak_megabytes())


def vga(frames: Iterator[Frame]) -> Iterator[Frame]:
    for frame in frames:
        yield replace(frame, image=resize(frame.image, 640, 480))


def peak_megabytes() -> float:
    """Of this process since its program was loaded, which `getrusage` does not tell: it counts what
    its parent was before that."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024 / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Counts the instructions of the hot paths, and compares them with those in the repository.

    python tools/count_instructions.py           # fails if a path takes 2 % more than recorded
    python tools/count_instructions.py --write   # records the counts of this build

No time is measured: Callgrind, a tool of Valgrind, counts the instructions that the compiled module
runs, and a busy machine gets the same figures. Each path runs in a process of its own, on a frame
of the sample clip, with AVX2, since Valgrind has no AVX-512. The counts hold for one compiler: with
another one, without Valgrind or without AVX2, nothing is compared, and a line gives the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mtcnn_rt
from mtcnn_rt import MTCNN, Tracker, _native

COUNTS = Path(__file__).with_name("instruction_counts.json")
ISA = "avx2"
TOLERANCE = 0.02
"""Largest growth of a count, as a share of the recorded one."""

Pixels = NDArray[np.uint8]


def main() -> None:
    """Counts all paths; compares or records the counts, or runs one path."""
    arguments = parse_arguments()
    if arguments.run:
        PATHS[arguments.run](np.load(arguments.frame))
        return
    compiler = compiled_by(Path(_native.__file__).read_bytes())
    recorded = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    reason = missing() or (None if arguments.write else mismatch(recorded, compiler))
    if reason:
        print(f"instruction counts: skipped, {reason}")
        return
    counts = count_all()
    if arguments.write:
        COUNTS.write_text(json.dumps({"compiler": compiler, "counts": counts}, indent=2) + "\n")
    lines, status = compare(counts, counts if arguments.write else recorded["counts"])
    print("\n".join(lines))
    sys.exit(status)


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="record the counts of this build")
    parser.add_argument("--run", choices=PATHS, help=argparse.SUPPRESS)
    parser.add_argument("--frame", help=argparse.SUPPRESS)
    return parser.parse_args()


def missing() -> str | None:
    """Returns what this machine lacks, or None."""
    if not shutil.which("valgrind"):
        return "valgrind is not installed"
    return None if ISA in _native.isas() else f"the processor has no {ISA}"


def mismatch(recorded: dict[str, Any], compiler: str) -> str | None:
    """Returns why the recorded counts do not hold for this build, or None."""
    if not recorded:
        return f"{COUNTS.name} does not exist; --write makes it"
    if recorded["compiler"] == compiler:
        return None
    return f"the counts are of {recorded['compiler']}, and this build of {compiler}"


def compiled_by(module: bytes) -> str:
    """Returns the compiler that a compiled module names in its comments, or several compilers."""
    found = re.findall(rb"GCC: \([^)\0]*\) [0-9.]+|clang version [0-9.]+", module)
    return ", ".join(sorted({name.decode() for name in found})) or "an unknown compiler"


def compare(counts: dict[str, int], recorded: dict[str, int]) -> tuple[list[str], int]:
    """Compares counts with the recorded ones.

    Returns:
        A line for each path, and the exit status: 1 if one has grown by more than the tolerance, or
        is not recorded.
    """
    lines, status = [], 0
    for path, count in counts.items():
        before = recorded.get(path)
        if before is None:
            lines.append(f"{path:9}{count:>14,} instructions, not recorded; --write records them")
            status = 1
            continue
        more, allowed = count - before, TOLERANCE * before
        verdict = "ok"
        if more > allowed:
            verdict = f"more than {TOLERANCE:.0%}: too slow, or --write if it has to be"
            status = 1
        elif more < -allowed:
            verdict = "fewer; --write keeps them"
        lines.append(f"{path:9}{count:>14,} instructions {more / before:+7.2%}  {verdict}")
    return lines, status


def count_all() -> dict[str, int]:
    """Returns the instructions of each path; those of "load" are taken off the others."""
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder) / "frame.npy"
        np.save(frame, first_frame())
        counts = {path: count(path, frame) for path in PATHS}
    return {path: n - counts["load"] if path in SEARCHES else n for path, n in counts.items()}


def first_frame() -> Pixels:
    """Returns luma and chroma (540, 640) of the sample clip's first frame, 640 x 360.

    Decoders agree on these to the last bit.
    """
    import av

    with av.open(str(Path(mtcnn_rt.__file__).parent / "sample.mp4")) as clip:
        return np.asarray(next(clip.decode(video=0)).to_ndarray(), np.uint8)


def count(path: str, frame: Path) -> int:
    """Returns the instructions that the compiled module runs in a path."""
    out = frame.with_name("callgrind")
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", sys.executable]
    command += [str(Path(__file__).resolve()), "--run", path, "--frame", str(frame)]
    environment = {**os.environ, "MTCNN_RT_ISA": ISA, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{path}: valgrind failed\n{done.stderr[-2000:]}")
    with out.open() as lines:
        return instructions(lines, Path(_native.__file__).name)


def instructions(profile: Iterable[str], file: str) -> int:
    """Returns the instructions of an object file in a profile of Callgrind, without its callees.

    A name stands once beside its number, `ob=(3) /usr/lib/libm.so` or `cob=`, and then the number
    alone. The line after `calls=` is the cost of a call, which the callee has as well.
    """
    numbers = set()
    total, ours, of_call = 0, False, False
    for line in profile:
        if match := re.match(r"(c?)ob=(\(\d+\))(?: (.*))?", line):
            called, number, name = match.groups()
            if name and Path(name).name == file:
                numbers.add(number)
            if not called:
                ours = number in numbers
        elif line.startswith("calls="):
            of_call = True
        elif line[0].isdigit() or line[0] in "+-*":
            total += int(line.split()[-1]) if ours and not of_call else 0
            of_call = False
    return total


def load(frame: Pixels) -> None:
    """Loads the default weights."""
    MTCNN(threads=1)


def detect(frame: Pixels) -> None:
    """Detects faces from 20 pixels on; P-Net, NMS, R-Net and O-Net on many crops."""
    assert len(MTCNN(min_face_size=20, threads=1).detect(bgr(frame)))


def detect_in_integers(frame: Pixels) -> None:
    """Detects faces with P-Net in integers."""
    assert len(MTCNN(min_face_size=20, threads=1, precision="int16").detect(bgr(frame)))


def track(frame: Pixels) -> None:
    """Follows faces through ten frames that are all the same."""
    tracker = Tracker(MTCNN(min_face_size=20, threads=1))
    image = bgr(frame)
    for i in range(10):
        assert len(tracker.update(image, i / 25).faces)


def convert(frame: Pixels) -> None:
    """Turns a frame of luma and chroma into BGR and back."""
    image = np.zeros((360, 640, 3), np.uint8)
    for value in (0, 100):
        planes = as_planes(frame)
        image[:] = value
        planes.write(image, 0, 0, 640, 360)
        planes.read(image, 0, 0, 640, 360)


def bgr(frame: Pixels) -> Pixels:
    """Returns an image (360, 640, 3) of luma and chroma."""
    image = np.empty((360, 640, 3), np.uint8)
    as_planes(frame).read(image, 0, 0, 640, 360)
    return image


def as_planes(frame: Pixels) -> _native.Planes:
    """Returns luma and chroma (540, 640) as planes, in the colors of BT.601."""
    luma, chroma = np.split(frame, [360])
    u, v = chroma.reshape(2, 180, 320)
    return _native.Planes(luma, u, v, 0.299, 0.114, False)


PATHS: dict[str, Callable[[Pixels], None]] = {
    "load": load,
    "detect": detect,
    "integers": detect_in_integers,
    "track": track,
    "convert": convert,
}
SEARCHES = ("detect", "integers", "track")

if __name__ == "__main__":
    main()

"""Measures the video pipeline end to end, decoding and encoding included.

    python -m benchmarks.pipeline [--video ../shared/media/video.mp4]

Compares two workers with one, and the memory of a long clip with that of a short one.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import av

from benchmarks.command_line import add_video, new_parser
from benchmarks.machine import describe, heading
from mtcnn_rt._defaults import ENGINES

SHORT, LONG = 10, 600
"""Seconds of the clips whose memory is compared."""


def main() -> None:
    """Prints two Markdown tables."""
    parser = new_parser("pipeline", __doc__)
    add_video(parser)
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="engine of the first table; default: %(default)s",
    )
    parser.add_argument(
        "--long", type=int, default=LONG, help="seconds of the long clip; default: %(default)s"
    )
    arguments = parser.parse_args()
    print(heading(describe(["mtcnn_rt", "av", "onnxruntime"])) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        print(workers_table(arguments, Path(folder)), flush=True)
        print("\n" + memory_table(arguments.video, arguments.long, Path(folder)))


def workers_table(arguments: argparse.Namespace, folder: Path) -> str:
    """Measures frames per second with one and two workers, in turn.

    Each worker has one thread and detects faces in every frame.
    """
    video, rounds, engine = arguments.video, arguments.rounds, arguments.engine
    frames = count_frames(video)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for workers, of_workers in rates.items():
            options = ("--detect-every", "1", "--threads", "1", "--workers", str(workers))
            rate, _ = process(video, folder, *options, "--engine", engine)
            of_workers.append(rate)
    ratio = median(two / one for one, two in zip(rates[1], rates[2], strict=True))
    rows = [
        f"| {workers} | {median(of_workers):.1f} ({min(of_workers):.1f} - {max(of_workers):.1f}) |"
        for workers, of_workers in rates.items()
    ]
    heading = f"engine {engine}, {frames} frames, {rounds} rounds in turn; median ratio {ratio:.2f}"
    return "\n".join([heading, "", "| workers | frames a second |", "|---|---|", *rows])


def memory_table(video: Path, long: int, folder: Path) -> str:
    """Measures the peak memory of the process for a short and a long clip of the same frames."""
    rows, peaks = [], []
    for seconds in (SHORT, long):
        clip = folder / f"{seconds}.mp4"
        loop_clip(video, clip, seconds)
        _, peak = process(clip, folder, "--min-face-size", "40")
        peaks.append(peak)
        rows.append(f"| {seconds} s | {count_frames(clip)} | {peak / 1e6:.0f} MB |")
    heading = f"peak memory, 640x360, long against short {peaks[1] / peaks[0]:.2f}"
    return "\n".join([heading, "", "| clip | frames | peak memory |", "|---|---|---|", *rows])


def process(video: Path, folder: Path, *options: str) -> tuple[float, int]:
    """Runs `mtcnn-rt process`.

    Args:
        video: The video.
        folder: A folder for the output.
        options: Further options of the command.

    Returns:
        The frames per second that the command prints, from its first frame to its last, and the
        peak memory of the process in bytes.
    """
    output = folder / "out.mp4"
    command = [sys.executable, "-m", "mtcnn_rt", "process", str(video), "-o", str(output)]
    child = subprocess.Popen([*command, "--overwrite", *options], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    summary = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    rate = re.search(r"([\d.]+) fps", summary)
    if status or not rate:
        sys.exit(f"mtcnn-rt process failed with {status}")
    return float(rate[1]), usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def count_frames(video: Path) -> int:
    """Counts the frames of a video."""
    with av.open(str(video)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def loop_clip(video: Path, output: Path, seconds: int) -> None:
    """Writes a video again and again, 640x360, H.264, until the clip lasts `seconds`."""
    with av.open(str(video)) as source, av.open(str(output), "w") as sink:
        rate = source.streams.video[0].average_rate
        stream = sink.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        images = [
            frame.reformat(640, 360, "yuv420p") for frame in source.decode(source.streams.video[0])
        ]
        for index in range(int(seconds * rate)):
            image = images[index % len(images)]
            image.pts, image.time_base = index, 1 / rate
            sink.mux(stream.encode(image))
        sink.mux(stream.encode(None))


if __name__ == "__main__":
    main()

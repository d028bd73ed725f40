"""Makes the command lines of the benchmarks."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

VIDEO = Path(__file__).resolve().parents[1] / "../shared/media/video.mp4"


def new_parser(module: str, description: str | None) -> argparse.ArgumentParser:
    """Returns the parser of a benchmark.

    Args:
        module: The name of the module that runs it, below `benchmarks`.
        description: The docstring of the module, printed as it is.
    """
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_video(parser: argparse.ArgumentParser) -> None:
    """Adds the option of the video and that of the rounds."""
    parser.add_argument(
        "--video",
        type=Path,
        default=VIDEO,
        help="video; default: shared/media/video.mp4 beside the repository",
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds; default: %(default)s")


def add_numbers(
    parser: argparse.ArgumentParser, name: str, default: Sequence[int], unit: str, help: str
) -> None:
    """Adds an option of one or several whole numbers.

    Args:
        parser: The parser.
        name: The name of the option.
        default: Its default.
        unit: The placeholder of a number in the help.
        help: The help. The default is added.
    """
    shown = f"{help}; default: {' '.join(map(str, default))}"
    parser.add_argument(name, type=int, nargs="+", default=default, metavar=unit, help=shown)

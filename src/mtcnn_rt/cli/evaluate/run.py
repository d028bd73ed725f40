"""Runs detectors on the images of an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from mtcnn_rt._images.library_lines import LibraryLines, heard_libraries
from mtcnn_rt.cli.evaluate.gallery import Gallery
from mtcnn_rt.cli.evaluate.outputs import Outputs, Write
from mtcnn_rt.cli.messages import notify
from mtcnn_rt.cli.progress import progress_bar
from mtcnn_rt.cli.signals import terminate_as_interrupt

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from mtcnn_rt import Faces
    from mtcnn_rt._arrays import Pixels
    from mtcnn_rt.evaluation.measurement import Evaluation
    from mtcnn_rt.evaluation.report import Example, Mistakes

Item = TypeVar("Item")
Detect: TypeAlias = Callable[["Pixels"], "Faces"]
"""Detects in a BGR image, (H, W, 3) uint8."""

EXAMPLES = 8
"""The number of example images in the report."""


@dataclass
class Run:
    """Runs one evaluation.

    Attributes:
        write_outputs: Prints the table and writes the output files.
        has_report: True where a report is written.
        console: The console of messages and the progress bar.
        problems: The number of things that are left out. The exit status is 1 if there are any.
        examples: The example images for the report.
    """

    write_outputs: Write
    has_report: bool
    console: Console
    problems: int = 0
    examples: Sequence[Example] = field(default_factory=list)

    def warn(self, problems: Sequence[str]) -> None:
        """Prints what is left out and counts it.

        Args:
            problems: A message for each thing that is left out.
        """
        for problem in problems:
            notify(problem, self.console)
        self.problems += len(problems)

    def detect(
        self,
        items: Sequence[Item],
        name: Callable[[Item], str],
        read: Callable[[Item, LibraryLines], Pixels],
        detectors: Mapping[str, Detect],
    ) -> Iterator[tuple[Item, Pixels, dict[str, Faces]]]:
        """Detects in the images of all items, with a progress bar.

        Items whose image cannot be read, or is a damaged JPEG, are named and left out.

        Args:
            items: The items, such as annotated images.
            name: Returns the name of an item.
            read: Reads the image of an item; the lines are those that libraries write meanwhile.
                Raises ValueError where it cannot be read, or is damaged.
            detectors: The detectors by name.

        Yields:
            Each item, its image and the faces that each detector finds, by the detector's name.

        Raises:
            ValueError: No image can be read.
        """
        gallery = Gallery(len(items), EXAMPLES)
        done = 0
        with heard_libraries() as lines, progress_bar(self.console) as bar:
            for item in bar.track(items):
                try:
                    image = read(item, lines)
                except ValueError as error:
                    self.warn([str(error)])
                    continue
                found = {key: detect(image) for key, detect in detectors.items()}
                gallery.offer(name(item), image, found)
                done += 1
                yield item, image, found
        if not done:
            raise ValueError("no image can be read")
        self.examples = gallery.examples

    def write(self, evaluation: Evaluation, mistakes: Sequence[Mistakes] = ()) -> None:
        """Prints the table and writes the output files, with the examples of `detect`.

        Args:
            evaluation: The evaluation.
            mistakes: The worst mistakes of each detector, for the report.
        """
        self.write_outputs(evaluation, self.examples, mistakes)

    def status(self) -> int:
        """Returns the exit status: 1 where something is left out, else 0."""
        return 1 if self.problems else 0


def read_stored(path: Path, max_pixels: int, lines: LibraryLines) -> Pixels:
    """Reads the pixels of an image file as they are stored, which is how annotations count them.

    Args:
        path: The image file.
        max_pixels: Most pixels to decode.
        lines: Holds what libraries write to standard error meanwhile.

    Returns:
        The pixels, (H, W, 3) uint8 BGR.

    Raises:
        ValueError: The file cannot be read, or is damaged.
    """
    from mtcnn_rt.annotations.storage import Stored

    return Stored(path, str(path), max_pixels=max_pixels).read(lines=lines)


@contextmanager
def evaluating(outputs: Outputs) -> Iterator[Run]:
    """Opens the output files for a `with` block, which calls `Run.write`.

    Args:
        outputs: The output files.

    Yields:
        The run. The files are complete when the block ends.
    """
    from rich.console import Console

    with terminate_as_interrupt(), outputs.opened() as write:
        yield Run(write, outputs.report is not None, Console(stderr=True))

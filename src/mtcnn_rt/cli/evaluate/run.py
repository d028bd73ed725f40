"""An evaluation from its first image to its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from mtcnn_rt.cli.evaluate.gallery import Gallery
from mtcnn_rt.cli.evaluate.outputs import Outputs, Write
from mtcnn_rt.cli.options import progress_bar
from mtcnn_rt.cli.signals import terminate_as_interrupt

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

    from mtcnn_rt import Faces
    from mtcnn_rt.evaluation.measurement import Evaluation
    from mtcnn_rt.evaluation.report import Example

Item = TypeVar("Item")
Detect = Callable[["NDArray[np.uint8]"], "Faces"]

EXAMPLES = 8


@dataclass
class Run:
    """problems: the number of things that were left out, which makes the exit status 1."""

    write_results: Write
    console: Console
    problems: int = 0
    examples: Sequence[Example] = field(default_factory=list)

    def tell(self, problems: Sequence[str]) -> None:
        """Tells at once what is left out."""
        for problem in problems:
            self.console.out(f"mtcnn-rt: {problem}", highlight=False)
        self.problems += len(problems)

    def detect(
        self,
        items: Sequence[Item],
        name: Callable[[Item], str],
        read: Callable[[Item], NDArray[np.uint8]],
        detectors: Mapping[str, Detect],
    ) -> Iterator[tuple[Item, NDArray[np.uint8], dict[str, Faces]]]:
        """The items with their images and what each detector finds there, with a progress bar.
        Those for which `read` raises ValueError are told and left out.

        Raises ValueError where that is all of them."""
        gallery = Gallery(len(items), EXAMPLES)
        done = 0
        with progress_bar(self.console) as bar:
            for item in bar.track(items):
                try:
                    image = read(item)
                except ValueError as error:
                    self.tell([str(error)])
                    continue
                found = {key: detect(image) for key, detect in detectors.items()}
                gallery.offer(name(item), image, found)
                done += 1
                yield item, image, found
        if not done:
            raise ValueError("no image can be read")
        self.examples = gallery.examples

    def write(self, evaluation: Evaluation) -> None:
        self.write_results(evaluation, self.examples)

    def status(self) -> int:
        return 1 if self.problems else 0


def read_stored(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 BGR, the pixels as they are stored, which annotations count. Raises
    ValueError."""
    from mtcnn_rt.annotations.storage import Stored

    return Stored(path, str(path)).read()


@contextmanager
def evaluating(outputs: Outputs) -> Iterator[Run]:
    """Opens the outputs, which are finished when the block has called `write` and ends."""
    from rich.console import Console

    with terminate_as_interrupt(), outputs.opened() as write:
        yield Run(write, Console(stderr=True))

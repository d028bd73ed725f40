"""Writes the output files of an evaluation."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from mtcnn_rt._files.finished import finished_file, naming
from mtcnn_rt.cli.file_plan import FilePlan
from mtcnn_rt.cli.messages import echo

if TYPE_CHECKING:
    from mtcnn_rt.evaluation.measurement import Evaluation
    from mtcnn_rt.evaluation.report import Example, Mistakes

Write: TypeAlias = Callable[["Evaluation", "Sequence[Example]", "Sequence[Mistakes]"], None]


@dataclass(frozen=True)
class Outputs:
    """Holds the output files that the user asks for; None for those that are not asked for.

    Attributes:
        json_file: The file of numbers and curves.
        plot: The file of the plots.
        report: The file of the report.
        overwrite: True to replace files that exist.
        plan: The files that the command reads and writes.
    """

    json_file: Path | None
    plot: Path | None
    report: Path | None
    overwrite: bool
    plan: FilePlan

    @contextmanager
    def opened(self) -> Iterator[Write]:
        """Opens the files for a `with` block.

        Raises the errors that would keep the files from being written before the block runs, since
        it may take hours.

        Yields:
            A function that prints the table and writes the files, to be called once.

        Raises:
            OSError: A file cannot be written; see `finished_file`.
            MissingPackageError: Matplotlib is needed and not installed.
        """
        paths = [p for p in (self.json_file, self.plot, self.report) if p is not None]
        if self.plot or self.report:
            from mtcnn_rt.evaluation.plots import require_matplotlib

            require_matplotlib()
        with ExitStack() as stack:
            temporary = {
                path: stack.enter_context(finished_file(path, self.overwrite)) for path in paths
            }
            yield functools.partial(self._write, temporary)

    def _write(
        self,
        temporary: Mapping[Path, Path],
        evaluation: Evaluation,
        examples: Sequence[Example],
        mistakes: Sequence[Mistakes],
    ) -> None:
        from mtcnn_rt.evaluation.tables import as_json, as_text

        if self.json_file:
            _write(self.json_file, temporary, as_json(evaluation))
        if self.plot or self.report:
            from mtcnn_rt.evaluation.plots import as_png
            from mtcnn_rt.evaluation.report import as_html

            plots = as_png(evaluation)
            if self.plot:
                _write(self.plot, temporary, plots)
            if self.report:
                _write(self.report, temporary, as_html(evaluation, plots, examples, mistakes))
        for line in as_text(evaluation).split("\n"):
            echo(line)


def _write(path: Path, temporary: Mapping[Path, Path], content: bytes) -> None:
    with naming(path):
        temporary[path].write_bytes(content)

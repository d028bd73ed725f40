"""Where the results of an evaluation go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt._files import finished_file

if TYPE_CHECKING:
    from mtcnn_rt.evaluation.measurement import Evaluation
    from mtcnn_rt.evaluation.report import Example

Write = Callable[["Evaluation", "Sequence[Example]"], None]


@dataclass(frozen=True)
class Outputs:
    """The files that are asked for; None is not."""

    json_file: Path | None
    plot: Path | None
    report: Path | None
    overwrite: bool

    @contextmanager
    def opened(self) -> Iterator[Write]:
        """Gives the block a function that prints and writes results, once. What is in the way of
        writing is told before the block: it may take hours.

        Raises OSError as `finished_file`, UsageError for one file with two uses,
        ModuleNotFoundError without matplotlib."""
        paths = [p for p in (self.json_file, self.plot, self.report) if p is not None]
        if len({path.resolve() for path in paths}) < len(paths):
            raise click.UsageError("--json, --plot and --report must be different files")
        if self.plot or self.report:
            from mtcnn_rt.evaluation.plots import require_matplotlib

            require_matplotlib()
        with ExitStack() as stack:
            temporary = {
                path: stack.enter_context(finished_file(path, self.overwrite)) for path in paths
            }
            yield lambda evaluation, examples: self._write(temporary, evaluation, examples)

    def _write(
        self, temporary: Mapping[Path, Path], evaluation: Evaluation, examples: Sequence[Example]
    ) -> None:
        from mtcnn_rt.evaluation.tables import as_json, as_text

        if self.json_file:
            temporary[self.json_file].write_bytes(as_json(evaluation))
        if self.plot or self.report:
            from mtcnn_rt.evaluation.plots import as_png
            from mtcnn_rt.evaluation.report import as_html

            picture = as_png(evaluation)
            if self.plot:
                temporary[self.plot].write_bytes(picture)
            if self.report:
                temporary[self.report].write_bytes(as_html(evaluation, picture, examples))
        click.echo(as_text(evaluation))

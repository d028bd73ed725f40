"""Goes through an archive: items, workers, results."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from mtcnn_rt.batch.parts import Parts, Totals
from mtcnn_rt.batch.search import Record
from mtcnn_rt.batch.sources import Sources
from mtcnn_rt.batch.workers import Settings, Workers


@dataclass(frozen=True)
class Job:
    """Searches what sources give, and writes the records as they come.

    Attributes:
        sources: The archive.
        parts: The folder of unfinished results, opened.
        workers: Number of processes.
        settings: Arguments of `Search` in each of them.
    """

    sources: Sources
    parts: Parts
    workers: int
    settings: Settings

    def run(self, report: Callable[[Record], None]) -> Totals:
        """Searches what has no record yet, and returns the counts of everything.

        Args:
            report: Is called with each new record, once it is written.

        Raises:
            ResumeError: The items are not those of the records that are there.
            OSError: The results cannot be written.
        """
        items = self.sources.items()
        with closing(items):
            self.parts.skip_done(items)
            with Workers(self.workers, self.settings) as workers:
                for key, record in workers.records(items):
                    self.parts.write(key, record)
                    report(record)
        return self.parts.totals

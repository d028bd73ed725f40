"""Goes through an archive: items, workers, results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from typing import Protocol

from mtcnn_rt.batch.items import Item
from mtcnn_rt.batch.parts import Parts, Totals
from mtcnn_rt.batch.search import Record
from mtcnn_rt.batch.sources import Sources


class RecordMaker(Protocol):
    """Makes records of items: `Workers`, or `RayWorkers`."""

    def records(self, items: Iterator[Item]) -> Iterator[tuple[str, Record]]:
        """Yields the keys of the items with their records, in order."""


@dataclass(frozen=True)
class Job:
    """Searches what sources give, and writes the records as they come.

    Attributes:
        sources: The archive.
        parts: The folder of unfinished results, opened.
        open_workers: Opens what makes the records: processes here, or actors on a Ray cluster.
    """

    sources: Sources
    parts: Parts
    open_workers: Callable[[], AbstractContextManager[RecordMaker]]

    def run(self, report: Callable[[Record], None]) -> Totals:
        """Searches what has no record yet, and returns the counts of everything.

        Args:
            report: Is called with each new record, once it is written.

        Raises:
            ResumeError: The items are not those of the records that are there.
            OSError: The results cannot be written.
            ClusterError: The Ray cluster cannot be used.
        """
        items = self.sources.items()
        with closing(items):
            self.parts.skip_done(items)
            with self.open_workers() as workers:
                for key, record in workers.records(items):
                    self.parts.write(key, record)
                    report(record)
        return self.parts.totals

"""Runs the search on a Ray cluster with Ray Data, in the place of worker processes of its own.

Items go to the actors in chunks, each a data set of Ray; records come back in the order of the
items. Ray starts actors again that are lost, and sends their items to others. Needs the extra
`ray`.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import pickle
import socket
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, redirect_stdout
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from mtcnn_rt._cores import usable_cores
from mtcnn_rt._errors import joined_lines
from mtcnn_rt._images.library_lines import LibraryLines, heard_libraries, quiet_libraries
from mtcnn_rt._packages import needs
from mtcnn_rt.batch.items import Bytes, FrameOf, Item
from mtcnn_rt.batch.notices import noticed_after
from mtcnn_rt.batch.search import Record, Search, failure
from mtcnn_rt.batch.sent_detector import SentDetector, WorkerError
from mtcnn_rt.batch.workers import TRIES, Settings

CHUNK = 50_000
"""Most items of a chunk. Ray Data starts its actors again for each, which takes seconds."""
CHUNK_BYTES = 1 << 28
"""Most bytes of the pixels and files that a chunk has itself, such as frames of videos."""
BLOCK, BATCH, TASKS = 64, 8, 4
"""Most items of a task, and of a call of the actor; tasks that an actor has at least."""
SECONDS = 5.0
"""Seconds in which a cluster has to answer."""
STARTS = 3
"""Tries to start a cluster here."""
START, FIRST = 30.0, 60.0
"""Seconds after which a line says that a cluster, or the first image of a chunk, is waited for."""
LOCAL = "local"
"""The address that starts a cluster here."""


class ClusterError(ValueError):
    """A cluster cannot be used; the message has the address and the reason."""


class RayWorkers:
    """Actors on a Ray cluster that make records of items; use it in a `with` block.

    Args:
        address: Address of the cluster: HOST:PORT, ray://HOST:PORT, "auto" for the one that this
            machine belongs to, or `LOCAL`.
        count: Number of actors; None is one for each core of the cluster.
        settings: Arguments of `Search`, which each actor makes.

    Raises:
        ClusterError: In the block's beginning: the cluster does not answer.
        MissingPackageError: Ray is missing.
    """

    def __init__(self, address: str, count: int | None, settings: Settings) -> None:
        self._address, self._count, self._settings = address, count, settings

    def __enter__(self) -> RayWorkers:
        """Connects to the cluster."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent elsewhere
        with needs("--ray"):
            import ray
            import ray.data
        _refuse_silence(self._address)
        self._connect(ray)
        self._ray = ray
        self._quiet = ExitStack()
        self._quiet.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        self._quiet.enter_context(quiet_libraries())
        nowhere = self._quiet.enter_context(open(os.devnull, "w"))
        self._quiet.enter_context(redirect_stdout(nowhere))  # where Ray reports lost actors
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = -1  # their items are tried again, one by one
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        if self._count is None:
            self._count = max(1, int(ray.cluster_resources().get("CPU", 1)))
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves the cluster; one that was started here ends."""
        self._ray.shutdown()
        self._quiet.close()

    def records(self, items: Iterator[Item]) -> Iterator[tuple[str, Record]]:
        """Yields the keys of the items with their records, in order.

        An item whose actors end `TRIES` times is searched alone in a process, and is a failure if
        that ends, too.
        """
        while chunk := _chunk(items):
            done: dict[int, Record] = {}
            written = 0
            for number, record in self._search(chunk):
                done[number] = record
                while written in done:
                    yield chunk[written].key, done.pop(written)
                    written += 1
            for number in range(written, len(chunk)):
                item = chunk[number]
                yield item.key, done.get(number) or self._search_alone(item)

    def _search(self, items: Sequence[Item]) -> Iterator[tuple[int, Record]]:
        """Yields numbers with records, in any order, without those of blocks that fail."""
        free, cores = self._cores()
        rows = [{"number": number, "item": pickle.dumps(one)} for number, one in enumerate(items)]
        actors = min(self._count or 1, len(rows))
        block = min(BLOCK, -(-len(rows) // (TASKS * actors)))
        data = self._ray.data.from_items(rows, override_num_blocks=-(-len(rows) // block))
        found = data.map_batches(
            _Actor,
            fn_constructor_args=self._sent(),
            compute=self._ray.data.ActorPoolStrategy(size=actors),
            batch_size=BATCH,
            num_cpus=1,
            ray_remote_args_fn=_retries,
        )
        slow = (
            f"--ray: no image searched in {FIRST:.0f} s; {free:.0f} of the cluster's {cores:.0f} "
            f"cores were free for {actors} actors, which wait for a core each"
        )
        with noticed_after(FIRST, lambda: slow) as begun:
            for batch in found.iter_batches(batch_size=None, prefetch_batches=1):
                begun()
                for number, record in zip(batch["number"], batch["record"], strict=True):
                    yield int(number), _read(record)
        del data, found
        gc.collect()  # ends actors that Ray has started again, which would keep their cores

    def _connect(self, ray: Any) -> None:
        """Connects to the cluster; one here is started again, as Ray gives it up after 30 s."""
        options = {"log_to_driver": False, "logging_level": logging.ERROR, **self._local()}
        slow = f"--ray: {self._address} has not answered for {START:.0f} s; waiting"
        here = self._address == LOCAL
        with noticed_after(START, lambda: slow):
            for left in reversed(range(STARTS if here else 1)):
                try:
                    ray.init(self._address, **options)
                    return
                except Exception as error:  # its own classes and gRPC's share no narrower base
                    ray.shutdown()
                    if left:
                        continue
                    reason = joined_lines(error)
                    cure = "; without --ray, --workers needs no cluster" if here else ""
                    raise ClusterError(
                        f"--ray: {self._address} cannot be used: {reason}{cure}"
                    ) from error

    def _local(self) -> dict[str, Any]:
        """Returns the options that start a cluster here; none for one that runs."""
        if self._address != LOCAL:
            return {}
        # Ray gives its workers the niceness 15, with which they starve beside other work.
        os.environ.setdefault("RAY_worker_niceness", "0")
        return {"include_dashboard": False, "num_cpus": max(self._count or 1, usable_cores())}

    def _cores(self) -> tuple[float, float]:
        """Returns how many cores of the cluster are free, and how many there are."""
        free, cores = self._ray.available_resources(), self._ray.cluster_resources()
        return free.get("CPU", 0), cores.get("CPU", 0)

    def _search_alone(self, item: Item) -> Record:
        """Searches an item in a process of its own, which needs no core that an actor may have."""
        task = self._ray.remote(_record).options(num_cpus=0, max_retries=0)
        try:
            text: str = self._ray.get(task.remote(self._sent(), pickle.dumps(item)))
        except self._ray.exceptions.RayError:
            return failure(item, _why_ended(item))
        return _read(text)

    def _sent(self) -> tuple[Any, ...]:
        """Returns the arguments of `_Actor`."""
        detector, *others = self._settings
        return SentDetector.of(detector), *others


def _retries() -> dict[str, int]:
    """Returns how often Ray starts an actor and a task again: an item may end every actor."""
    return {"max_restarts": -1, "max_task_retries": TRIES - 1}


def _record(settings: tuple[Any, ...], item: bytes) -> str:
    """Returns the record of a pickled item as JSON."""
    with heard_libraries() as lines:
        return _Actor(*settings).record(item, lines)


class _Actor:
    """Makes records of pickled items, with a detector of its own."""

    def __init__(self, detector: SentDetector, *settings: Any) -> None:
        self._why = ""
        try:
            self._search = Search(detector.opened(), *settings)
        except WorkerError as error:  # Ray would start the actor again and again
            self._why = str(error)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        with heard_libraries() as lines:
            texts = [self.record(item, lines) for item in batch["item"]]
        return {"number": batch["number"], "record": np.array(texts, object)}

    def record(self, item: bytes, lines: LibraryLines) -> str:
        """Returns the record of a pickled item as JSON, or why there is none."""
        record = self._why or self._search.record(pickle.loads(item), lines)
        return json.dumps(record)


def _read(text: str) -> Record:
    """Returns the record of an actor. Raises WorkerError with the reason why there is none."""
    record: Record | str = json.loads(text)
    if isinstance(record, str):
        raise WorkerError(record)
    return record


def _chunk(items: Iterator[Item]) -> Sequence[Item]:
    chunk: list[Item] = []
    size = 0
    for item in islice(items, CHUNK):
        chunk.append(item)
        content = item.content
        size += content.pixels.nbytes if isinstance(content, FrameOf) else 0
        size += len(content.content) if isinstance(content, Bytes) else 0
        if size > CHUNK_BYTES:
            break
    return chunk


def _refuse_silence(address: str) -> None:
    """Raises ClusterError where nothing listens at the address: Ray would wait for minutes."""
    if address in ("auto", LOCAL):
        return
    try:
        place = urlsplit(address if "://" in address else f"//{address}")
        host, port = place.hostname, place.port
    except ValueError:
        host, port = None, None
    if not host or not port or place.scheme not in ("", "ray"):
        raise ClusterError(
            f"--ray: expected HOST:PORT, ray://HOST:PORT, auto or {LOCAL}, not {address!r}"
        )
    try:
        socket.create_connection((host, port), SECONDS).close()
    except OSError as error:
        reason = error.strerror or error
        raise ClusterError(f"--ray: nothing answers at {address}: {reason}") from error


def _why_ended(item: Item) -> str:
    return f"cannot search {item.key}: its Ray workers ended, {TRIES + 1} times"

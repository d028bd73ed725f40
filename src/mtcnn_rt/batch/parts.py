"""Keeps the results of a job that is not finished, in a folder beside the output.

The folder OUTPUT.partial has:

- `run.json`: what the results depend on; another job does not go on from them.
- Parts: whole files with the same number of records each, in the format of the output. The name has
  the number of the part, a checksum of the names of all items so far, and counts.
- `journal.jsonl`: the records after the last part, a line each as they come. A line that a killed
  process has not finished is dropped.
- The output itself, while it is copied to a URI.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mtcnn_rt._files.finished import finished_file, naming, naming_folder, write_finished
from mtcnn_rt._files.paths import is_there
from mtcnn_rt._files.temporary import PREFIX, remove, remove_leftovers
from mtcnn_rt.batch.formats import Format
from mtcnn_rt.batch.items import Item
from mtcnn_rt.batch.resuming import ResumeError, lock, read_run, refuse_another_run
from mtcnn_rt.batch.search import Record

RUN, JOURNAL = "run.json", "journal.jsonl"
_UNFINISHED = ".partial"
_PART = re.compile(
    r"part-(?P<number>\d+)\.names-(?P<names>[0-9a-f]{8})\.faces-(?P<faces>\d+)"
    r"\.failed-(?P<failed>\d+)\.damaged-(?P<damaged>\d+)\.bytes-(?P<bytes>\d+)\.\w+"
)


@dataclass
class Totals:
    """Counts what is done.

    Attributes:
        images: Records, failures among them.
        faces: Their faces.
        failed: Records of failures.
        damaged: Records of damaged images.
        names: A checksum of the names of all items, in their order.
    """

    images: int = 0
    faces: int = 0
    failed: int = 0
    damaged: int = 0
    names: int = 0

    def add(self, key: str, record: Record) -> None:
        """Counts a record of the item with this key."""
        self.images += 1
        self.faces += len(record["faces"])
        self.failed += record["error"] is not None
        self.damaged += record["note"] is not None
        self.names = checksum(key, self.names)


@dataclass
class Parts:
    """The folder of unfinished results; use it in a `with` block.

    Args:
        output: The output, which appears when the job ends.
        format: Its format.
        size: Records in a part.
        run: What the results depend on, as JSON.

    Attributes:
        totals: Counts of what the folder has.
    """

    output: Path
    format: Format
    size: int
    run: dict[str, Any]
    totals: Totals = field(default_factory=Totals)

    def __post_init__(self) -> None:
        self.folder = folder_of(self.output)
        self._pending: list[Record] = []
        self._finished: list[Path] = []

    def __enter__(self) -> Parts:
        """Opens the folder, and reads what is there.

        Raises:
            ResumeError: It is of another job, or another process writes into it.
            OSError: It cannot be written.
        """
        run = self.folder / RUN
        if is_there(run):
            refuse_another_run(read_run(run), self.run)
        else:
            with naming_folder(self.output):
                self.folder.mkdir(exist_ok=True)
            write_finished(run, json.dumps(self.run).encode())
        remove_leftovers(self.folder)
        with naming(self._journal_path):
            self._journal = self._journal_path.open("ab+")
        try:
            lock(self._journal.fileno(), self.folder)
            self._read_parts()
            self._read_journal()
        except BaseException:
            self._close_journal()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the journal; the folder stays for the next run."""
        self._close_journal()

    def skip_done(self, items: Iterator[Item]) -> None:
        """Passes over the items whose records are here.

        Raises:
            ResumeError: They are not the items of before.
        """
        names = 0
        for _ in range(self.totals.images):
            item = next(items, None)
            names = checksum(item.key, names) if item else -1
        if names != self.totals.names:
            raise ResumeError(
                f"{self.folder}: the first {self.totals.images} images are not those of before: "
                "files were added, removed or renamed; --overwrite begins again"
            )

    def write(self, key: str, record: Record) -> None:
        """Writes the record of the next item.

        Raises:
            OSError: It cannot be written.
        """
        with naming(self._journal_path):
            line = json.dumps([self.totals.images, key, record])
            self._journal.write(f"{line}\n".encode())
            self._journal.flush()
        self._take(key, record)

    def finish(self, overwrite: bool, deliver: Callable[[Path], None] | None = None) -> None:
        """Writes the output, and removes the unfinished results.

        Args:
            overwrite: Replace an output that exists.
            deliver: Takes the file, which is in the folder, elsewhere; the output is not written.

        Raises:
            OSError: The output cannot be written, or taken elsewhere; the folder stays.
        """
        output = self.output if deliver is None else self.folder / self.output.name
        with finished_file(output, overwrite or deliver is not None) as temporary, naming(output):
            rest = [self.format.encode(self._pending)] if self._pending else []
            self.format.join([*self._finished, *rest], temporary)
        if deliver is not None:
            deliver(output)
        self._close_journal()
        clear(self.folder)

    @property
    def _journal_path(self) -> Path:
        return self.folder / JOURNAL

    def _close_journal(self) -> None:
        """Closes the journal; on a full disk this fails as the writing of its last line did."""
        with naming(self._journal_path):
            self._journal.close()

    def _cut_journal(self, size: int) -> None:
        with naming(self._journal_path):
            self._journal.truncate(size)

    def _take(self, key: str, record: Record) -> None:
        self.totals.add(key, record)
        self._pending.append(record)
        if len(self._pending) < self.size:
            return
        totals, content = self.totals, self.format.encode(self._pending)
        path = self.folder / (
            f"part-{len(self._finished):06d}.names-{totals.names:08x}.faces-{totals.faces}"
            f".failed-{totals.failed}.damaged-{totals.damaged}.bytes-{len(content)}"
            f"{self.output.suffix.lower()}"
        )
        write_finished(path, content, overwrite=True)
        self._finished.append(path)
        self._pending.clear()
        self._cut_journal(0)

    def _read_parts(self) -> None:
        found = sorted((path.name, path) for path in self.folder.glob("part-*"))
        for name, path in found:
            match = _PART.fullmatch(name)
            if match is None or int(match["number"]) != len(self._finished):
                raise ResumeError(f"{path}: no part is expected here; --overwrite begins again")
            if (size := path.stat().st_size) != int(match["bytes"]):
                has = f"it has {size} of {match['bytes']} bytes"
                raise ResumeError(f"{path} is damaged: {has}; --overwrite begins again")
            self._finished.append(path)
            faces, failed, damaged = (int(match[key]) for key in ("faces", "failed", "damaged"))
            images = len(self._finished) * self.size
            self.totals = Totals(images, faces, failed, damaged, int(match["names"], 16))

    def _read_journal(self) -> None:
        """Takes the records that follow the last part, and drops what is not whole.

        The journal is only cut at its end: a kill meanwhile leaves the records in it.
        """
        self._journal.seek(0)
        found: list[tuple[str, Record]] = []
        end = at = 0
        for line in self._journal:
            entry = _journal_entry(line)
            if entry is None:
                break
            at += len(line)
            number, key, record = entry
            if number == self.totals.images + len(found):  # earlier ones are in the last part
                found.append((key, record))
                end = at
        self._cut_journal(end)
        for key, record in found:
            self._take(key, record)


def folder_of(output: Path) -> Path:
    """Returns the folder of the unfinished results of an output."""
    return output.with_name(f"{output.name}{_UNFINISHED}")


def discard(folder: Path) -> None:
    """Removes a folder of unfinished results.

    Raises:
        ResumeError: It holds other files, or a process writes into it.
    """
    if not is_there(folder):
        return
    others = sorted(path.name for path in folder.iterdir() if not _is_ours(path))
    if others:
        raise ResumeError(f"{folder} is not replaced: it also holds {others[0]}")
    if is_there(folder / JOURNAL):
        with (folder / JOURNAL).open("ab") as journal:
            lock(journal.fileno(), folder)
    clear(folder)


def clear(folder: Path) -> None:
    """Removes unfinished results, and their folder unless it is a link or holds other files."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _is_ours(path):
                remove(path)
        folder.rmdir()


def checksum(key: str, before: int) -> int:
    """Returns a checksum of the keys of items, one after another."""
    return zlib.crc32(key.encode(errors="surrogatepass") + b"\0", before)


def _is_ours(path: Path) -> bool:
    """Returns true for the files that a job writes into its folder."""
    names = (RUN, JOURNAL, path.parent.name.removesuffix(_UNFINISHED))
    ours = path.name in names or path.name.startswith(PREFIX) or _PART.fullmatch(path.name)
    return bool(ours) and not path.is_dir()


def _journal_entry(line: bytes) -> tuple[int, str, Record] | None:
    """Returns the number, key and record of a line of the journal; None if it is not whole."""
    if not line.endswith(b"\n"):  # the process was killed while it wrote this line
        return None
    try:
        number, key, record = json.loads(line)
        Totals().add(key, record)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):  # a broken disk
        return None
    return number, key, record

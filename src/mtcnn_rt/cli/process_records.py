"""Records and face crops of the inputs of `mtcnn-rt process`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtcnn_rt.cli.messages import lead_nowhere, notify
from mtcnn_rt.cli.process_inputs import Input, Inputs

if TYPE_CHECKING:
    from mtcnn_rt import Faces
    from mtcnn_rt._arrays import Pixels
    from mtcnn_rt.video.pipeline import FrameResult
    from mtcnn_rt.video.sinks.crops import CropWriter
    from mtcnn_rt.video.sinks.records import RecordWriter


@dataclass
class Records:
    """Records the faces of all inputs in the same files; use it in a `with` block.

    Attributes:
        inputs: The inputs.
        jsonl: File of the records as JSON lines; None writes none, - is standard output.
        csv: File of the records as CSV.
        crops: Folder of the face crops; with several inputs it has a folder for each.
        overwrite: Files that exist are replaced.
        without_copies: Nothing else is made of the inputs.
        unread: The reader of standard output has ended, and no more records go there.
    """

    inputs: Inputs
    jsonl: Path | None
    csv: Path | None
    crops: Path | None
    overwrite: bool
    without_copies: bool
    unread: bool = field(default=False, init=False)
    _crop_writers: list[CropWriter] = field(default_factory=list)
    _opened: ExitStack = field(default_factory=ExitStack)
    _writers: list[RecordWriter] | None = None

    def __enter__(self) -> Records:
        """Begins the block; the files are opened with the first input that can be read."""
        return self

    def __exit__(self, *exception: Any) -> None:
        """Finishes the files, or removes them after an exception, but for crops: each is whole."""
        crops = sum(writer.written for writer in self._crop_writers)
        if exception[0] is not None and crops:
            notify(f"{crops} face crops are finished, and stay: {self.crops}")
        self._opened.__exit__(*exception)

    def open(self) -> list[RecordWriter]:
        """Opens the files of records, if they are not opened yet.

        Raises:
            OSError: A file exists and is not to be overwritten, or cannot be written.
        """
        from mtcnn_rt.video.sinks.records import CsvWriter, JsonLinesWriter

        if self._writers is None:
            kinds = ((self.jsonl, JsonLinesWriter), (self.csv, CsvWriter))
            self._writers = [
                self._opened.enter_context(kind(path, self.overwrite, files=self.inputs.several))
                for path, kind in kinds
                if path
            ]
        return self._writers

    def of_frames(self, one: Input) -> list[Callable[[FrameResult], Any]]:
        """Returns what takes each frame's result before anything is drawn on the frame."""
        take: list[Callable[[FrameResult], Any]] = [
            partial(self._record, writer) for writer in self._writers_of(one)
        ]
        if self.crops:
            write = self._crop_writer(self.crops, one)
            take.append(lambda result: write(*_cropped(result)))
        return take

    def take_image(self, one: Input, image: Pixels, faces: Faces) -> None:
        """Records an image as a frame without ids, before anything is drawn on it."""
        for writer in self._writers_of(one):
            self._write(writer, 0, 0.0, faces)
        if self.crops:
            self._crop_writer(self.crops, one)(image, faces, None, 0)

    def is_failing(self, error: Exception) -> bool:
        """Returns true for an error of the files, which all inputs share."""
        files = {str(path) for path in (self.jsonl, self.csv) if path}
        return isinstance(error, BrokenPipeError) or getattr(error, "filename", None) in files

    def are_on_stdout(self) -> bool:
        """Returns true if records go to standard output."""
        return "-" in (str(self.jsonl), str(self.csv))

    def _record(self, writer: RecordWriter, one: FrameResult) -> None:
        ids = None if one.ids is None else one.ids.tolist()
        self._write(writer, one.frame.index, one.time, one.faces, ids)

    def _write(self, writer: RecordWriter, *record: Any) -> None:
        """Writes a record; what else is made goes on where standard output is closed."""
        try:
            writer.write(*record)
        except BrokenPipeError:
            if self.without_copies and not (self.crops or (self.jsonl and self.csv)):
                raise
            lead_nowhere(sys.stdout)
            self.unread = True
            notify("standard output is closed: no more records go there")

    def _writers_of(self, one: Input) -> list[RecordWriter]:
        writers = self.open()
        for writer in writers:
            writer.file = one.place
        return writers

    def _crop_writer(self, folder: Path, one: Input) -> Callable[..., Any]:
        from mtcnn_rt.video.sinks.crops import CropWriter

        if self.inputs.several:
            folder = folder / (one.copy or f"input-{self.inputs.all.index(one) + 1}")
        writer = CropWriter(folder, overwrite=self.overwrite)
        self._crop_writers.append(writer)
        return writer.write


def _cropped(one: FrameResult) -> tuple[Any, ...]:
    """Returns the arguments of `CropWriter.write`."""
    return one.image, one.faces, one.ids, one.frame.index

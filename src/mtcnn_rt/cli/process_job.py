"""Processes one video or image after another, for `mtcnn-rt process`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mtcnn_rt._errors import text_of
from mtcnn_rt._files.finished import naming_folder
from mtcnn_rt._files.paths import is_missing
from mtcnn_rt._images.library_lines import heard_libraries
from mtcnn_rt.cli.face_choice import chosen, chosen_of
from mtcnn_rt.cli.image_job import OutputFolder, read_upright
from mtcnn_rt.cli.live_output import name_of_output, opened_sink
from mtcnn_rt.cli.messages import echo, notify, with_counts
from mtcnn_rt.cli.process_inputs import Input, Inputs
from mtcnn_rt.cli.process_records import Records
from mtcnn_rt.cli.progress import is_on_terminal, progress_bar

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.cli.painting import PaintOptions
    from mtcnn_rt.drawing.painter import Painter
    from mtcnn_rt.tracking import Tracker
    from mtcnn_rt.video.pipeline import FrameResult
    from mtcnn_rt.video.sinks.file import FileSink
    from mtcnn_rt.video.sinks.live import LiveSink
    from mtcnn_rt.video.sources.file import FileSource

_OPENING_FAILED = (ValueError, OSError)
"""Errors of one input; VideoError is a ValueError."""


@dataclass(frozen=True)
class Settings:
    """Holds what is the same for all inputs.

    Attributes:
        reading: Arguments of `FileSource`.
        writing: Arguments of `FileSink`.
        workers: Frames to search side by side.
        every_frame: Every frame is searched in full, since faces are covered.
        overwrite: Outputs that exist are replaced.
        painting: How faces are drawn or covered.
        new_detector: Returns a detector with so many threads.
        new_finder: Returns what searches a video, from a detector.
        live: The address or virtual camera that a video is sent to; None sends none.
        largest: Only the largest face of each frame or image counts.
    """

    reading: dict[str, Any]
    writing: dict[str, Any]
    workers: int
    every_frame: bool
    overwrite: bool
    painting: PaintOptions
    new_detector: Callable[..., MTCNN]
    new_finder: Callable[..., MTCNN | Tracker]
    live: str | None = None
    largest: bool = False


@dataclass
class Job:
    """Processes inputs.

    Attributes:
        settings: What is the same for all inputs.
        inputs: The inputs.
        records: Where their faces are recorded, opened.
        copies: Where copies are written; None writes none.
        checked: Copies are refused before anything is read, with a line for each.
        done: Number of inputs that were processed.
        unwritten: Number of those whose copy is in the way of something.
        failed: Number of other failures.
        damaged: Number of inputs that were processed, but are damaged or cut off.
    """

    settings: Settings
    inputs: Inputs
    records: Records
    copies: OutputFolder | None
    checked: bool
    done: int = 0
    unwritten: int = 0
    failed: int = 0
    damaged: int = 0
    _detectors: dict[int | None, MTCNN] = field(default_factory=dict)

    def run(self) -> None:
        """Processes the inputs. A failure of one of several has a line, and the others go on.

        Raises:
            ValueError: The only input cannot be read.
            OSError: The only input cannot be written, or records cannot be.
        """
        for line in (*self.inputs.problems, *self.inputs.unreadable):
            notify(line)
        if self.inputs.several:
            self.records.open()
        for one in self.inputs.all:
            if self._is_in_the_way(one):
                self.unwritten += 1
                continue
            try:
                self._process(one)
            except _OPENING_FAILED as error:
                if not self.inputs.several or self.records.is_failing(error):
                    raise
                notify(text_of(error))
                self.failed += 1
            else:
                self.done += 1
        if self.inputs.several:
            failed = self.failed + self.unwritten
            line = with_counts(f"{self.done} files", failed=failed, damaged=self.damaged)
            self._report(line, self.copies.out if self.copies else None)

    def status(self) -> int:
        """Returns the exit status: 2 if nothing was done, 1 if something failed, else 0."""
        if not self.done and not self.unwritten:
            return 2
        left_out = self.inputs.problems or (self.settings.every_frame and self.inputs.unreadable)
        incomplete = self.failed or self.unwritten or self.damaged or self.records.unread
        return 1 if left_out or incomplete else 0

    def _is_in_the_way(self, one: Input) -> bool:
        """Prints a line if the copy would replace something, and returns true."""
        if self.copies is None or not self.checked or one.copy is None:
            return False
        if is_missing(one.place):  # opening it says so; its copy's name was not made sure of
            return False
        try:
            self.copies.check(one.copy)
        except OSError as error:
            notify(str(error))
            return True
        return False

    def _process(self, one: Input) -> None:
        copy = self.copies.out / one.copy if self.copies and one.copy else None
        with _folders_of(copy if self.checked else None):
            (self._process_video if one.is_video else self._process_image)(one, copy)

    def _process_video(self, one: Input, copy: Path | None) -> None:
        from mtcnn_rt.video.faces_to_come import with_faces_to_come
        from mtcnn_rt.video.pipeline import stream
        from mtcnn_rt.video.sources.file import FileSource

        settings = self.settings
        with ExitStack() as opened:
            source = opened.enter_context(FileSource(one.place, **settings.reading))
            detector = self._detector(1 if settings.workers > 1 else None)
            sink: FileSink | LiveSink | None = None
            output = settings.live or copy
            if output is not None:  # before there are records, see ended_by_signals
                sink = opened_sink(output, source, settings.overwrite, settings.writing)
                opened.enter_context(sink)
            take = self.records.of_frames(one)
            if sink is not None:
                take.append(_writer(settings.painting.painter(), sink))
            show = opened.enter_context(_progress(source.frame_count))
            finder = settings.new_finder(detector, settings.every_frame)
            frames = faces = 0
            start = perf_counter()
            results = stream(source, finder, settings.workers)
            if settings.every_frame and settings.live is None:
                results = with_faces_to_come(results)
            opened.enter_context(closing(results))  # or an error would keep them, and threads
            for found in results:
                result = chosen_of(found, settings.largest)
                for taker in take:
                    taker(result)
                frames, faces = frames + 1, faces + len(result.faces)
                show(frames)
        _report_faults(source, sink, self.inputs.several)
        self.damaged += bool(source.errors or source.incomplete or (sink and sink.damaged))
        rate = frames / (perf_counter() - start)
        self._report(f"{frames} frames, {faces} faces, {rate:.1f} fps", _shown(output) or one.place)

    def _process_image(self, one: Input, copy: Path | None) -> None:
        """Does what `mtcnn-rt image` does, and records the image as a frame."""
        with heard_libraries() as lines:
            decoded = read_upright(Path(one.place), self.settings.reading["max_pixels"], lines)
        faces = chosen(self._detector(None).detect(decoded.pixels), self.settings.largest)
        self.records.take_image(one, decoded.pixels, faces)
        if copy is not None and self.copies is not None:
            from mtcnn_rt.drawing.painter import Found

            self.settings.painting.painter().paint(decoded.pixels, Found(faces))
            self.copies.write_to(copy, decoded.pixels)
        if decoded.left_out:
            notify(decoded.left_out)
        if decoded.note:
            notify(decoded.note)
            self.damaged += 1
        self._report(f"1 image, {len(faces)} faces", copy or one.place)

    def _detector(self, threads: int | None) -> MTCNN:
        if threads not in self._detectors:
            self._detectors[threads] = self.settings.new_detector(threads)
        return self._detectors[threads]

    def _report(self, line: str, place: Path | str | None) -> None:
        """Prints a line where no records go."""
        shown = self.copies is not None or self.settings.live or self.inputs.several
        text = f"{line}: {place}" if shown and place is not None else line
        echo(text, err=self.records.are_on_stdout())


def _writer(painter: Painter, sink: FileSink | LiveSink) -> Callable[[FrameResult], None]:
    from mtcnn_rt.drawing.painter import Found, paint_frame

    def paint_and_write(one: FrameResult) -> None:
        paint_frame(painter, one.frame, Found(one.faces, one.ids, one.hidden))
        sink.write(one.frame)

    return paint_and_write


def _shown(output: Path | str | None) -> str | None:
    return None if output is None else name_of_output(output)


def _report_faults(source: FileSource, sink: FileSink | LiveSink | None, named: bool) -> None:
    """Prints what the user may want to know of the video, and what is damaged or missing.

    Args:
        source: The video.
        sink: Its copy.
        named: Notes begin with the name, as there are several videos.
    """
    for note in (*source.notes, *(sink.notes if sink else ())):
        notify(f"{source.name}: {note}" if named else note)
    if source.errors:
        notify(f"{source.name} is damaged: {source.errors} errors in decoding")
    if source.incomplete:
        notify(f"{source.name} is cut off: {source.incomplete}")


@contextmanager
def _folders_of(path: Path | None) -> Iterator[None]:
    """Makes the folders that a file needs, and removes them if the block does not fill them."""
    missing = [] if path is None else [one for one in path.parents if is_missing(one)]
    if path is not None:
        with naming_folder(path):
            path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for folder in missing:
            with suppress(OSError):  # it is not empty
                folder.rmdir()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Shows a progress bar on terminals; gives the function that sets the number of frames."""
    if not is_on_terminal():
        yield lambda frames: None
        return
    from rich.console import Console
    from rich.progress import TextColumn

    speed = TextColumn("{task.fields[fps]:.1f} fps")
    with progress_bar(Console(stderr=True), speed) as bar:
        task = bar.add_task("", total=total or None, fps=0.0)

        def move(frames: int) -> None:
            elapsed = bar.tasks[0].elapsed or math.inf
            bar.update(task, completed=frames, fps=frames / elapsed)

        yield move

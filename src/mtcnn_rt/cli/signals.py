"""Ends a command by a signal, so that its outputs are either finished or absent."""

from __future__ import annotations

import _thread
import atexit
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from mtcnn_rt._signals import END_SIGNALS, handled_signals


@contextmanager
def interrupted_between_imports() -> Iterator[list[int]]:
    """Lets Ctrl-C raise KeyboardInterrupt in the block, but in an import only when that has ended.

    Libraries in C abort the process where an interrupt ends their import, or raise another error
    in place of it. Outside the main thread, where no signals arrive, nothing changes.

    Yields:
        The numbers of the signals that came.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    block = sys._getframe(2)  # of the caller, behind contextlib's own

    def interrupt(number: int, frame: FrameType | None) -> None:
        came.append(number)
        importing = _importing_frame(frame, block)
        if importing is None or len(came) > 1 or sys.gettrace() is not None:
            raise KeyboardInterrupt
        _interrupt_later(importing)

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield came  # the program that calls us handles it, or a shell has it ignored
        return
    with handled_signals(interrupt, signal.SIGINT):
        yield came


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP end the block as Ctrl-C does, to remove unfinished files."""
    interrupt = signal.getsignal(signal.SIGINT)
    handler = interrupt if callable(interrupt) else signal.default_int_handler
    with handled_signals(handler, *END_SIGNALS):
        hook, sys.unraisablehook = sys.unraisablehook, _send_again
        try:
            yield
        finally:
            sys.unraisablehook = hook


@contextmanager
def stopped_by_signal() -> Iterator[Event]:
    """Gives an event that Ctrl-C, SIGTERM or SIGHUP sets; the block has to end when it is set.

    A second signal raises KeyboardInterrupt in the block.
    """
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    with handled_signals(stop, signal.SIGINT, *END_SIGNALS):
        yield stopped


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Lets Ctrl-C, SIGTERM and SIGHUP end the process at once, as they do without Python.

    For calls of libraries in C that keep Python from running, such as FFmpeg's when it connects
    for an output; and while there are no unfinished files. Signals that are ignored stay so.
    """
    numbers = [one for one in (signal.SIGINT, *END_SIGNALS) if callable(signal.getsignal(one))]
    with handled_signals(signal.SIG_DFL, *numbers):
        yield


def end_quietly() -> None:
    """Lets another Ctrl-C end the process at once while Python ends.

    It would print a stack where libraries clean up, as multiprocessing does.
    """
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_DFL)


def _importing_frame(frame: FrameType | None, block: FrameType) -> FrameType | None:
    """Returns the frame in the block whose import is under way; None if there is no import."""
    importing = None
    while frame is not None and frame is not block:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            importing = frame.f_back
        frame = frame.f_back
    return importing


def _interrupt_later(frame: FrameType) -> None:
    """Raises KeyboardInterrupt in a frame as soon as it goes on."""

    def interrupt(frame: FrameType, event: str, argument: object) -> None:
        frame.f_trace = None
        sys.settrace(None)
        raise KeyboardInterrupt

    frame.f_trace = interrupt
    sys.settrace(lambda *call: None)  # without any, that of a frame is not called


def _send_again(ignored: sys.UnraisableHookArgs) -> None:
    """Sends an interrupt again, a moment later, where Python has ignored it.

    Python ignores exceptions in callbacks of its own, such as that of a weak reference at the end
    of an import.
    """
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        threading.Timer(0.01, _thread.interrupt_main, [signal.SIGTERM]).start()
    else:
        sys.__unraisablehook__(ignored)

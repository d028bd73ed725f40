"""Ends what may never return, such as calls that talk to a silent server."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
from errno import ETIMEDOUT
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeAlias, TypeVar
from weakref import finalize

Result = TypeVar("Result")

NO_ANSWER = "no answer in time"
"""The reason of an error for users."""

_Call: TypeAlias = "tuple[Future[Any], Callable[[], Any], Callable[[Any], None] | None]"
"""The future of a call, its function, and a function that takes a result that comes too late."""

_MOMENT = 0.2  # seconds, since Ctrl-C does not end a longer wait on Windows


class LimitedWait:
    """Runs calls one after another in a thread of its own, and waits for each only so long.

    FFmpeg sees neither Ctrl-C nor, when it writes, a limit of time. Here Ctrl-C ends the wait at
    once. A call that did not return in time stays in its thread, which does not keep the process
    from ending; no call is made after it. The thread ends with the object, too.

    Args:
        seconds: Longest time of a call.

    Example:
        >>> wait = LimitedWait(10)
        >>> wait.call(lambda: 1 + 1)
        2
        >>> wait.end()
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lost = False
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        finalize(self, self._calls.put, None).atexit = False  # of what is never ended
        Thread(target=_run_all, args=(self._calls,), name="mtcnn-rt network", daemon=True).start()

    @property
    def lost(self) -> bool:
        """True after a call that did not return in time, and after `end`."""
        return self._lost

    def call(
        self, function: Callable[[], Result], discard: Callable[[Result], None] | None = None
    ) -> Result:
        """Returns what the function returns, or raises its exception.

        Args:
            function: The function.
            discard: Takes, in the thread, what the function returns too late.

        Raises:
            TimeoutError: It did not return in time, or an earlier one did not.
        """
        if self._lost:
            raise TimeoutError(ETIMEDOUT, NO_ANSWER)
        future: Future[Result] = Future()
        self._lost = True  # should Ctrl-C end the wait
        self._calls.put((future, function, discard))
        try:
            self._await(future)
        except BaseException:
            if future.cancel() or future.exception() or discard is None:
                raise
            discard(future.result())  # it returned in the last moment
            raise
        self._lost = False
        return future.result()

    def end(self, last: Callable[[], None] | None = None) -> None:
        """Ends the thread, once the call that is under way, if any, returns.

        Args:
            last: Is called in the thread then; its errors are not raised.
        """
        self._lost = True
        if last is not None:
            self._calls.put((Future(), last, None))
        self._calls.put(None)

    def _await(self, future: Future[Any]) -> None:
        end = monotonic() + self._seconds
        while not future.done():
            left = end - monotonic()
            if left <= 0:
                raise TimeoutError(ETIMEDOUT, NO_ANSWER)
            wait([future], min(left, _MOMENT))


def _run_all(calls: SimpleQueue[_Call | None]) -> None:
    """Runs the calls until None comes; runs in the thread."""
    while (call := calls.get()) is not None:
        _run(*call)
        del call  # or what it holds lives until the next call


def _run(
    future: Future[Any], function: Callable[[], Any], discard: Callable[[Any], None] | None
) -> None:
    """Runs a call. Nobody waits any more for a future that is canceled."""
    try:
        result = function()
    except BaseException as error:
        with suppress(InvalidStateError):
            future.set_exception(error)
        return
    try:
        future.set_result(result)
    except InvalidStateError:
        if discard is not None:
            with suppress(Exception):  # it is too late for its errors, too
                discard(result)

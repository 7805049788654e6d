"""Threads for calls that may hang on a disk: none holds up others, or the end of the program."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

LEAVE_S = 5.0
"""At the end, what is being written is waited for so long."""


class Threads(Executor):
    """Begins each call at once, in a thread that is idle or a new one.

    The event loop's own would have ten, wait for each of them at its end, and so does Python itself with
    those of a `ThreadPoolExecutor`. These are daemons, which a process does not wait for.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        # As many as will take the next call without having been counted on for another one.
        self._idle = threading.Semaphore(0)
        self._under_way: set[Future[Any]] = set()
        self._closed = False

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Begin a call; RuntimeError after `shutdown`."""
        if self._closed:
            raise RuntimeError("these threads take no more calls")
        if not self._idle.acquire(blocking=False):
            threading.Thread(target=self._serve, name="call", daemon=True).start()
        future: Future[_T] = Future()
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        self._calls.put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, and wait for those under way, but no longer than `LEAVE_S`.

        There is nothing for `cancel_futures` to cancel: each call has begun.
        """
        self._closed = True
        self._calls.put(None)
        if wait:
            _wait_for(self._under_way)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            _do(*call)
            # Nothing is held of it while the next one is waited for.
            del call
            self._idle.release()
        # One after the other hears that there will be no more.
        self._calls.put(None)


def _wait_for(under_way: set[Future[Any]]) -> None:
    # A copy: threads take out what has ended.
    wait(set(under_way), timeout=LEAVE_S)


def _do(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        answer = work()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to who asked
        future.set_exception(error)
    else:
        future.set_result(answer)
    finally:
        # An error knows this frame: it would hold itself.
        del future, work

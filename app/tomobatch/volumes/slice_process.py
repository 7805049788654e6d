"""A process that reads slices of HDF5 files, seen from the threads that wait for them.

HDF5 may hang on a dead mount, crash on a damaged file, and lets one thread in at a time. Here a thread waits
for a pipe, looks now and then whether anybody still waits for what it is to read, and in the end kills.
"""

from __future__ import annotations

import atexit
import json
import logging
import mmap
import os
import select
import signal
import subprocess
import threading
import time
import weakref
from contextlib import suppress
from typing import IO, Any, cast

from tomobatch.config.places import slices_program
from tomobatch.errors import TomoBatchError
from tomobatch.volumes.shared_memory import LEFT, PIXEL_BYTES, new_memory, pixels_in
from tomobatch.volumes.source import Left, LeftError

_LOOK_EVERY_MS = 20
_BYTES_AT_ONCE = 1 << 16
# An idle process has closed its file long before; one that has not is stuck at its disk.
_CLOSES_WITHIN_S = 0.1
_ENDS_WITHIN_S = 0.5

log = logging.getLogger(__name__)


class ChildDiedError(Exception):
    """The process ended before it answered; the text says how."""


class SliceProcess:
    """A process that reads for one thread at a time; `started` makes one.

    Parameters
    ----------
    process
        Just started.
    memory
        Shared with it.
    """

    def __init__(self, process: subprocess.Popen[bytes], memory: mmap.mmap) -> None:
        self._process, self._memory = process, memory
        self.pixels = pixels_in(memory)
        """What was read last, flat."""
        self._requests = cast("IO[bytes]", process.stdin)
        self._answers = cast("IO[bytes]", process.stdout)
        self._poll = select.poll()
        self._poll.register(self._answers.fileno(), select.POLLIN)
        self._begun = b""
        # It says by itself that it is ready.
        self._owes, self._gone = True, False

    def __del__(self) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def idle(self) -> bool:
        """Whether it has answered all that it was asked."""
        return not self._owes and not self._gone

    def ask(self, request: dict[str, Any], left: Left) -> Any:  # noqa: ANN401 - whatever JSON carries
        """Ask, and wait for the answer.

        Raises
        ------
        TomoBatchError
            What the other side says.
        LeftError
            Nobody waits any more; what it is doing is given up, as soon as it can be.
        ChildDiedError
            It ended instead.
        """
        self._settle(left)
        self._memory[LEFT] = 0
        try:
            self._requests.write(json.dumps(request).encode("ascii") + b"\n")
        except BrokenPipeError as error:
            raise ChildDiedError(self._how_ended()) from error
        self._owes = True
        answer = self._settle(left)
        if "error" in answer:
            code, sentence = answer["error"]
            raise TomoBatchError(code, sentence)
        return answer["answer"]

    def hang_up(self, within_s: float = _CLOSES_WITHIN_S) -> bool:
        """Have it close its file; whether it did, and can be used again."""
        looks = iter(range(max(1, int(within_s * 1000 / _LOOK_EVERY_MS))))
        try:
            self.ask({"do": "close"}, lambda: next(looks, None) is None)
        except (TomoBatchError, LeftError, ChildDiedError):
            return False
        return True

    def kill(self) -> None:
        """Send SIGKILL, from any thread: who waits for an answer gets `ChildDiedError`."""
        self._gone = True
        self._process.kill()

    def discard(self) -> None:
        """Kill it, and wait for nothing: on a dead mount it may die much later. No more may be asked."""
        self.kill()
        self.close()
        threading.Thread(target=self._process.wait, name="slices-end", daemon=True).start()

    def close(self) -> None:
        """Close this side of its pipes, at which it ends if it can."""
        for pipe in (self._requests, self._answers):
            pipe.close()

    def wait(self, until: float) -> None:
        """Wait for its end until a time of `time.monotonic`, and no longer."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, until - time.monotonic()))

    def _settle(self, left: Left) -> dict[str, Any]:
        """The answer that is still to come; nothing where none is."""
        if not self._owes:
            return {}
        line = self._line(left)
        self._owes = False
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _line(self, left: Left) -> bytes:
        while b"\n" not in self._begun[-_BYTES_AT_ONCE:]:
            if left():
                self._memory[LEFT] = 1
                raise LeftError
            if self._poll.poll(_LOOK_EVERY_MS):
                part = os.read(self._answers.fileno(), _BYTES_AT_ONCE)
                if not part:
                    raise ChildDiedError(self._how_ended())
                self._begun += part
        line, _, self._begun = self._begun.partition(b"\n")
        return line

    def _how_ended(self) -> str:
        status = self._process.wait()
        return f"with status {status}" if status >= 0 else f"by {signal.Signals(-status).name}"


def started() -> SliceProcess:
    """A new process, not ready yet; TomoBatchError ``reader-died`` where it cannot be started."""
    descriptor = new_memory()
    try:
        memory = mmap.mmap(descriptor, os.fstat(descriptor).st_size)
        # A session of its own: Ctrl-C in the terminal is the window's business.
        process = subprocess.Popen(
            [*slices_program(), str(descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            pass_fds=(descriptor,),
        )
    except OSError as error:
        said = f"The process that reads HDF5 could not be started: {error.strerror or error}."
        raise TomoBatchError("reader-died", said) from error
    finally:
        os.close(descriptor)
    return SliceProcess(process, memory)


class _Spares:
    """Processes that stand ready: their start takes longer than a first slice should."""

    _MOST = 2

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready: list[SliceProcess] = []
        self._all: weakref.WeakSet[SliceProcess] = weakref.WeakSet()

    def prepare(self) -> None:
        """Start one unless one is there; waits for nothing."""
        with self._lock:
            if not self._ready:
                self._ready.append(self._new())

    def take(self) -> SliceProcess:
        """One for the caller alone."""
        with self._lock:
            while self._ready:
                process = self._ready.pop()
                if process.alive:
                    return process
                process.discard()
            return self._new()

    def give_back(self, process: SliceProcess) -> None:
        """Keep it for the next one where it can be used again; else end it."""
        if process.idle and process.hang_up():
            with self._lock:
                if len(self._ready) < self._MOST:
                    self._ready.append(process)
                    return
        process.discard()

    def end(self) -> None:
        """End all of them, those that read as well; who waits for one gets an error."""
        with self._lock:
            spares, self._ready = self._ready, []
            processes = list(self._all)
        for process in processes:
            process.kill()
        for process in spares:
            process.close()
        until = time.monotonic() + _ENDS_WITHIN_S
        for process in processes:
            process.wait(until)

    def _new(self) -> SliceProcess:
        process = started()
        self._all.add(process)
        return process


_spares = _Spares()


def prepare() -> None:
    """Have a process ready for the first HDF5 file; starts it and waits for nothing."""
    try:
        _spares.prepare()
    except TomoBatchError as error:
        # Said once more when it is needed.
        log.warning("%s", error.sentence)


def take() -> SliceProcess:
    """A process for the caller alone, which may still be starting."""
    return _spares.take()


def give_back(process: SliceProcess) -> None:
    """Have a process that is not needed any more wait for the next one, or end it."""
    _spares.give_back(process)


def end() -> None:
    """End all these processes."""
    _spares.end()


# A program that is killed closes their standard input, at which they end as well.
atexit.register(end)

__all__ = ["PIXEL_BYTES", "ChildDiedError", "SliceProcess", "end", "give_back", "prepare", "take"]

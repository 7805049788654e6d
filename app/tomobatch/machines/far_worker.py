"""A serving process on another host: started over a session there, with a Python that is there already."""

from __future__ import annotations

import asyncio
import logging
import shlex
import signal
from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from tomobatch.errors import TomoBatchError, UnreachableError
from tomobatch.worker import bundle, carried
from tomobatch.worker.child import ChildEndedError, ServingChild
from tomobatch.worker.client import Worker
from tomobatch.worker.lines import Lines

log = logging.getLogger(__name__)

NEEDED = "Python with numpy, h5py and tifffile"

MOST_LINE_BYTES = 1 << 26
"""A host that is out of its mind must not fill the memory here."""

_BYTES_AT_ONCE = 1 << 16
_NONE = b"tomobatch: no python"
_ENDED = b"tomobatch: ended "
_SIGNALLED = 128
# A host that shuts down tells its processes so; ours has no fault then.
_FROM_OUTSIDE = frozenset({_SIGNALLED + signal.SIGHUP, _SIGNALLED + signal.SIGTERM})

# One compound command: the shell has read all of it before Python reads what follows on the same input.
# Of an engine that is a Python script, the first line names its Python; where that is too long for the
# kernel, or is named by `env`, it lies beside the engine or on the path.
_SCRIPT = """{{
cd /
engine=$(command -v {engine})
first=$(LC_ALL=C sed -n '1s/^#![[:space:]]*//p;1q' "$engine" 2>/dev/null)
for python in "${{first%%[[:space:]]*}}" "${{engine%/*}}/python3" "${{engine%/*}}/python" python3 python; do
    case ${{python##*/}} in python*) ;; *) continue ;; esac
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' </dev/null >/dev/null 2>&1 || continue
    "$python" -B -X utf8 -c {bootstrap}
    status=$?
    [ "$status" = {lacking} ] && continue
    echo "{ended}$status"
    exit
done
echo "{none}"
exit
}}
"""


class Session(Protocol):
    """A program on another host; OSError or TomoBatchError where the way there broke."""

    async def write(self, data: bytes) -> None:
        """Send to its input."""

    async def read(self, most: int) -> bytes:
        """The next bytes of its output, as soon as there are any; none once there will be no more."""

    async def read_stderr(self, most: int) -> bytes:
        """The same of what it complains."""

    def close(self) -> None:
        """End the session at once, on both sides; reading comes to its end then."""


@runtime_checkable
class Host(Protocol):
    """A machine that opens sessions."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    async def open_session(self, script: bytes) -> Session:
        """Run a POSIX shell there, in the machine's environment, that has read this much of its input.

        TomoBatchError where that host cannot be reached just now.
        """


class CannotServeError(TomoBatchError):
    """That host has nothing to serve with; the sentence is a clause that can stand behind a colon."""


def far_worker(host: Host, engine: str, *roots: str, start_timeout_s: float = 60.0) -> Worker:
    """A worker whose process runs on another host.

    Its calls raise `UnreachableError` where the way there broke: they may be repeated, in a new process.

    Parameters
    ----------
    engine
        A program there, whose Python is tried first.
    roots
        Modules whose functions it runs; they are carried there, with all they import of this program.
    start_timeout_s
        How long reaching the host may take, and the start of its Python.

    Raises
    ------
    TomoBatchError
        ``no-sources``.
    """
    payload = bundle.packed(bundle.sources(*roots))
    script = start_script(engine).encode("utf-8", "surrogateescape")

    async def spawn() -> ServingChild:
        session = await _opened(host, script, start_timeout_s)
        return FarChild(session, host.name, payload, start_timeout_s)

    # The child itself is stricter.
    return Worker(spawn, start_timeout_s=2 * start_timeout_s)


def start_script(engine: str) -> str:
    """Shell text that starts the serving process with a Python found there."""
    return _SCRIPT.format(
        engine=shlex.quote(engine),
        bootstrap=shlex.quote(bundle.source_of(carried.__name__)),
        lacking=carried.LACKING,
        ended=_ENDED.decode(),
        none=_NONE.decode(),
    )


async def _opened(host: Host, script: bytes, timeout_s: float) -> Session:
    try:
        async with asyncio.timeout(timeout_s):
            return await host.open_session(script)
    except TomoBatchError as error:
        if error.code == "no-sessions":
            raise CannotServeError(error.code, f"{host.name} allows too few sessions") from error
        raise UnreachableError(error.code, error.sentence) from error
    except (OSError, TimeoutError) as error:
        raise _cut(host.name) from error


def _cut(host: str) -> UnreachableError:
    return UnreachableError("unreachable", f"{host} does not answer: look whether it is up, and the network.")


class FarChild:
    """A serving process on another host; implements `tomobatch.worker.child.ServingChild`.

    Parameters
    ----------
    session
        In it runs :func:`start_script`.
    host
        What a person calls that host.
    payload
        The modules it is sent once it greets.
    start_timeout_s
        How long it may take until it serves.
    """

    def __init__(self, session: Session, host: str, payload: bytes, start_timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._session, self._host, self._payload = session, host, payload
        self._start_timeout_s = start_timeout_s
        self._greeted = False
        self._end: Exception = _cut(host)
        self._waiting: asyncio.Future[bytes] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        """How it ended, in words."""
        self._reading = asyncio.gather(
            self._read(session.read, Lines(self._on_line, MOST_LINE_BYTES)),
            self._read(session.read_stderr, Lines(self._on_complaint, MOST_LINE_BYTES)),
        )
        self._reading.add_done_callback(self._on_end)

    @property
    def name(self) -> str:
        """What the log calls it."""
        return f"on {self._host}"

    async def ready(self) -> None:
        """Wait for its greeting, send it what it serves, wait until it does.

        Raises
        ------
        CannotServeError
            ``no-python``: there is no Python with what is needed; ``no-answer``: it does not get so far.
        """
        try:
            async with asyncio.timeout(self._start_timeout_s):
                await self._waiting
                await self._ask(self._payload)
        except TimeoutError as error:
            why = f"no Python of {self._host} was ready within {self._start_timeout_s:g} s"
            raise CannotServeError("no-answer", why) from error

    async def ask(self, request: bytes) -> bytes:
        """Send one line, wait for the answering line; `ChildEndedError` or `UnreachableError` otherwise."""
        if self.ended.done():
            raise self._end
        return await self._ask(request)

    async def _ask(self, data: bytes) -> bytes:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._session.write(data)
        except (OSError, TomoBatchError):
            # The same is about to be read; what it said before counts.
            self._session.close()
        return await self._waiting

    def hang_up(self) -> None:
        """Close the session; the process sees its input end."""
        self._session.close()

    def kill(self) -> None:
        """Close the session: the process watches for that, in the middle of a call too."""
        self._session.close()

    def forget(self) -> None:
        """Stop watching it."""
        self._session.close()
        self._reading.cancel()

    async def _read(self, read: Callable[[int], Awaitable[bytes]], lines: Lines) -> None:
        try:
            while part := await read(_BYTES_AT_ONCE):
                lines.take(part)
        except (OSError, TomoBatchError) as error:
            log.info("the session on %s broke off: %s", self._host, error)
            self._session.close()

    def _on_line(self, line: bytes) -> None:
        if line == _NONE or line.startswith(_ENDED):
            self._note_end(line)
        elif line == carried.HELLO:
            self._greeted = True
            self._answer(line)
        elif self._greeted:
            self._answer(line)
        else:
            log.info("the environment on %s says: %s", self._host, line.decode("utf-8", "backslashreplace"))

    def _answer(self, line: bytes) -> None:
        if not self._waiting.done():
            self._waiting.set_result(line)

    def _note_end(self, line: bytes) -> None:
        status = int(line.removeprefix(_ENDED)) if line != _NONE else None
        if not self._greeted:
            self._end = CannotServeError("no-python", f"{self._host} has no {NEEDED}")
        elif status is not None and status not in _FROM_OUTSIDE:
            self._end = ChildEndedError(_how_ended(status))

    def _on_complaint(self, line: bytes) -> None:
        log.warning("worker on %s: %s", self._host, line.decode("utf-8", "backslashreplace"))

    def _on_end(self, reading: asyncio.Future[tuple[None, None]]) -> None:
        mistake = None if reading.cancelled() else reading.exception()
        if isinstance(mistake, Exception):
            self._end = ChildEndedError(f"by a mistake ({mistake!r})")
        self._session.close()
        self.ended.set_result(str(self._end))
        if not self._waiting.done():
            self._waiting.set_exception(self._end)
            # Perhaps nobody waits for it any more.
            self._waiting.exception()


def _how_ended(status: int) -> str:
    if status <= _SIGNALLED:
        return f"with status {status}"
    number = status - _SIGNALLED
    name = next((known.name for known in signal.Signals if known == number), f"signal {number}")
    return f"by {name}"

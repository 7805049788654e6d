"""The caller's side: functions run in a child process that may hang or crash without harm."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from tomobatch.errors import TomoBatchError, UnreachableError
from tomobatch.worker.child import Child, ChildEndedError, ServingChild

log = logging.getLogger(__name__)

Spawn = Callable[[], Awaitable[ServingChild]]


class Worker:
    """Runs functions of this program, by name, in one long-lived child process, in the order of the calls.

    Parameters
    ----------
    program
        Argument list of the serving process on this host, or what starts one elsewhere.
    start_timeout_s
        How long its start may take.
    end_timeout_s
        How long `close` waits for its end before, and after, killing it.
    """

    def __init__(
        self, program: Sequence[str] | Spawn, *, start_timeout_s: float = 60.0, end_timeout_s: float = 2.0
    ) -> None:
        self._spawn = program if callable(program) else partial(_spawned, tuple(program))
        self._start_timeout_s = start_timeout_s
        self._end_timeout_s = end_timeout_s
        self._turn = asyncio.Lock()
        self._child: ServingChild | None = None
        self._dying: set[ServingChild] = set()
        self._closed = False

    async def call(self, name: str, *arguments: object, timeout_s: float, about: str = "") -> Any:  # noqa: ANN401
        """Run a function in the child and give its answer.

        Parameters
        ----------
        name
            ``tomobatch.package.module:function``.
        arguments
            What JSON can carry; strings may hold surrogates.
        timeout_s
            How long it may run, once its turn has come; then the process is killed.
        about
            What the call is about (a file), for sentences.

        Raises
        ------
        TomoBatchError
            ``no-answer`` (too long), ``worker-died`` (crashed), ``worker-closed``, or the function's own;
            `UnreachableError` where the process runs elsewhere and the way there broke.
        """
        request = json.dumps({"call": name, "arguments": arguments}).encode("ascii") + b"\n"
        async with self._turn:
            try:
                child = await self._running_child()
                line = await self._ask(child, request, timeout_s, about or name)
            except UnreachableError:
                # It was closed from here, perhaps.
                self._refuse_closed()
                raise
        return _opened(json.loads(line))

    async def _running_child(self) -> ServingChild:
        self._refuse_closed()
        if self._child is None or self._child.ended.done():
            self._child = await self._start()
        return self._child

    async def _start(self) -> ServingChild:
        child = await self._spawn()
        if self._closed:
            # Nobody else knows of it.
            child.kill()
            self._refuse_closed()
        self._child = child
        try:
            async with asyncio.timeout(self._start_timeout_s):
                await child.ready()
        except TimeoutError as error:
            self._abandon(child)
            raise TomoBatchError(
                "no-answer",
                f"The worker process did not start within {self._start_timeout_s:g} s; try again.",
            ) from error
        except ChildEndedError as error:
            raise self._died(error, "starting") from error
        except (asyncio.CancelledError, TomoBatchError):
            self._abandon(child)
            raise
        return child

    async def _ask(self, child: ServingChild, request: bytes, timeout_s: float, about: str) -> bytes:
        try:
            async with asyncio.timeout(timeout_s):
                return await child.ask(request)
        except TimeoutError as error:
            self._abandon(child)
            raise TomoBatchError(
                "no-answer",
                f"No answer within {timeout_s:g} s about {about}; its disk may hang. Try again later.",
            ) from error
        except ChildEndedError as error:
            raise self._died(error, f"working on {about}") from error
        except asyncio.CancelledError:
            self._abandon(child)  # its answer would be taken for the next call's
            raise

    def _died(self, error: ChildEndedError, when: str) -> TomoBatchError:
        if self._closed:
            return TomoBatchError("worker-closed", f"The worker process was ended while {when}.")
        return TomoBatchError(
            "worker-died", f"The worker process ended {error} while {when}; what it worked on may be damaged."
        )

    def _refuse_closed(self) -> None:
        if self._closed:
            raise TomoBatchError(
                "worker-closed", "The worker process has been ended; nothing more can be asked."
            )

    def _abandon(self, child: ServingChild) -> None:
        log.warning("worker %s killed: no answer, or nobody waits for it", child.name)
        child.kill()
        self._child = None
        self._dying.add(child)
        child.ended.add_done_callback(lambda _: self._dying.discard(child))

    async def close(self) -> None:
        """End the child; a call under way raises ``worker-closed``."""
        self._closed = True
        child = self._child
        if child is not None:
            child.hang_up()
            self._dying.add(child)
        if await self._still_alive():
            for stubborn in self._dying:
                stubborn.kill()
        for hopeless in await self._still_alive():
            log.warning("worker %s does not die; it is left alone", hopeless.name)
            hopeless.forget()

    async def _still_alive(self) -> set[ServingChild]:
        ends = [child.ended for child in self._dying]
        if ends:
            await asyncio.wait(ends, timeout=self._end_timeout_s)
        self._dying = {child for child in self._dying if not child.ended.done()}
        return self._dying


async def _spawned(program: Sequence[str]) -> ServingChild:
    try:
        return Child(program)
    except OSError as error:
        raise TomoBatchError("worker-died", f"The worker process could not start: {error}.") from error


def _opened(answer: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON carries
    if "error" in answer:
        code, sentence = answer["error"]
        raise TomoBatchError(code, sentence)
    return answer["answer"]

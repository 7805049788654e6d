"""Who checks the results of a job: a process on the host that ran it, wherever there can be one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from tomobatch.batch.job import JobRow
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine
from tomobatch.machines.far_worker import CannotServeError, Host, far_worker
from tomobatch.worker.client import Worker

ROOTS = ("tomobatch.recon.finish",)


class Judges:
    """Worker processes on the machines of others, made when first needed; they stay until the end.

    Parameters
    ----------
    machines
        By name.
    again_s
        After so long a machine that had no Python to judge with is asked once more.
    """

    def __init__(
        self,
        machines: Mapping[str, Machine],
        *,
        again_s: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._machines, self._again_s, self._clock = machines, again_s, clock
        self._workers: dict[tuple[str, str], Worker] = {}
        self._cannot: dict[tuple[str, str], tuple[float, CannotServeError]] = {}

    async def ask(
        self, row: JobRow, function: str, arguments: tuple[object, ...], *, timeout_s: float, about: str
    ) -> dict[str, Any] | None:
        """Run a function on the host that ran a job; None where that is this one, or opens no sessions.

        Raises
        ------
        CannotServeError
            There is nothing to judge with there, or there was nothing not long ago.
        TomoBatchError
            As :meth:`tomobatch.worker.client.Worker.call`.
        """
        machine = self._machines[row.job.machine]
        if not isinstance(machine, Host):
            return None
        key = _key(row)
        if key in self._cannot and self._clock() < self._cannot[key][0]:
            raise self._cannot[key][1]
        try:
            if key not in self._workers:
                made = await _made(machine, key[1])
                # Another job may have asked for the same meanwhile.
                self._workers.setdefault(key, made)
            answer: dict[str, Any] = await self._workers[key].call(
                function, *arguments, timeout_s=timeout_s, about=about
            )
        except CannotServeError as error:
            self._cannot[key] = (self._clock() + self._again_s, error)
            raise
        return answer

    async def forget(self, machine: str) -> None:
        """It is reached in another way now, or is no more."""
        keys = [key for key in self._workers if key[0] == machine]
        self._cannot = {key: said for key, said in self._cannot.items() if key[0] != machine}
        await asyncio.gather(*(self._workers.pop(key).close() for key in keys))

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(worker.close() for worker in self._workers.values()))


def _key(row: JobRow) -> tuple[str, str]:
    """Each engine may lie in an environment of its own."""
    return row.job.machine, str(row.job.request["engine"]["program"][0])


async def _made(host: Host, engine: str) -> Worker:
    try:
        # In a thread: reading what is carried there takes a tenth of a second the first time.
        return await asyncio.to_thread(far_worker, host, engine, *ROOTS)
    except TomoBatchError as error:
        raise CannotServeError(error.code, error.sentence) from error

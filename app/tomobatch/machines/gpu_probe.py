"""Asking a machine for its GPUs, again and again, with as few programs as that takes."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from tomobatch.machines.base import ShortResult
from tomobatch.machines.gpus import LIST, QUERY, Gpu, parse_gpus
from tomobatch.machines.wrapper import one_line

log = logging.getLogger(__name__)

ANSWER_S = 20.0
LIST_AGAIN_S = 60.0

Run = Callable[[Sequence[str], float], Awaitable[ShortResult]]


class GpuProbe:
    """Asks ``nvidia-smi`` of one machine.

    Memory and use change all the time and are asked for each time. Into which parts a GPU is cut (MIG) is
    listed by a second run, and changes with the GPUs or by an administrator's hand: it is asked for when
    other GPUs are found than before, and once in a while.

    Parameters
    ----------
    name
        What a person calls the machine.
    run
        Runs a program there, with a limit in seconds; see `tomobatch.machines.base.Machine.run_short`.
    list_again_s
        How long a list of parts is believed.
    clock
        Gives seconds; a parameter for tests.
    """

    def __init__(
        self,
        name: str,
        run: Run,
        list_again_s: float = LIST_AGAIN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._run = name, run
        self._list_again_s, self._clock = list_again_s, clock
        self._whole: tuple[str, ...] = ()
        self._listing = ""
        self._listed_s = 0.0
        self._complaint = ""

    async def ask(self) -> list[Gpu]:
        """The GPUs as they are now; none where ``nvidia-smi`` fails. Raises what `run` raises."""
        query = await self._run(QUERY, ANSWER_S)
        self._complain("" if query.exit_status == 0 else one_line(query.stdout or query.stderr))
        if query.exit_status != 0:
            return []
        said = query.stdout.decode("utf-8", "replace")
        whole = tuple(gpu.uuid for gpu in parse_gpus(said, ""))
        if whole != self._whole or self._clock() - self._listed_s > self._list_again_s:
            await self._list(whole)
        return parse_gpus(said, self._listing)

    async def _list(self, whole: tuple[str, ...]) -> None:
        listing = await self._run(LIST, ANSWER_S)
        self._listing = listing.stdout.decode("utf-8", "replace")
        self._whole, self._listed_s = whole, self._clock()

    def _complain(self, why: str) -> None:
        """Say once what is wrong, not every few seconds."""
        if why and why != self._complaint:
            log.warning("nvidia-smi failed on %s: %s", self._name, why)
        self._complaint = why

"""Follows all jobs of a machine by one call: the far side answers as soon as there is anything to tell."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tomobatch.machines import far_job
from tomobatch.machines.base import Finding, Handle, Output, Running, Update, Waiting
from tomobatch.machines.far_side import FarSide
from tomobatch.machines.link import Link, SshTiming
from tomobatch.machines.mirror import PIECE_BYTES
from tomobatch.machines.reply import Reply, ShellLostError
from tomobatch.machines.wrapper import one_line, parse_engine

if TYPE_CHECKING:
    from tomobatch.machines.shell import Shell

log = logging.getLogger(__name__)

_FAREWELL_S = 1.0
MOST_BYTES = 1 << 18
"""Of one log in one answer."""


@dataclass(frozen=True)
class Ended:
    """Nothing more will come; where no finding came with it, what has become of the job is to be asked."""


@dataclass
class Followed:
    """A job that is followed.

    Attributes
    ----------
    offset
        Bytes of its log that have come.
    more
        Whether there may be more of its log already, so that it is read although it may not have grown.
    told, holder
        What was told of its stage.
    finding
        Where it stood when the far side saw that it had ended.
    """

    handle: Handle
    offset: int
    more: bool = True
    told: str = ""
    holder: bytes = b""
    finding: Finding | None = None
    news: asyncio.Queue[Update | Ended] = field(default_factory=asyncio.Queue)

    def arguments(self, number: str, boot_id: str) -> Iterator[str]:
        """What the far side needs to know of it."""
        handle = self.handle
        # of another boot: no process of today is meant
        pid = handle.pid if handle.boot_id == boot_id else 0
        yield from (number, str(handle.folder), str(pid), str(handle.start_time), str(self.offset))
        yield from ("yes" if self.more else "", self.told, os.fsdecode(self.holder))

    def take(self, told: Reply, boot_id: str) -> bool:
        """Take what an answer tells of it; whether it has ended."""
        for section in told.sections:
            self._take_section(section.words[0], section.body)
        if told.body("ended") is None or self.more:
            return False
        self.finding = far_job.judge(told, self.handle, boot_id)
        self.news.put_nowait(Ended())
        return True

    def _take_section(self, word: str, body: bytes) -> None:
        match word:
            case "running" if (engine := parse_engine(body)) is not None:
                self.told = "running"
                self.news.put_nowait(Running(engine.pid))
            case "waiting":
                self.told, self.holder = "waiting", body
                self.news.put_nowait(Waiting(one_line(body)))
            case "out":
                self._take_output(body)

    def _take_output(self, body: bytes) -> None:
        self.offset += len(body)
        # then it has not ended yet, as far as anybody who reads it is concerned
        self.more = len(body) >= MOST_BYTES
        for start in range(0, len(body), PIECE_BYTES):
            self.news.put_nowait(Output(body[start : start + PIECE_BYTES]))


class FarWatch:
    """See the module's text."""

    def __init__(self, link: Link, timing: SshTiming) -> None:
        self._link, self._timing = link, timing
        self._jobs: dict[str, Followed] = {}
        self._numbers = 0
        self._any = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._waking: asyncio.Task[None] | None = None
        self._bell = ""

    def add(self, job: Followed) -> str:
        """Follow a job; gives the number to `remove` it by."""
        self._numbers += 1
        number = str(self._numbers)
        self._jobs[number] = job
        self._any.set()
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name=f"following jobs on {self._link.host}")
        elif self._bell and self._waking is None:
            self._waking = asyncio.create_task(self._wake(), name=f"telling {self._link.host} of a job")
        return number

    def remove(self, number: str) -> None:
        """Follow a job no more."""
        self._jobs.pop(number, None)
        if self._jobs:
            return
        self._any.clear()
        watching = self._watching
        if self._link.now is None and watching is not None and watching is not asyncio.current_task():
            # A host that nobody follows anything on any more is not called for ever.
            watching.cancel()
            self._watching = None

    async def close(self) -> None:
        """Follow nothing any more."""
        if self._bell and self._waking is None:
            # the shell over there need not wait until its patience ends to see that nobody listens
            self._waking = asyncio.create_task(self._wake())
        if self._waking is not None:
            await asyncio.wait((self._waking,), timeout=_FAREWELL_S)
        tasks = [task for task in (self._watching, self._waking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wake(self) -> None:
        """Have the call that is under way return, since it knows nothing of a job that was added."""
        # those that are added in the same turn are told by one
        await asyncio.sleep(0)
        self._waking = None
        far = self._link.now
        if far is None:
            # the way there broke, and with it the call
            return
        try:
            await far.call("tb_wake", self._bell)
        except ShellLostError as error:
            self._link.drop(far, error)

    async def _watch(self) -> None:
        while True:
            await self._any.wait()
            far = await self._link.far()
            try:
                await self._serve(far)
            except ShellLostError as error:
                # Whatever broke it: where the way is all right a new one is there in a moment, but only the
                # first time.
                self._link.drop(far, error)
            except Exception as error:
                # A mistake of ours, or nonsense from there: nobody else follows these jobs.
                log.exception("following the jobs on %s broke off", self._link.host)
                self._link.drop(far, ShellLostError(f"its answer was not understood: {error}"))
                await asyncio.sleep(self._timing.pauses_s[-1])
            finally:
                self._bell = ""

    async def _serve(self, far: FarSide) -> None:
        shell = await far.open_shell()
        try:
            self._bell = await self._open_bell(far, shell)
            for job in self._jobs.values():
                job.more = True
            while True:
                await self._any.wait()
                await self._ask(far, shell)
        finally:
            shell.close()

    async def _open_bell(self, far: FarSide, shell: Shell) -> str:
        facts = far.facts
        about = (str(facts.home), facts.wrapper, facts.boot_id)
        reply = await shell.call("tb_open_bell", *about, timeout_s=self._timing.call_s)
        bell = reply.body("bell")
        if bell is None:
            raise ShellLostError(f"no pipe can be made there ({reply.complaint})")
        return os.fsdecode(bell)

    async def _ask(self, far: FarSide, shell: Shell) -> None:
        timing = self._timing
        self._leave_out(far)
        jobs = dict(self._jobs)
        told = [word for number, job in jobs.items() for word in job.arguments(number, far.facts.boot_id)]
        patience_cs = str(round(100 * timing.patience_s))
        reply = await shell.call(
            "tb_watch",
            patience_cs,
            f"{timing.tick_s:g}",
            str(MOST_BYTES),
            *told,
            timeout_s=timing.patience_s + timing.call_s,
        )
        far.seen()
        for number, job in jobs.items():
            # Where nothing was told for so long, logs are read whatever their times say: a clock that was set
            # back may have hidden that one has grown.
            job.more = not reply.sections
            if job.take(reply.of(number), far.facts.boot_id):
                self.remove(number)

    def _leave_out(self, far: FarSide) -> None:
        """Nothing is known here of jobs that another host runs: who follows them is told when it asks."""
        for number, job in list(self._jobs.items()):
            if far_job.is_another(job.handle.host, far.facts):
                self.remove(number)
                job.news.put_nowait(Ended())

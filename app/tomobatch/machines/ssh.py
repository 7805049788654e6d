"""A machine reached by SSH: the same wrapper as here, started and followed over there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING

from tomobatch.errors import TomoBatchError
from tomobatch.machines import far_job, wrapper
from tomobatch.machines.base import (
    ANOTHER_HOST,
    Command,
    Finding,
    Graces,
    Handle,
    Outcome,
    OutcomeKind,
    Output,
    Running,
    ShortResult,
    Standing,
    State,
    Update,
)
from tomobatch.machines.far_probe import run_probe
from tomobatch.machines.far_side import FarSide
from tomobatch.machines.far_watch import Ended, FarWatch, Followed
from tomobatch.machines.gpu_probe import GpuProbe
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.link import BOOT_ID_FILE, HOST_ID_FILE, Link, SshTiming
from tomobatch.machines.mirror import FarLog, Mirror
from tomobatch.machines.reply import NoSessionError, Reply, ShellLostError

if TYPE_CHECKING:
    from tomobatch.machines.far_worker import Session
    from tomobatch.machines.known_keys import UnknownKey

log = logging.getLogger(__name__)

_AGAIN_S = 0.02
_LOOK_S = 0.1
_SELDOM_S = 1.0
_NO_GPUS = frozenset({"could-not-start", "timed-out"})


class Ssh:
    """Runs jobs on another host; implements `machines.base.Machine`.

    Parameters
    ----------
    name
        What a person calls it.
    host
        Alias of the SSH configuration, host, or ``user@host``.
    environment
        Shell text that is run there before each command.
    mirror
        Folder here for the logs of jobs there; None: none is kept.
    graces
        How patiently a job is stopped; taken from here when the job starts.
    timing
        How long other things may take.
    claim_patience_s
        How long to wait for the line of a claim that is there, before it is called damaged.
    shell
        A POSIX shell there.
    boot_id_file, host_id_file
        What its system offers.
    """

    def __init__(
        self,
        name: str,
        host: str,
        *,
        environment: str = "",
        mirror: Path | None = None,
        graces: Graces | None = None,
        timing: SshTiming | None = None,
        claim_patience_s: float = 1.0,
        shell: str = "sh",
        boot_id_file: PurePath = BOOT_ID_FILE,
        host_id_file: PurePath = HOST_ID_FILE,
    ) -> None:
        self.name = name
        self.far = True
        self.watchers: list[Callable[[], None]] = []
        self._environment = environment
        self._mirror = mirror
        self._graces = graces or Graces()
        self._claim_patience_s = claim_patience_s
        self._shell = shell
        timing = timing or SshTiming()
        id_files = PurePosixPath(boot_id_file), PurePosixPath(host_id_file)
        self._link = Link(host, timing, self._tell_watchers, *id_files)
        self._watch = FarWatch(self._link, timing)
        self._gpus = GpuProbe(name, self.run_short)

    # -- the way there ------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """Whether it answers."""
        return self._link.standing

    @property
    def unknown_key(self) -> UnknownKey | None:
        """The key of a host that nobody has trusted yet, if that is why it cannot be reached."""
        return self._link.unknown_key

    async def call(self) -> None:
        """Try once to reach it; TomoBatchError with the reason where that fails, or no job could run."""
        self._link.hurry()
        far = await self._reach()
        try:
            reply = await far.call("tb_room")
        except ShellLostError as error:
            self._link.drop(far, error)
            raise self._unreachable(error) from error
        if reply.status != 0:
            raise self._link.no_home(reply)

    async def accept_key(self) -> None:
        """Trust the unknown key, and connect; TomoBatchError where either fails."""
        key = self._link.unknown_key
        if key is not None:
            await self._link.trust(key)
        await self.call()

    async def close(self) -> None:
        """Let go of the machine; its jobs run on."""
        await self._watch.close()
        await self._link.close()

    def _tell_watchers(self) -> None:
        for watcher in tuple(self.watchers):
            watcher()

    async def _reach(self) -> FarSide:
        """The far side, now or not at all."""
        return await self._link.reach()

    def _unreachable(self, error: Exception) -> TomoBatchError:
        return self._link.trouble(error)

    async def _call(self, host: str, function: str, *arguments: str) -> tuple[Reply, FarSide]:
        """Call what may be called twice, however long the way there takes, but not on another host."""
        while True:
            far = await self._link.far()
            if far_job.is_another(host, far.facts):
                raise self._another_host(host, far)
            try:
                return await far.call(function, *arguments), far
            except ShellLostError as error:
                self._link.drop(far, error)

    def _another_host(self, host: str, far: FarSide) -> TomoBatchError:
        then, now = host.rpartition(" ")[2], far.facts.host_id.rpartition(" ")[2]
        sentence = (
            f"{self.name} leads to another host now ({now}) than to the one that the job is on ({then}), of"
            " which nothing is known until it leads there again: give each host a name of its own."
        )
        return TomoBatchError(ANOTHER_HOST, sentence)

    # -- jobs ---------------------------------------------------------------------------------

    async def host_id(self) -> str:
        """Which boot of which host it is; see :meth:`tomobatch.machines.base.Machine.host_id`."""
        return far_job.host_id((await self._link.far()).facts)

    async def attempt_folder(self, jobs_folder: Path, uid: str, attempt: int) -> PurePosixPath:
        """Folder of an attempt; see :meth:`tomobatch.machines.base.Machine.attempt_folder`."""
        return (await self._link.far()).facts.home / "jobs" / uid / str(attempt)

    async def start(self, command: Command, folder: PurePath, host: str = "") -> Handle:
        """Start a job; see :meth:`tomobatch.machines.base.Machine.start`."""
        said = ""
        while True:
            far = await self._link.far()
            if said:
                return await self._begun(folder, said)
            if far_job.is_another(host, far.facts):
                raise TomoBatchError("cut-off", self._another_host(host, far).sentence)
            said = far_job.host_id(far.facts)
            try:
                reply = await far.call("tb_start", *self._arguments(command, folder, far))
            except ShellLostError as error:
                self._link.drop(far, error)
                continue
            return await self._claimed(folder, said, reply)

    def _arguments(self, command: Command, folder: PurePath, far: FarSide) -> list[str]:
        facts = far.facts
        lock = None if command.lock_key is None else wrapper.lock_file(facts.locks, command.lock_key)
        arguments = wrapper.arguments(
            far_job.in_environment(command, self._environment),
            folder,
            lock,
            self._graces,
            bells=facts.home / "bells",
        )
        return [self._shell, *arguments]

    async def _begun(self, folder: PurePath, host: str) -> Handle:
        """What has become of a start whose answer was lost on the way."""
        finding = await self.find(folder, host)
        if finding.handle is not None:
            return finding.handle
        sentence = f"The connection to {self.name} broke before the job began."
        raise TomoBatchError("cut-off", sentence)

    async def _claimed(self, folder: PurePath, host: str, reply: Reply) -> Handle:
        """Read the answer; without one the folder tells whether something runs, and nothing will later."""
        _, word, claim = reply.loose.rpartition(b"claimed ")
        if word and (handle := wrapper.parse_claim(claim, folder)):
            return replace(handle, host=host)
        why = wrapper.one_line(reply.loose) or reply.complaint or "the shell there was ended"
        refusal = TomoBatchError("could-not-start", f"The job in {folder} could not be started: {why}.")
        try:
            finding = await self.find(folder, host)
        except TomoBatchError as error:
            await self._require_room()
            raise refusal from error
        if finding.handle is None:
            await self._require_room()
            raise refusal
        return finding.handle

    async def _require_room(self) -> None:
        """``cut-off`` where nothing can be written there: every other job would meet the same."""
        reply, _ = await self._call("", "tb_room")
        if reply.status != 0:
            raise TomoBatchError("cut-off", self._link.no_home(reply).sentence)

    async def find(self, folder: PurePath, host: str = "") -> Finding:
        """Say where a job stands; see :meth:`tomobatch.machines.base.Machine.find`."""
        patience_ends_s = time.monotonic() + self._claim_patience_s
        while True:
            reply, far = await self._call(host, "tb_find", str(folder))
            if reply.status != 0:
                sentence = (
                    f"It cannot be said whether the job in {folder} on {self.name} has started:"
                    f" {reply.complaint or 'its folder cannot be written'}. Try again."
                )
                raise TomoBatchError("folder-not-writable", sentence)
            if reply.body("given-up") is not None:
                return Finding(State.NEVER_STARTED)
            handle = wrapper.parse_claim(reply.body("claim") or b"", folder)
            if handle is not None:
                handle = replace(handle, host=host or far_job.host_id(far.facts))
            if handle is not None or time.monotonic() >= patience_ends_s:
                return far_job.judge(reply, handle, far.facts.boot_id)
            await asyncio.sleep(_AGAIN_S)

    async def follow(self, handle: Handle, from_byte: int = 0) -> AsyncIterator[Update]:
        """Yield what happens; see :meth:`tomobatch.machines.base.Machine.follow`."""
        with contextlib.closing(self._mirror_of(handle.folder)) as mirror:
            here = mirror.size
            job, log = Followed(handle, here), FarLog(mirror, here, from_byte)
            number = self._watch.add(job)
            try:
                first: Update | Ended | None = await job.news.get()
                if isinstance(first, Running):
                    yield first
                    first = None
                for data in mirror.pieces(from_byte, here):
                    yield Output(data)
                    await asyncio.sleep(0)
                async for update in _until_ended(job, first):
                    wanted = Output(log.take(update.data)) if isinstance(update, Output) else update
                    if wanted != Output(b""):
                        yield wanted
                known = job.finding.outcome if job.finding is not None else None
                yield known or await self._outcome(handle)
            finally:
                self._watch.remove(number)

    def _mirror_of(self, folder: PurePath) -> Mirror:
        file = None if self._mirror is None else self._mirror / folder.parent.name / folder.name / wrapper.LOG
        return Mirror(file)

    async def _outcome(self, handle: Handle, look_s: float = _AGAIN_S) -> Outcome:
        """Look until it has ended, less and less often: its status may just be being written."""
        while True:
            outcome = (await self._judge(handle)).outcome
            if outcome is not None:
                return outcome
            await asyncio.sleep(look_s)
            look_s = min(2 * look_s, _SELDOM_S)

    async def _judge(self, handle: Handle) -> Finding:
        who = (handle.boot_id, str(handle.pid), str(handle.start_time))
        reply, far = await self._call(handle.host, "tb_look_at", str(handle.folder), *who)
        return far_job.judge(reply, handle, far.facts.boot_id)

    # -- stopping -----------------------------------------------------------------------------

    async def stop(self, handle: Handle) -> Outcome:
        """End a job; see :meth:`tomobatch.machines.base.Machine.stop`."""
        outcome = (await self._judge(handle)).outcome
        if outcome is None:
            outcome = await self._end_wrapper(handle)
        if outcome is None:
            why = "The process that watches over the job cannot be ended."
            return Outcome(OutcomeKind.LOST, why, left=(handle.pid,))
        if outcome.kind is OutcomeKind.LOST and outcome.left:
            return await self._end_orphans(handle)
        return outcome

    async def _end_wrapper(self, handle: Handle) -> Outcome | None:
        """Ask the wrapper to end the job; one that does not heed it is killed, which orphans the program."""
        graces, who = self._graces, (str(handle.pid), str(handle.start_time))
        patience_ends_s = time.monotonic() + 1.5 * graces.give_up_s
        while time.monotonic() < patience_ends_s:
            await self._call(handle.host, "tb_signal_one", *who, "TERM")
            if (outcome := await self._ends_within(handle, graces.again_s)) is not None:
                return outcome
        await self._call(handle.host, "tb_signal_one", *who, "KILL")
        return await self._ends_within(handle, graces.give_up_s)

    async def _ends_within(self, handle: Handle, timeout_s: float) -> Outcome | None:
        outcome: Outcome | None = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                outcome = await self._outcome(handle, _LOOK_S)
        return outcome

    async def _end_orphans(self, handle: Handle) -> Outcome:
        graces, began_s = self._graces, time.monotonic()
        steps = [(0.0, "TERM"), (graces.again_s, "TERM"), (graces.kill_s, "KILL")]
        left: tuple[int, ...] = (handle.pid,)
        while left and (passed_s := time.monotonic() - began_s) < graces.give_up_s:
            number = steps.pop(0)[1] if steps and passed_s >= steps[0][0] else "0"
            reply, _ = await self._call(handle.host, "tb_signal_members", str(handle.folder), number)
            left = far_job.pids_in(reply)
            await asyncio.sleep(_LOOK_S)
        return wrapper.orphans_ended(left)

    # -- probes -------------------------------------------------------------------------------

    async def run_short(
        self, argv: Sequence[str], timeout_s: float, env: Mapping[str, str] | None = None
    ) -> ShortResult:
        """Run a probe; see :meth:`tomobatch.machines.base.Machine.run_short`."""
        far = await self._reach()
        try:
            words = far_job.words(argv, env or {}, self._environment)
            return await run_probe(far, words, argv[0], timeout_s)
        except ShellLostError as error:
            raise self._unreachable(error) from error

    async def unseen(self, paths: Sequence[str]) -> list[str]:
        """Which of these paths are not seen there; ``no-answer`` where its disk hangs."""
        far = await self._reach()
        try:
            async with far.probing() as shell:
                reply = await shell.call("tb_unseen", *paths, timeout_s=far.timing.call_s)
        except ShellLostError as error:
            if self._link.standing.code or isinstance(error, NoSessionError):
                raise self._unreachable(error) from error
            sentence = f"{self.name} does not say whether it sees {paths[0]} ({error}): its disk may hang."
            raise TomoBatchError("no-answer", sentence) from error
        return [os.fsdecode(part.body) for part in reply.sections if part.words == ("unseen",)]

    async def open_session(self, script: bytes) -> Session:
        """Run a shell there, in its environment; see `tomobatch.machines.far_worker.Host`."""
        far = await self._reach()
        try:
            return await far.open_session(self._environment, script)
        except (OSError, ShellLostError) as error:
            raise self._unreachable(error) from error

    async def gpus(self) -> list[Gpu]:
        """GPUs of that host; none where ``nvidia-smi`` is missing or fails."""
        try:
            return await self._gpus.ask()
        except TomoBatchError as error:
            if error.code not in _NO_GPUS:
                raise
            log.info("No GPU is known on %s: %s", self.name, error.sentence)
            return []

    async def memory_bytes(self) -> int | None:
        """Memory of that host."""
        return (await self._reach()).facts.memory_bytes


async def _until_ended(job: Followed, first: Update | Ended | None) -> AsyncIterator[Update]:
    update = first or await job.news.get()
    while not isinstance(update, Ended):
        yield update
        update = await job.news.get()

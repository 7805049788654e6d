"""The machine this program runs on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import TypeVar

from inotify_simple import INotify

from tomobatch.config import places
from tomobatch.errors import TomoBatchError
from tomobatch.machines import attempt, locks, probe, processes, wrapper
from tomobatch.machines.base import (
    Command,
    Finding,
    Graces,
    Handle,
    Outcome,
    OutcomeKind,
    Output,
    Reach,
    ShortResult,
    Standing,
    Update,
)
from tomobatch.machines.gpu_probe import GpuProbe
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.watching import Watcher

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class Local:
    """Runs jobs on this host, each in a detached process of its own; implements `machines.base.Machine`.

    Parameters
    ----------
    name
        What a person calls it.
    graces
        How patiently a job is stopped; taken from here when the job starts.
    shell
        A POSIX shell.
    lock_folder
        Where the locks lie; None: the host's common place.
    gather_s
        Output and changes are told at most once in so many seconds.
    poll_s
        How often to look where the kernel gives no events.
    claim_patience_s
        How long to wait for the line of a claim that is there, before it is called damaged.
    boot_id_file, open_pidfd, open_inotify
        What the kernel offers.
    """

    def __init__(
        self,
        name: str = "Local",
        *,
        graces: Graces | None = None,
        shell: str = "/bin/sh",
        lock_folder: Path | None = None,
        gather_s: float = 0.1,
        poll_s: float = 1.0,
        claim_patience_s: float = 1.0,
        boot_id_file: Path = processes.BOOT_ID_FILE,
        open_pidfd: Callable[[int], int] = os.pidfd_open,
        open_inotify: Callable[[], INotify] = INotify,
    ) -> None:
        self.name = name
        self.far = False
        self.standing = Standing(Reach.REACHABLE)
        self.watchers: list[Callable[[], None]] = []
        self._graces = graces or Graces()
        self._shell = shell
        self._lock_folder = lock_folder
        self._poll_s = poll_s
        self._claim_patience_s = claim_patience_s
        self._boot_id_file = boot_id_file
        self._open_pidfd = open_pidfd
        self._watcher = Watcher(gather_s, poll_s, open_inotify)
        self._gpus = GpuProbe(name, self.run_short)

    async def close(self) -> None:
        """Give back what the kernel lent; no job is touched."""
        self._watcher.close()

    async def call(self) -> None:
        """Nothing is in the way."""

    async def memory_bytes(self) -> int | None:
        """Memory of this host."""
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    async def attempt_folder(self, jobs_folder: Path, uid: str, attempt: int) -> Path:
        """Folder of an attempt; see :meth:`tomobatch.machines.base.Machine.attempt_folder`."""
        return jobs_folder / uid / str(attempt)

    async def unseen(self, _: Sequence[str]) -> list[str]:
        """None: who queued a job saw its files on this host."""
        return []

    async def host_id(self) -> str:
        """Nothing else than this host is ever called so."""
        return ""

    async def start(self, command: Command, folder: PurePath, _host: str = "") -> Handle:
        """Start a job; see :meth:`tomobatch.machines.base.Machine.start`."""
        return await _in_thread(partial(self._start, command, Path(folder)))

    async def find(self, folder: PurePath, _host: str = "") -> Finding:
        """Say where a job stands; see :meth:`tomobatch.machines.base.Machine.find`."""
        return await _in_thread(partial(self._find, Path(folder)))

    async def follow(self, handle: Handle, from_byte: int = 0) -> AsyncIterator[Update]:
        """Yield what happens; see :meth:`tomobatch.machines.base.Machine.follow`."""
        folder = Path(handle.folder)
        with contextlib.ExitStack() as stack:
            watch = self._watcher.watch(folder)
            stack.callback(watch.close)
            end = self._process_end(handle.pid, handle.start_time, watch.wake)
            stack.callback(end.close)
            log = attempt.Log(folder, from_byte)
            stack.callback(log.close)
            stage = attempt.Stage(folder, watch)
            restarted = handle.boot_id != self._boot_id()
            while True:
                # asked first: what the log holds after the end is then all that it will ever hold
                outcome = self._judge(handle).outcome if end.ended or restarted else None
                for update in stage.news(outcome):
                    yield update
                for data in log.pieces():
                    yield Output(data)
                    await asyncio.sleep(0)
                if outcome is not None:
                    yield outcome
                    return
                await watch.changed()

    async def stop(self, handle: Handle) -> Outcome:
        """End a job; see :meth:`tomobatch.machines.base.Machine.stop`."""
        outcome = (await _in_thread(partial(self._judge, handle))).outcome
        if outcome is None:
            await self._end_wrapper(handle)
            outcome = (await _in_thread(partial(self._judge, handle))).outcome
        if outcome is None:
            return Outcome(
                OutcomeKind.LOST, "The process that watches over the job cannot be ended.", left=(handle.pid,)
            )
        if outcome.kind is OutcomeKind.LOST and outcome.left:
            return await self._end_orphans(Path(handle.folder))
        return outcome

    async def run_short(
        self, argv: Sequence[str], timeout_s: float, env: Mapping[str, str] | None = None
    ) -> ShortResult:
        """Run a probe; see :meth:`tomobatch.machines.base.Machine.run_short`."""
        with probe.memory_file() as stdout, probe.memory_file() as stderr:
            child = await _spawned(partial(probe.spawn, argv, env or {}, stdout, stderr))
            try:
                if not await self._ends_within(child.pid, probe.start_time(child), timeout_s):
                    raise TomoBatchError("timed-out", f"{argv[0]} gave no answer within {timeout_s:g} s.")
            finally:
                probe.end(child)
            return ShortResult(child.returncode, probe.content(stdout), probe.content(stderr))

    async def gpus(self) -> list[Gpu]:
        """GPUs of this host; none where ``nvidia-smi`` is missing or fails."""
        try:
            return await self._gpus.ask()
        except TomoBatchError as error:
            logger.info("No GPU is known on %s: %s", self.name, error.sentence)
            return []

    def _start(self, command: Command, folder: Path) -> Handle:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            child = self._spawned_wrapper(command, folder)
            # it answers and closes its output as soon as the job is claimed, which then runs on without us
            said, _ = child.communicate()
            return self._claimed(folder, said)
        except OSError as error:
            raise TomoBatchError(
                "could-not-start", f"{command.argv[0]} could not be started: {error}."
            ) from error

    def _spawned_wrapper(self, command: Command, folder: Path) -> subprocess.Popen[bytes]:
        lock = self._lock_file(command)
        with locks.taken(lock) if lock else contextlib.nullcontext() as descriptor:
            given = descriptor is not None
            arguments = wrapper.arguments(command, folder, lock, self._graces, lock_given=given)
            return subprocess.Popen(
                [self._shell, str(wrapper.script()), *arguments],
                cwd="/",
                start_new_session=True,
                stdin=subprocess.DEVNULL if descriptor is None else descriptor,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )

    def _lock_file(self, command: Command) -> Path | None:
        if command.lock_key is None:
            return None
        return Path(wrapper.lock_file(self._lock_folder or places.lock_folder(), command.lock_key))

    def _claimed(self, folder: Path, said: bytes) -> Handle:
        """Read the answer; without one the folder tells whether something runs, and nothing will later."""
        _, word, claim = said.rpartition(b"claimed ")
        if word and (handle := wrapper.parse_claim(claim, folder)):
            return handle
        why = wrapper.one_line(said) or "the shell was ended"
        refusal = TomoBatchError("could-not-start", f"The job in {folder} could not be started: {why}.")
        try:
            finding = self._find(folder)
        except TomoBatchError as error:
            raise refusal from error
        if finding.handle is None:
            raise refusal
        return finding.handle

    def _find(self, folder: Path) -> Finding:
        return attempt.find(folder, self._boot_id(), self._claim_patience_s)

    def _judge(self, handle: Handle) -> Finding:
        return attempt.judge(Path(handle.folder), handle, self._boot_id())

    def _boot_id(self) -> str:
        return self._boot_id_file.read_text().strip()

    async def _end_wrapper(self, handle: Handle) -> None:
        """Ask the wrapper to end the job; one that does not heed it is killed, which orphans the program."""
        loop = asyncio.get_running_loop()
        patience_ends_s = loop.time() + 1.5 * self._graces.give_up_s
        while loop.time() < patience_ends_s:
            # more than once: old shells can miss a signal that comes just before they wait
            processes.signal_process(handle.pid, handle.start_time, signal.SIGTERM)
            if await self._ends_within(handle.pid, handle.start_time, self._graces.again_s):
                return
        processes.signal_process(handle.pid, handle.start_time, signal.SIGKILL)
        await self._ends_within(handle.pid, handle.start_time, self._graces.give_up_s)

    async def _end_orphans(self, folder: Path) -> Outcome:
        engine = attempt.engine_of(folder)
        graces = self._graces
        left = (
            await processes.end_group(engine.pid, graces.again_s, graces.kill_s, graces.give_up_s)
            if engine
            else ()
        )
        return wrapper.orphans_ended(left)

    def _process_end(self, pid: int, start_time: int, on_end: Callable[[], None]) -> processes.ProcessEnd:
        return processes.ProcessEnd(pid, start_time, on_end, self._poll_s, self._open_pidfd)

    async def _ends_within(self, pid: int, start_time: int, timeout_s: float) -> bool:
        ended = asyncio.Event()
        end = self._process_end(pid, start_time, ended.set)
        try:
            async with asyncio.timeout(timeout_s):
                await ended.wait()
        except TimeoutError:
            return False
        finally:
            end.close()
        return True


async def _spawned(spawn: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Spawn a probe in a thread; one that nobody waits for any more when it is there is ended."""
    spawning = asyncio.ensure_future(_in_thread(spawn))
    try:
        return await asyncio.shield(spawning)
    except asyncio.CancelledError:
        # That it could not be spawned matters no more: the cancellation must not be lost over it.
        with contextlib.suppress(TomoBatchError):
            probe.end(await spawning)
        raise


async def _in_thread(work: Callable[[], _T]) -> _T:
    return await asyncio.get_running_loop().run_in_executor(None, work)

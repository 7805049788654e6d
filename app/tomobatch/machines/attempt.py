"""The folder of one attempt at a job, on this host: what the wrapper wrote there, and what it means now."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.machines import processes, wrapper
from tomobatch.machines.base import Finding, Handle, Outcome, OutcomeKind, Running, State, Update, Waiting
from tomobatch.machines.watching import Watch

# Small enough that reading the lines of one piece holds nobody up for long.
_PIECE_BYTES = 1 << 14
_AGAIN_S = 0.005


def find(folder: Path, boot_id: str, patience_s: float) -> Finding:
    """Where the job of a folder stands; a job that nobody has claimed is kept from starting for good.

    Whoever made a claim writes its line a moment later. One that still has none after `patience_s` is
    damaged, which is not the same as never started.
    """
    patience_ends_s = time.monotonic() + patience_s
    while True:
        _give_up(folder)
        claim = folder / wrapper.CLAIM
        if claim.is_symlink():
            return Finding(State.NEVER_STARTED)
        handle = wrapper.parse_claim(_read(claim), folder)
        # a claim is taken back where the disk is full: then it is given up in the next round
        if handle is not None or time.monotonic() >= patience_ends_s:
            return judge(folder, handle, boot_id)
        time.sleep(_AGAIN_S)


def _give_up(folder: Path) -> None:
    """Claim the job for nobody, unless it is claimed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (folder / wrapper.CLAIM).symlink_to(wrapper.GIVEN_UP)
    except OSError as error:
        sentence = f"It cannot be said whether the job in {folder} has started: {error.strerror}. Try again."
        raise TomoBatchError("folder-not-writable", sentence) from error


def judge(folder: Path, handle: Handle | None, boot_id: str) -> Finding:
    """Where a claimed job stands; the handle is None where its claim is damaged."""
    this_boot = handle is not None and handle.boot_id == boot_id
    lives = this_boot and handle is not None and processes.lives(handle.pid, handle.start_time)
    status = wrapper.whole_status(_read(folder / wrapper.STATUS))
    engine = wrapper.parse_engine(_read(folder / wrapper.ENGINE))
    unwatched = this_boot and not lives and not status
    waits = waits_for(folder)
    snapshot = wrapper.Snapshot(
        handle=handle,
        boot_id=boot_id,
        wrapper_lives=lives,
        status=status,
        engine=engine,
        holder=waits[1] if waits else None,
        engine_group=_group(engine) if engine and unwatched else (),
        started_s=_written_s(folder / wrapper.ENGINE),
    )
    return wrapper.judge(snapshot)


def engine_of(folder: Path) -> wrapper.Engine | None:
    """Program of a job, once it runs."""
    return wrapper.parse_engine(_read(folder / wrapper.ENGINE))


def waits_for(folder: Path) -> tuple[Path, str] | None:
    """Lock file that the job waits for, and who holds it now; None when it does not wait."""
    waiting = _read(folder / wrapper.WAITING)
    if not waiting:
        return None
    file, _, holder = waiting.rstrip(b"\n").partition(b"\n")
    lock = Path(os.fsdecode(file))
    # whoever takes the lock next while this job still waits is known by the lock file alone
    now = _read(lock) if lock.is_file() else b""
    if not (folder / wrapper.WAITING).exists():
        # It has the lock, and what was read may be its own name, or nothing.
        return None
    return lock, wrapper.one_line(now or holder)


def _read(file: Path) -> bytes:
    """Return a small file's bytes; none while it is not there."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _written_s(file: Path) -> float | None:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return None


def _group(engine: wrapper.Engine) -> tuple[int, ...]:
    leader = processes.look(engine.pid)
    if leader is not None and leader.start_time != engine.start_time:
        # the pid is another's: while any member lived it could not have been given away
        return ()
    return processes.living_members(engine.pid)


class Log:
    """Reads a growing log piece by piece; it need not be there yet."""

    def __init__(self, folder: Path, from_byte: int) -> None:
        self._file, self._offset, self._fd = folder / wrapper.LOG, from_byte, -1

    def pieces(self) -> Iterator[bytes]:
        """What has been written since, in large pieces; what comes meanwhile may be left for the next time.

        To read until nothing more comes would follow a chatty job byte for byte.
        """
        while data := self._read():
            yield data
            if len(data) < _PIECE_BYTES:
                return

    def _read(self) -> bytes:
        if self._fd < 0:
            try:
                self._fd = os.open(self._file, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return b""
        data = os.pread(self._fd, _PIECE_BYTES, self._offset)
        self._offset += len(data)
        return data

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Stage:
    """Tells once that the program runs, and before that for whom it waits."""

    def __init__(self, folder: Path, watch: Watch) -> None:
        self._folder, self._watch = folder, watch
        self._runs = False
        self._holder: str | None = None

    def news(self, outcome: Outcome | None) -> list[Update]:
        """What has become true since it was last asked."""
        if self._runs or (outcome is not None and outcome.kind is OutcomeKind.COULD_NOT_START):
            return []
        engine = engine_of(self._folder)
        if engine is not None:
            self._runs = True
            return [Running(engine.pid)]
        return self._waiting()

    def _waiting(self) -> list[Update]:
        waits = waits_for(self._folder)
        if waits is None:
            return []
        lock, holder = waits
        self._watch.also(lock)
        if holder == self._holder:
            return []
        self._holder = holder
        return [Waiting(holder)]

"""What a machine is: it runs argument lists, detached, and says truly what became of them.

Nothing here knows of reconstruction. :class:`Machine` is the contract; one test suite runs against
every kind of it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Protocol

from tomobatch.errors import TomoBatchError
from tomobatch.machines.gpus import Gpu

KEY_UNKNOWN = "host-key-unknown"
"""Code of what is said where somebody has to say whether a host's key is to be trusted."""
ANOTHER_HOST = "another-host"
"""Code of what is said where a name leads to another host than the one that runs a job."""

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True)
class Command:
    """A program with its arguments, and how it is to run.

    Parameters
    ----------
    argv
        Program and arguments; they arrive byte for byte (surrogate escapes stand for bytes that are no
        UTF-8).
    env
        Variables added to the machine's own environment.
    cwd
        Folder to run in; None: the folder of the job itself.
    lock_key
        What the job needs for itself on that host (a GPU's UUID), or None.
    holder
        What others who wait for that lock are shown.

    Raises
    ------
    TomoBatchError
        ``bad-command``: no program, a NUL character, or a variable whose name a shell cannot set.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    lock_key: str | None = None
    holder: str = ""

    def __post_init__(self) -> None:
        if not self.argv:
            raise TomoBatchError("bad-command", "There is no program to run.")
        texts = (*self.argv, *self.env.values(), self.cwd or "", self.holder)
        if any("\0" in text for text in texts):
            raise TomoBatchError("bad-command", "A command cannot hold a NUL character.")
        for name in self.env:
            if not _VARIABLE_NAME.fullmatch(name):
                raise TomoBatchError(
                    "bad-command", f"{name!r} cannot be the name of an environment variable."
                )


@dataclass(frozen=True)
class Handle:
    """Names a started job for good: it can be written down and read back by another program.

    Parameters
    ----------
    folder
        The attempt's own folder, on the machine that runs it.
    boot_id, pid, start_time
        The process that watches over the job; start_time in clock ticks since that boot, so that
        neither a restart of the machine nor a pid used again is taken for it.
    host
        Which host runs it, as `Machine.host_id` says it; empty where that is not known.
    """

    folder: PurePath
    boot_id: str
    pid: int
    start_time: int
    host: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a journal."""
        return {
            "folder": str(self.folder),
            "boot_id": self.boot_id,
            "pid": self.pid,
            "start_time": self.start_time,
            "host": self.host,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Handle:
        """Read back what :meth:`to_json` gave."""
        numbers = int(values["pid"]), int(values["start_time"])
        return cls(PurePosixPath(values["folder"]), values["boot_id"], *numbers, str(values.get("host", "")))


@dataclass(frozen=True)
class Output:
    """The next bytes of the job's log, in order and without gaps."""

    data: bytes


@dataclass(frozen=True)
class Waiting:
    """The job waits for its lock; holder is what the one who holds it says of itself."""

    holder: str


@dataclass(frozen=True)
class Running:
    """The program runs, as leader of its own session and process group."""

    pid: int


class OutcomeKind(StrEnum):
    """How a job can end."""

    COULD_NOT_START = "could-not-start"
    EXITED = "exited"
    STOPPED = "stopped"
    LOST = "lost"


@dataclass(frozen=True)
class Outcome:
    """The end of a job, as it was seen.

    Parameters
    ----------
    kind
        How it ended.
    why
        A sentence for a person.
    exit_status, signal
        One of them for a program that ran to an end that was seen: 0 to 127, or the number of the signal.
        (A shell tells both by one number; above 128 it is taken for a signal.)
    started_s
        Clock of that machine at the program's start, seconds since 1970: to be shown, never to be compared.
    duration_s
        How long it ran, from the time since boot: right even if the clock was set.
    swept
        How many processes the program left behind, which were then ended.
    left
        Processes of its group that could not be ended, or, for a lost job, that still run.
    """

    kind: OutcomeKind
    why: str
    exit_status: int | None = None
    signal: int | None = None
    started_s: float | None = None
    duration_s: float | None = None
    swept: int = 0
    left: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a journal."""
        return {**self.__dict__, "kind": self.kind.value, "left": list(self.left)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Outcome:
        """Read back what :meth:`to_json` gave."""
        return cls(**{**values, "kind": OutcomeKind(values["kind"]), "left": tuple(values["left"])})


Update = Output | Waiting | Running | Outcome


class State(StrEnum):
    """Where a job stands when somebody asks."""

    NEVER_STARTED = "never-started"
    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class Finding:
    """What was found in the folder of a job.

    Parameters
    ----------
    state
        ``NEVER_STARTED`` means: and now it never will, however late a start may come.
        ``RUNNING`` includes the moment between the claim and the program's first step.
    handle
        To follow or stop it with; None only where it never started or the record of its start is damaged.
    outcome
        Given when, and only when, it has ended; a lost job has ended too.
    holder
        While waiting: who holds the lock.
    """

    state: State
    handle: Handle | None = None
    outcome: Outcome | None = None
    holder: str = ""


@dataclass(frozen=True)
class ShortResult:
    """What a probe said: its exit status (minus the signal's number if one ended it) and its output."""

    exit_status: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class Graces:
    """Seconds after the first SIGTERM of a stop: the second one, SIGKILL, and when to give up and say so."""

    again_s: float = 2.0
    kill_s: float = 5.0
    give_up_s: float = 15.0


class Reach(StrEnum):
    """Whether a machine answers."""

    UNKNOWN = "unknown"
    """Nobody has asked it yet."""
    REACHABLE = "reachable"
    LOST = "lost"


@dataclass(frozen=True)
class Standing:
    """How a machine stands.

    Attributes
    ----------
    since_s
        When it came to be so, seconds since 1970.
    seen_s
        When it answered last; None where it never did.
    code, why
        Stable reason and a sentence with a remedy while it is lost.
    """

    reach: Reach = Reach.UNKNOWN
    since_s: float = 0.0
    seen_s: float | None = None
    code: str = ""
    why: str = ""


class Machine(Protocol):
    """A place where jobs run; they outlive this program there.

    All methods run in one event loop; none of them holds it up. Where a machine is reached over a network,
    `attempt_folder`, `start`, `find`, `follow` and `stop` wait while it is lost: what is not known is not
    said. `run_short`, `unseen`, `gpus` and `memory_bytes` raise ``unreachable``, or the code of `standing`,
    instead.
    """

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def far(self) -> bool:
        """Whether it is reached over a network, so that its files and processes are not ours to look at."""

    @property
    def standing(self) -> Standing:
        """Whether it answers; one that was lost is called again and again while somebody waits for it."""

    @property
    def watchers(self) -> list[Callable[[], None]]:
        """Called when `standing` has become another one."""

    async def call(self) -> None:
        """Try once to reach it; TomoBatchError ``unreachable``, or another code, says why it cannot be."""

    async def attempt_folder(self, jobs_folder: Path, uid: str, attempt: int) -> PurePath:
        """Folder of an attempt on that machine; `jobs_folder` is where this host keeps its own."""

    async def host_id(self) -> str:
        """Which boot of which host this is, whatever it is called here; empty where nothing tells.

        The same name may lead to another host later: what was started by then is not there.
        """

    async def start(self, command: Command, folder: PurePath, host: str = "") -> Handle:
        """Start a job in a folder of its own, which the caller has written down before, with its host.

        A folder runs one job, once: starting it again gives the handle of the first start. After a start that
        was cancelled `find` tells whether it runs.

        Raises
        ------
        TomoBatchError
            ``could-not-start``: nothing ran, and nothing will in this folder; ``cut-off``: the same, but
            only the way there broke, or led to another host than `host`, so that it may be tried again in
            another folder.
        """

    async def unseen(self, paths: Sequence[str]) -> list[str]:
        """Which of these files and folders that machine does not see; always none on this host.

        TomoBatchError ``no-answer`` where it does not say, though it can be reached.
        """

    async def find(self, folder: PurePath, host: str = "") -> Finding:
        """Say where the job of a folder stands; one that has not started by now is kept from it for good.

        Raises
        ------
        TomoBatchError
            ``folder-not-writable``: it has not started, but cannot be kept from it (a full disk); ask again.
            `ANOTHER_HOST`: this is another host than `host`, and knows nothing of it. `follow` and `stop`
            raise that, too.
        """

    def follow(self, handle: Handle, from_byte: int = 0) -> AsyncIterator[Update]:
        """Yield what happens; all of the log from a byte on comes before the outcome, which comes last."""

    async def stop(self, handle: Handle) -> Outcome:
        """End the job with all its processes, and say what was seen; harmless where it has ended already."""

    async def run_short(
        self, argv: Sequence[str], timeout_s: float, env: Mapping[str, str] | None = None
    ) -> ShortResult:
        """Run a probe to its end.

        Raises
        ------
        TomoBatchError
            ``could-not-start`` or ``timed-out``; the program is ended then.
        """

    async def close(self) -> None:
        """Let go of the machine when nothing is followed any more; its jobs run on."""

    async def gpus(self) -> list[Gpu]:
        """GPUs of that machine; none where ``nvidia-smi`` finds none."""

    async def memory_bytes(self) -> int | None:
        """Memory of that host; None where it does not say."""

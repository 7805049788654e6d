"""The wrapper's side of a job: how ``wrapper.sh`` is called, what it writes, and what that means.

The same for every machine that can run a shell; only how files and processes are reached differs.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path, PurePath
from urllib.parse import quote

from tomobatch.machines.base import Command, Finding, Graces, Handle, Outcome, OutcomeKind, State

CLAIM, LOG, WAITING, ENGINE, STATUS = "claim", "log", "waiting", "engine", "status"

GIVEN_UP = "given-up"
"""What the claim points to where nobody may start the job any more; a link takes no room on a full disk."""

_CLOCK_TICKS_A_SECOND = 100  # of the times in /proc on Linux, whatever the kernel's own
_SIGNALS_FROM = 128  # a shell adds this to the number of the signal that ended a program

_HOLDER_CHARACTERS = 200


@cache
def script() -> Path:
    """File of the wrapper."""
    return Path(str(resources.files("tomobatch.machines") / "wrapper.sh"))


def lock_file(folder: PurePath, key: str) -> PurePath:
    """Lock of a GPU or a slot: different keys have different files, whatever characters they hold."""
    return folder / f"tomobatch-{quote(key, safe='')}.lock"


def arguments(
    command: Command,
    folder: PurePath,
    lock: PurePath | None,
    graces: Graces,
    *,
    lock_given: bool = False,
    bells: PurePath | None = None,
) -> list[str]:
    """Argument list that follows ``sh wrapper.sh``; a lock that is given comes locked, as standard input."""
    times_s = (graces.again_s, graces.kill_s, graces.give_up_s)
    return [
        str(folder),
        str(lock or ""),
        "given" if lock_given else "",
        one_line(command.holder.encode("utf-8", "replace")),
        str(bells or ""),
        *(str(round(100 * seconds)) for seconds in times_s),
        command.cwd or str(folder),
        str(len(command.env)),
        *(f"{name}={value}" for name, value in command.env.items()),
        *command.argv,
    ]


def one_line(text: bytes) -> str:
    """Text of strangers (a lock's holder) as one short printable line."""
    line = text.decode("utf-8", "replace").strip().partition("\n")[0]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line[:_HOLDER_CHARACTERS])


def parse_claim(text: bytes, folder: PurePath) -> Handle | None:
    """Handle from a claim, or from what the wrapper prints; None if it is damaged or not whole yet."""
    words = text.decode("ascii", "replace").split()
    if not text.endswith(b"\n") or len(words) != 3 or not (words[1].isdecimal() and words[2].isdecimal()):
        return None
    return Handle(folder, words[0], int(words[1]), int(words[2]))


@dataclass(frozen=True)
class Engine:
    """The program of a job: leader of its session and group, told from a later process by its start time."""

    pid: int
    start_time: int


def parse_engine(text: bytes) -> Engine | None:
    """Read the running program's identity; None while it is not written whole."""
    words = text.split()
    whole = len(words) == 2 and all(word.isdigit() for word in words) and text.endswith(b"\n")
    return Engine(int(words[0]), int(words[1])) if whole else None


@dataclass(frozen=True)
class Snapshot:
    """All that a folder and its processes tell at one moment.

    Parameters
    ----------
    handle
        From the claim; None if that is damaged.
    boot_id
        Of the machine now.
    wrapper_lives
        Looked up before the files were read, so that a status written meanwhile is not missed.
    status
        What that file holds, or nothing while it is not whole.
    engine
        The program, once it runs.
    holder
        Who holds the lock, if the job waits for it.
    engine_group
        Living processes of the program's group; needed only when the wrapper is gone without a status.
    started_s
        When the program started, seconds since 1970 by the machine's clock.
    """

    handle: Handle | None
    boot_id: str
    wrapper_lives: bool
    status: bytes
    engine: Engine | None
    holder: str | None
    engine_group: tuple[int, ...]
    started_s: float | None


def judge(snapshot: Snapshot) -> Finding:
    """What has become of a job that was claimed."""
    handle = snapshot.handle
    if snapshot.status:
        return Finding(State.ENDED, handle, _read_status(snapshot.status, snapshot.started_s))
    if handle is None:
        return Finding(State.ENDED, None, _lost("The record of its start is damaged."))
    if handle.boot_id != snapshot.boot_id:
        return Finding(State.ENDED, handle, _lost("The machine was restarted while the job was under way."))
    if not snapshot.wrapper_lives:
        return Finding(State.ENDED, handle, _unwatched(snapshot))
    if snapshot.holder is not None:
        return Finding(State.WAITING, handle, holder=snapshot.holder)
    return Finding(State.RUNNING, handle)


def orphans_ended(left: tuple[int, ...]) -> Outcome:
    """What a stop saw that found the wrapper killed and the program still running."""
    why = "The process that watched over the job had been killed; the program, which still ran, was stopped."
    return Outcome(OutcomeKind.STOPPED, " ".join(filter(None, [why, _remains(0, left)])), left=left)


def _lost(why: str) -> Outcome:
    return Outcome(OutcomeKind.LOST, why)


def _unwatched(snapshot: Snapshot) -> Outcome:
    why = "The process that watched over the job was killed"
    if snapshot.engine is None:
        return Outcome(OutcomeKind.LOST, f"{why} before the program started.")
    if snapshot.engine_group:
        why = f"{why}; the program still runs ({_processes(snapshot.engine_group)})."
        return Outcome(OutcomeKind.LOST, why, left=snapshot.engine_group)
    return Outcome(OutcomeKind.LOST, f"{why}, so nobody saw how the program ended.")


def _processes(pids: tuple[int, ...]) -> str:
    return f"process{'es' if len(pids) > 1 else ''} {', '.join(map(str, pids))}"


def whole_status(text: bytes) -> bytes:
    """Return a status without the room around it; nothing while it is not written, or not to its end."""
    status = text.strip()
    # Read while it is written, it may have its end without its beginning.
    whole = status.startswith(b"kind ") and status.endswith(b"\nend")
    return status.removesuffix(b"\nend") if whole else b""


def _read_status(text: bytes, started_s: float | None) -> Outcome:
    # why comes last, because it may hold a file name with line breaks
    lines, _, why = text.decode("utf-8", "replace").partition("\nwhy ")
    values = dict(line.partition(" ")[::2] for line in lines.splitlines())
    try:
        return _outcome(values, why, started_s)
    except (KeyError, ValueError):
        return _lost("The record of its end is damaged.")


def _outcome(values: Mapping[str, str], why: str, started_s: float | None) -> Outcome:
    kind = OutcomeKind(values["kind"])
    code = int(values["status"]) if values["status"] and kind is not OutcomeKind.COULD_NOT_START else None
    number = code - _SIGNALS_FROM if code is not None and code > _SIGNALS_FROM else None
    swept, left = int(values["swept"]), tuple(int(pid) for pid in values["left"].split())
    said = (_sentence(kind, code, number, values["steps"], why), _remains(swept, left))
    began = values["engine_start"]
    return Outcome(
        kind,
        " ".join(filter(None, said)),
        exit_status=code if number is None else None,
        signal=number,
        started_s=started_s if began else None,
        duration_s=(int(values["ended_cs"]) - int(began)) / _CLOCK_TICKS_A_SECOND if began else None,
        swept=swept,
        left=left,
    )


def _sentence(kind: OutcomeKind, code: int | None, number: int | None, steps: str, why: str) -> str:
    if kind is OutcomeKind.COULD_NOT_START:
        return why if why.endswith(".") else f"{why[:1].upper()}{why[1:]}."
    if kind is OutcomeKind.STOPPED:
        return _STOPPED_BY[steps]
    if number is None:
        return f"The program ended with status {code}."
    hint = " Often that means that the machine ran out of memory." if number == signal.SIGKILL else ""
    return f"The program was ended by {_signal_name(number)} from outside or by its own fault.{hint}"


_STOPPED_BY = {
    "": "It was stopped before the program started.",
    "TERM": "It was stopped by SIGTERM.",
    "TERM TERM": "It was stopped by a second SIGTERM.",
    "TERM TERM KILL": "It did not heed SIGTERM and was stopped by SIGKILL.",
}


def _remains(swept: int, left: tuple[int, ...]) -> str:
    said = []
    if swept:
        said.append(f"It left {swept} process{'es' if swept > 1 else ''} behind, which had to be ended.")
    if left:
        said.append(f"Not even SIGKILL ended {_processes(left)}.")
    return " ".join(said)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

"""Why a run failed, from how it ended and the last of its output: a code, a sentence, a remedy."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePosixPath

from tomobatch.names import shown
from tomobatch.recon.chunk import GPU_MEMORY
from tomobatch.recon.engine_text import begins_traceback, split_line, tells_gpu_memory
from tomobatch.recon.engines import EngineKind
from tomobatch.recon.signs import (
    ENVIRONMENT_FAILED,
    ENVIRONMENT_REMEDY,
    ENVIRONMENT_SIGNS,
    NOT_FOUND,
    PINNED,
    SIGNS,
    SIGNS_WITHOUT_TRACEBACK,
    SURE_SIGNS,
    Sign,
)

_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|StopIteration)\b.*")
_FILE_IN_ERROR = re.compile(r"name = '([^']*)'|No such file or directory: '([^']*)'")

_USAGE = 2
_NOT_EXECUTABLE = 126
_NOT_FOUND = 127
_SIGNALLED = 128
_ASKED_TO_END = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# What tomocupy says when it is asked to end, before it ends with status 1.
_ABORTED = "Abort"


@dataclass(frozen=True)
class Diagnosis:
    """What is told to a person.

    Parameters
    ----------
    code
        Stable: ``gpu-memory``, ``file-missing``, …
    sentence
        What happened.
    remedy
        What to do next.
    """

    code: str
    sentence: str
    remedy: str


@dataclass(frozen=True)
class Place:
    """Where a run was, as far as its diagnosis needs it.

    Parameters
    ----------
    machine
        Name of the machine; empty where that says nothing.
    far
        Whether it is another host than this one.
    here, there
        The scan's path as this host has it, and as that machine was told; the same where no folder is mapped.
    least_chunk
        Whether the run had the smallest chunk there is.
    """

    machine: str = ""
    far: bool = False
    here: str = ""
    there: str = ""
    least_chunk: bool = False


NOWHERE = Place()


def diagnose(
    *,
    engine: EngineKind,
    status: int | None,
    tail: str,
    reason: str = "",
    stopped: bool = False,
    place: Place = NOWHERE,
) -> Diagnosis | None:
    """Why a run failed; None where neither its end nor its output says that it has.

    Parameters
    ----------
    engine
        Which engine it was; the embedded one ends with a sentence on stderr.
    status
        Exit status as a shell sees it (128 + n for signal n) or as Python does (-n); None when it never
        started, is lost, or still hangs after a traceback.
    tail
        The last of stdout and stderr, decoded.
    reason
        What the machine says of a job that could not start or is lost.
    stopped
        The user stopped it.
    place
        Where it ran.
    """
    if stopped:
        return Diagnosis("stopped", "It was stopped.", "Run it again when it is wanted.")
    lines = _lines(tail)
    if status == 0 and not any(begins_traceback(line) or tells_gpu_memory(line) for line in lines):
        return None
    return (
        _not_started(status, reason, lines, place)
        or _said(lines, place, SIGNS_WITHOUT_TRACEBACK)
        or _by_end(engine, status, reason, lines)
    )


def cause_in(tail: str, place: Place = NOWHERE) -> Diagnosis | None:
    """The cause that the output tells, of a run that ended with status 0 and yet did not make its result."""
    return _said(_lines(tail), place)


def _lines(tail: str) -> list[str]:
    messages = (split_line(line)[1] for line in re.split(r"[\r\n]+", tail))
    return [message for message in messages if message]


# -- it did not get as far as to run ----------------------------------------------------------


def _not_started(status: int | None, reason: str, lines: list[str], place: Place) -> Diagnosis | None:
    said = [*lines, *_lines(reason)]
    failed = _environment_failed(said, place)
    refused = status in (_NOT_FOUND, _NOT_EXECUTABLE) or (status is None and bool(reason))
    if (failed or refused) and (environment := _found(said, ENVIRONMENT_SIGNS) or failed):
        return environment
    missing = status == _NOT_FOUND or (status is None and "No such file or directory" in reason)
    if missing or (status and any(map(NOT_FOUND.search, lines))):
        return _engine_missing(reason or (lines[-1] if lines else ""), place)
    if status == _NOT_EXECUTABLE:
        return Diagnosis(
            "engine-not-executable",
            f"The engine may not be executed{_because(reason or (lines[-1] if lines else ''))}.",
            "Check the permissions of the engine's program.",
        )
    return None


def _environment_failed(said: list[str], place: Place) -> Diagnosis | None:
    """What the machine's own script says where an environment fails, with what was said just before."""
    for before, line in pairwise(["", *said]):
        if ENVIRONMENT_FAILED in line:
            where = place.machine or "that machine"
            sentence = f"The environment of {where} could not be set up{_because(before)}."
            return Diagnosis("environment", sentence, ENVIRONMENT_REMEDY)
    return None


def _engine_missing(last: str, place: Place) -> Diagnosis:
    return Diagnosis(
        "engine-missing",
        f"The engine was not found on {place.machine or 'that machine'}{_because(last)}.",
        "Install it there, or set the machine's environment or the engine's path in Machines.",
    )


def _because(reason: str) -> str:
    return f" ({reason.rstrip('.')})" if reason else ""


# -- what it said -----------------------------------------------------------------------------


def _said(lines: list[str], place: Place, quiet: Sequence[Sign] = SIGNS) -> Diagnosis | None:
    """What the output says: of a traceback, the exception before anything that only stands around it.

    Without a traceback the signs in `quiet` are looked for.
    """
    raised = _raised(lines)
    if not raised:
        return _found(lines, quiet, place)
    found = _found([raised], SIGNS, place) or _found(lines, SURE_SIGNS, place)
    if found is None:
        return Diagnosis(
            "traceback",
            f"The engine failed: {raised}",
            "Its whole output is in the log; if the scan looks sound, report it to the engine's authors.",
        )
    if found.code == GPU_MEMORY and any(map(PINNED.search, lines)):
        return _PINNED_MEMORY
    # Without its environment the engine was another one than was meant.
    return (found.code == "engine-broken" and _found(lines, ENVIRONMENT_SIGNS)) or found


_PINNED_MEMORY = Diagnosis(
    "host-memory",
    "The machine ran out of memory, which the engine keeps for its GPU there.",
    "Run fewer jobs at a time, or use a smaller --nsino-per-chunk, more binning or a crop.",
)


def _raised(lines: list[str]) -> str:
    """The exception a traceback ends with; that of the first one, which tends to cause the others."""
    inside = False
    for line in lines:
        if begins_traceback(line):
            inside = True
        elif inside and _RAISED.match(line):
            return line
    return "an error without a name" if inside else ""


def _found(lines: Sequence[str], signs: Sequence[Sign], place: Place = NOWHERE) -> Diagnosis | None:
    for sign in signs:
        for line in lines:
            if sign.pattern.search(line):
                if sign.code == "file-missing" and place.far and place.there and place.there in line:
                    return _unseen(place)
                if sign.code == GPU_MEMORY and place.least_chunk:
                    return replace(_LEAST_CHUNK, sentence=sign.sentence)
                return Diagnosis(sign.code, sign.sentence.format(line=_short(line)), sign.remedy)
    return None


_LEAST_CHUNK = Diagnosis(
    GPU_MEMORY,
    "",
    "The chunk cannot be smaller: use a crop or more binning; see whether others use this GPU.",
)


def _short(line: str) -> str:
    """A line as part of a sentence; of a file that was not found, its name alone."""
    file = _FILE_IN_ERROR.search(line)
    return f"{file[1] or file[2]}." if file else line[:300]


def _unseen(place: Place) -> Diagnosis:
    """The scan is not seen by another host: most often its folder has another name there."""
    if place.there != place.here:
        what = f"It stands for {shown(place.here)} here: correct that pair of folders of {place.machine}"
    else:
        folder = shown(str(PurePosixPath(place.here).parent))
        what = f"If {folder} has another name on {place.machine}, add that pair of folders"
    return Diagnosis(
        "file-missing",
        f"{place.machine} does not see {shown(place.there)}.",
        f"{what} in Machines. Else see whether the file is still there.",
    )


# -- how it ended -----------------------------------------------------------------------------


def _by_end(engine: EngineKind, status: int | None, reason: str, lines: list[str]) -> Diagnosis:
    if status is None:
        return Diagnosis(
            "lost",
            f"What became of it is not known{_because(reason)}.",
            "See whether the machine is up; run it again.",
        )
    number = -status if status < 0 else status - _SIGNALLED
    if number > 0:
        return _signalled(number)
    if engine is not EngineKind.CPU and lines and lines[-1] == _ABORTED:
        return _signalled(signal.SIGTERM)
    if engine is EngineKind.CPU and lines:
        code = "unknown-option" if status == _USAGE else "engine-said"
        return Diagnosis(code, lines[-1], "Its whole output is in the log.")
    if status == _USAGE:
        return Diagnosis(
            "unknown-option",
            "The engine did not take its options" + (f": {lines[-1]}" if lines else "."),
            "Check the options given.",
        )
    return Diagnosis(
        "failed",
        f"The engine ended with status {status}{_because(lines[-1] if lines else '')}.",
        "Its whole output is in the log.",
    )


def _signalled(number: int) -> Diagnosis:
    if number == signal.SIGKILL:
        return Diagnosis(
            "killed",
            "It was killed from outside: by somebody, or by the machine because its memory ran out.",
            "If nobody did it, run fewer jobs at a time, or use more binning or a crop.",
        )
    name = next((known.name for known in signal.Signals if known == number), f"signal {number}")
    if number in _ASKED_TO_END:
        return Diagnosis(
            "killed",
            f"It was ended from outside ({name}): by somebody, or by the machine as it shut down.",
            "Run it again.",
        )
    return Diagnosis(
        "signalled", f"It was ended by {name}.", "Run it again; if it happens again, see the machine's log."
    )

"""Why a run failed, from how it ended and the last of its output: a code, a sentence, a remedy."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from tomobatch.recon.engine_text import begins_traceback, split_line, tells_gpu_memory
from tomobatch.recon.engines import EngineKind

_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|StopIteration)\b.*")
_FILE_IN_ERROR = re.compile(r"name = '([^']*)'|No such file or directory: '([^']*)'")

_USAGE = 2
_NOT_EXECUTABLE = 126
_NOT_FOUND = 127
_SIGNALLED = 128


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
class _Sign:
    """A pattern in the output and what it means; ``{line}`` is the line it stands in."""

    code: str
    pattern: re.Pattern[str]
    sentence: str
    remedy: str


def _sign(code: str, pattern: str, sentence: str, remedy: str) -> _Sign:
    return _Sign(code, re.compile(pattern), sentence, remedy)


# The first that is found counts: what is known for sure stands before what is only likely.
_SIGNS = (
    _sign(
        "gpu-memory",
        r"OutOfMemoryError|cudaErrorMemoryAllocation|CUFFT_ALLOC_FAILED",
        "The GPU ran out of memory.",
        "Give a smaller --nsino-per-chunk, a narrower crop or more binning; see whether others use this GPU.",
    ),
    _sign(
        "no-gpu",
        r"cudaErrorNoDevice|cudaErrorInsufficientDriver|cudaErrorInvalidDevice|no CUDA-capable device"
        r"|cudaErrorInitializationError|libcuda\.so",
        "The engine found no usable GPU.",
        "Look at nvidia-smi on that machine and at the number of GPUs set for it.",
    ),
    _sign(
        "disk-full",
        r"No space left on device|Disk quota exceeded|errno = 28\b|errno = 122\b",
        "The disk is full.",
        "Make room where the results lie, or use more binning or a crop, then run it again.",
    ),
    _sign(
        "engine-broken",
        r"^(?:ModuleNotFoundError|ImportError)\b",
        "The engine's installation is broken: {line}",
        "Start it by hand on that machine with recon -h; check the environment set for the machine.",
    ),
    _sign(
        "unknown-option",
        r"unrecognized arguments|no such option|invalid choice|ambiguous option|expected one argument",
        "The engine did not take an option: {line}",
        "Take that option out, or correct its value.",
    ),
    _sign(
        "file-missing",
        r"FileNotFoundError|No such file or directory|File Name does not exist",
        "A file was not found: {line}",
        "See whether that machine sees the file under this path, and whether it was moved or removed.",
    ),
    _sign(
        "permission",
        r"PermissionError|Permission denied|Read-only file system",
        "A file or folder may not be read or written: {line}",
        "Check the permissions of the scan and of the results folder.",
    ),
    _sign(
        "host-memory",
        r"^MemoryError\b|ArrayMemoryError|Cannot allocate memory|cudaErrorHostMemory",
        "The machine ran out of memory.",
        "Run fewer jobs at a time, or use more binning or a crop.",
    ),
    _sign(
        "scan-incomplete",
        r"KeyError: .*(?:data_white|data_dark|exchange|doesn't exist)",
        "The scan lacks something the engine needs: {line}",
        "Look at what is in the file; flats and darks may be given by --flat-file-name and --dark-file-name.",
    ),
    _sign(
        "scan-unreadable",
        r"OSError: .*(?:truncated file|Can't (?:synchronously )?read data|file signature not found|filter)",
        "The scan cannot be read: {line}",
        "Copy it again from where it was acquired.",
    ),
)
# Worded so that nothing else is ever meant.
_SURE_SIGNS = _SIGNS[:3]


def diagnose(
    *, engine: EngineKind, status: int | None, tail: str, reason: str = "", stopped: bool = False
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
    """
    if stopped:
        return Diagnosis("stopped", "It was stopped.", "Run it again when it is wanted.")
    lines = _lines(tail)
    if status == 0 and not any(begins_traceback(line) or tells_gpu_memory(line) for line in lines):
        return None
    return _not_started(status, reason, lines) or _said(lines) or _by_end(engine, status, reason, lines)


def cause_in(tail: str) -> Diagnosis | None:
    """The cause that the output tells, of a run that ended with status 0 and yet did not make its result."""
    return _said(_lines(tail))


def _lines(tail: str) -> list[str]:
    messages = (split_line(line)[1] for line in re.split(r"[\r\n]+", tail))
    return [message for message in messages if message]


def _not_started(status: int | None, reason: str, lines: list[str]) -> Diagnosis | None:
    missing = status == _NOT_FOUND or (status is None and "No such file or directory" in reason)
    if missing:
        last = reason or (lines[-1] if lines else "")
        return Diagnosis(
            "engine-missing",
            f"The engine was not found on that machine{_because(last)}.",
            "Install it there, or set the machine's environment or the engine's path.",
        )
    if status == _NOT_EXECUTABLE:
        return Diagnosis(
            "engine-not-executable",
            f"The engine may not be executed{_because(reason or (lines[-1] if lines else ''))}.",
            "Check the permissions of the engine's program.",
        )
    return None


def _because(reason: str) -> str:
    return f" ({reason.rstrip('.')})" if reason else ""


def _said(lines: list[str]) -> Diagnosis | None:
    """What the output says: of a traceback, the exception before anything that only stands around it."""
    raised = _raised(lines)
    found = (_found([raised], _SIGNS) or _found(lines, _SURE_SIGNS)) if raised else _found(lines, _SIGNS)
    if found or not raised:
        return found
    return Diagnosis(
        "traceback",
        f"The engine failed: {raised}",
        "Its whole output is in the log; if the scan looks sound, report it to the engine's authors.",
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


def _found(lines: list[str], signs: tuple[_Sign, ...]) -> Diagnosis | None:
    for sign in signs:
        for line in lines:
            if sign.pattern.search(line):
                return Diagnosis(sign.code, sign.sentence.format(line=_short(line)), sign.remedy)
    return None


def _short(line: str) -> str:
    """A line as part of a sentence; of a file that was not found, its name alone."""
    file = _FILE_IN_ERROR.search(line)
    return f"{file[1] or file[2]}." if file else line[:300]


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
            "It was killed from outside, most likely because the machine ran out of memory.",
            "Run fewer jobs at a time, or use more binning or a crop.",
        )
    name = next((known.name for known in signal.Signals if known == number), f"signal {number}")
    return Diagnosis(
        "signalled", f"It was ended by {name}.", "Run it again; if it happens again, see the machine's log."
    )

"""States of a job and the legal ways from one to the next: the one place where they are decided."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where a job is in its life. Where it runs is a field of the job, not a state."""

    QUEUED = "queued"
    STARTING = "starting"
    """A slot is taken and the attempt written down; the wrapper may or may not have begun."""
    WAITING = "waiting"
    """The wrapper waits for the slot's lock, which another program holds."""
    RUNNING = "running"
    JUDGING = "judging"
    """The engine has ended; its output is being checked and moved into place."""
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The job was lost with its host or its watcher; nobody stopped it."""

    @property
    def ended(self) -> bool:
        """True once nothing more will happen to the job."""
        return not LEGAL[self]


BEGUN = frozenset({JobState.STARTING, JobState.RUNNING, JobState.JUDGING})
"""A run that makes something, or has just made it."""

_END = frozenset({JobState.COMPLETE, JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED})

LEGAL: dict[JobState, frozenset[JobState]] = {
    # A queued job may fail without a start: its scan was deleted or replaced meanwhile.
    JobState.QUEUED: frozenset({JobState.STARTING, JobState.CANCELLED, JobState.FAILED}),
    # Back to the queue only when the attempt has provably never begun.
    JobState.STARTING: frozenset({JobState.QUEUED, JobState.WAITING, JobState.RUNNING, JobState.JUDGING})
    | (_END - {JobState.COMPLETE}),
    # Waiting again: for somebody else by now.
    JobState.WAITING: frozenset({JobState.WAITING, JobState.RUNNING, JobState.JUDGING})
    | (_END - {JobState.COMPLETE}),
    JobState.RUNNING: frozenset({JobState.JUDGING}) | (_END - {JobState.COMPLETE}),
    JobState.JUDGING: frozenset({JobState.COMPLETE, JobState.FAILED, JobState.INTERRUPTED}),
    **{state: frozenset[JobState]() for state in _END},
}


class IllegalTransitionError(RuntimeError):
    """A programming error: a job was asked to change to a state it cannot reach from where it is."""

    def __init__(self, uid: str, old: JobState, new: JobState) -> None:
        super().__init__(f"job {uid} cannot go from {old} to {new}")


class MovedError(Exception):
    """A job that was about to start was given to another machine meanwhile: it waits there."""


def require_legal(uid: str, old: JobState, new: JobState) -> None:
    """Raise `IllegalTransitionError` unless a job may go from `old` to `new`."""
    if new not in LEGAL[old]:
        raise IllegalTransitionError(uid, old, new)


def status_text(kind_word: str, state: JobState, slot: str = "", holder: str = "") -> str:
    """Text people read for a job's state.

    Parameters
    ----------
    kind_word
        ``Try`` or ``Full``.
    slot
        ``GPU 0`` or ``CPU 0``; needed for running and waiting jobs.
    holder
        Who holds the slot's lock, for waiting jobs.
    """
    if state is JobState.WAITING:
        return f"Waiting for {slot} (held by {holder or 'another program'})"
    if state in (JobState.STARTING, JobState.RUNNING, JobState.JUDGING):
        return f"Running {kind_word} on {slot}"
    if state is JobState.INTERRUPTED:
        return "Interrupted"
    if state is JobState.QUEUED:
        return f"Queued {kind_word}"
    return f"{kind_word} {state.value.capitalize()}"

"""What a job's end means: the one place where an outcome becomes a state and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tomobatch.batch.states import JobState
from tomobatch.machines.base import Outcome, OutcomeKind
from tomobatch.recon.diagnosis import NOWHERE, Place, cause_in, diagnose
from tomobatch.recon.progress import Alarm
from tomobatch.recon.request import ReconRequest

# Verdicts that say nothing against the result itself: it was made, but could not be put in its place.
_RESULT_IS_FINE = frozenset({"disk-full", "permission", "io-error", "place-taken"})


@dataclass(frozen=True)
class Ending:
    """How a job ends, or that its output must be judged first.

    Attributes
    ----------
    state
        An end, or ``JUDGING``.
    code, note
        Stable reason and sentence for people.
    discard
        Whether what the run left in its own folder is of no use.
    """

    state: JobState
    code: str = ""
    note: str = ""
    discard: bool = False

    @classmethod
    def of_verdict(cls, code: str, sentence: str, kept: str, tail: bytes) -> Ending:
        """Ending of a run whose output was judged.

        Parameters
        ----------
        kept
            Where the result lies if it cannot be moved.
        tail
            The last of the run's output, which may tell why the result is not good: an engine that
            fills the disk may still end with status 0.
        """
        if code == "good":
            return cls(JobState.COMPLETE, "", sentence)
        if code in _RESULT_IS_FINE:
            return cls(JobState.FAILED, code, f"{sentence} {kept}")
        cause = cause_in(tail.decode("utf-8", "replace"))
        if cause is not None:
            code, sentence = cause.code, f"{sentence} {cause.sentence} {cause.remedy}"
        return cls(JobState.FAILED, code, sentence, discard=True)


def ending_of(
    request: ReconRequest,
    outcome: Outcome,
    stop_asked: bool,
    alarms: Sequence[Alarm],
    tail: bytes,
    place: Place = NOWHERE,
) -> Ending:
    """Ending of a run, from what was seen of it, the last of its output, and where it ran."""
    extra = _leftovers(outcome)
    if outcome.kind is OutcomeKind.LOST:
        return Ending(
            JobState.INTERRUPTED, "lost", f"{outcome.why} Run it again.{extra}", discard=not outcome.left
        )
    if outcome.kind is OutcomeKind.STOPPED and not alarms:
        by = "" if stop_asked else " from outside this program"
        return Ending(JobState.CANCELLED, "stopped", f"It was stopped{by}.{extra}", discard=not outcome.left)
    found = diagnose(
        engine=request.engine.kind,
        status=_status(outcome),
        tail=tail.decode("utf-8", "replace"),
        reason=outcome.why if outcome.kind is OutcomeKind.COULD_NOT_START else "",
        place=place,
    )
    if found is not None:
        return Ending(JobState.FAILED, found.code, f"{found.sentence} {found.remedy}{extra}", discard=True)
    if alarms:
        # The traceback itself is further back than the tail reaches.
        return Ending(
            JobState.FAILED, alarms[0].value, f"The engine reported an error; see its log.{extra}", True
        )
    return Ending(JobState.JUDGING)


def _status(outcome: Outcome) -> int | None:
    """Exit status as Python has it: minus the signal's number for one that was signalled."""
    if outcome.kind is not OutcomeKind.EXITED:
        return None
    return outcome.exit_status if outcome.signal is None else -outcome.signal


def not_ended(outcome: Outcome) -> str:
    """``these processes could not be ended: 1, 2``; empty where none is left."""
    return f"these processes could not be ended: {', '.join(map(str, outcome.left))}" if outcome.left else ""


def _leftovers(outcome: Outcome) -> str:
    left = not_ended(outcome)
    return f" {left[0].upper()}{left[1:]}." if left else ""

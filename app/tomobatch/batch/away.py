"""Machines that do not answer, as the rows of their jobs say it."""

from __future__ import annotations

import time
from collections.abc import Callable

from tomobatch.machines.base import Machine, Reach, Standing

MACHINE_LOST = "machine-lost"
"""Code of a row that says so."""

_ANSWERS = frozenset({"no-home", "no-sessions", "no-shell", "programs-missing"})
"""Reasons of a machine that can be reached, and is of no use as it is."""


def lost_text(name: str, standing: Standing) -> str:
    """That a machine does not answer, and since when; or why it is of no use."""
    if standing.code in _ANSWERS:
        return f"{name}: {standing.why.rstrip('.')}"
    if standing.seen_s is None:
        text = f"{name}, which does not answer"
    else:
        # The clock says it as people do; nothing is reckoned from it.
        text = f"{name}, which has not answered since {_clock_text(standing.seen_s)}"
    return text if standing.code in ("", "unreachable") else f"{text}: {standing.why}"


def away_text(name: str, standing: Standing) -> str:
    """The same of a job that has begun there."""
    if standing.code in _ANSWERS or standing.seen_s is None:
        return f"not followed just now: {standing.why.rstrip('.')}"
    return f"{name} has not answered since {_clock_text(standing.seen_s)}"


def _clock_text(at_s: float) -> str:
    at = time.localtime(at_s)
    same_day = time.strftime("%F", at) == time.strftime("%F")
    return time.strftime("%H:%M" if same_day else "%d %b %H:%M", at)


class Away:
    """Watches, as a context, whether the machine of a job answers.

    Parameters
    ----------
    say
        Called with what its row is to say when that changes; with nothing when the machine answers again.
    said
        What its row says already.
    """

    def __init__(self, machine: Machine, say: Callable[[str], None], said: str) -> None:
        self._machine, self._say, self._said = machine, say, said

    def __enter__(self) -> None:
        """Watch from now on."""
        self._machine.watchers.append(self._look)
        self._look()

    def __exit__(self, *_: object) -> None:
        """Watch no more."""
        self._machine.watchers.remove(self._look)

    def _look(self) -> None:
        standing = self._machine.standing
        if standing.reach is Reach.UNKNOWN:
            # Nobody has asked since this program began: what was said before holds.
            return
        text = away_text(self._machine.name, standing) if standing.reach is Reach.LOST else ""
        if text != self._said:
            self._said = text
            self._say(text)

"""Whether the queue is paused, and who is told when that changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tomobatch.batch.journal import Journal

PauseListener = Callable[[str], None]


@dataclass
class Pause:
    """The queue's pause as this process last saw it: any process of this user may set it or end it.

    Attributes
    ----------
    reason
        Who paused and when, a sentence; empty while jobs start.
    listeners
        Called with the reason when it has changed.
    """

    journal: Journal
    reason: str = ""
    listeners: list[PauseListener] = field(default_factory=list)

    def look(self) -> bool:
        """Look into the journal; True while nothing new may start."""
        reason = self.journal.pause or ""
        if reason != self.reason:
            self.reason = reason
            for listener in tuple(self.listeners):
                listener(reason)
        return bool(reason)

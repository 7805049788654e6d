"""Which rows are shown: words of the name, and states; knows no Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tomobatch.desktop.scan_display import Known
from tomobatch.recon.kinds import Kind
from tomobatch.station.status import Status, StatusKind

STATE_WORD = "state:"

STATE_TEXTS = {
    kind.value: kind.value.capitalize()
    for kind in (
        StatusKind.RUNNING,
        StatusKind.WAITING,
        StatusKind.QUEUED,
        StatusKind.FAILED,
        StatusKind.INTERRUPTED,
        StatusKind.CANCELLED,
        StatusKind.UNREADABLE,
        StatusKind.ACQUIRING,
        StatusKind.READY,
    )
} | {f"{kind.value}-complete": f"{kind.word} Complete" for kind in (Kind.TRY, Kind.FULL)}
"""States that can be asked for, by their key, in the order in which a person has to look after them."""

_ENDS = ("queued", "running", "complete", "failed", "cancelled")
_KNOWN = {kind.value for kind in StatusKind if kind} | {
    word for kind in Kind for end in _ENDS for word in (f"{kind.value}{end}", f"{end}{kind.value}")
}


class State(NamedTuple):
    """What of a row's status is asked for by filters and by sorting.

    Attributes
    ----------
    kind
        What it is drawn as.
    key
        One of `STATE_TEXTS`; empty where nobody has looked at the scan yet.
    words
        The status without blanks: ``fullcomplete``.
    """

    kind: StatusKind
    key: str
    words: str

    @classmethod
    def of(cls, status: Status) -> State:
        """State of a row."""
        words = status.words.casefold()
        complete = status.kind is StatusKind.COMPLETE
        key = words.replace(" ", "-") if complete else status.kind.value
        return cls(status.kind, key, words.replace(" ", ""))


@dataclass(frozen=True)
class Filter:
    """Rows whose name has all words, and whose state is one of those asked for."""

    words: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Filter:
        """Read ``tooth state:failed state:try-complete``; a state may be cut short."""
        parts = text.casefold().split()
        states = tuple(_plain(part) for part in parts if part.startswith(STATE_WORD))
        return cls(tuple(part for part in parts if not part.startswith(STATE_WORD)), states)

    @property
    def unknown(self) -> list[str]:
        """What is asked for and is no state."""
        return [state for state in self.states if not any(known.startswith(state) for known in _KNOWN)]

    def asks_for(self, key: str) -> bool:
        """Whether a state of `STATE_TEXTS` is among those asked for by name."""
        return bool(self.states) and key.replace("-", "").startswith(self.states)

    def takes_name(self, known: Known) -> bool:
        """Whether a row would be shown if only its name counted."""
        name = known.name.casefold()
        return all(word in name for word in self.words)

    def takes(self, known: Known, state_of: Callable[[Known], State]) -> bool:
        """Whether a row is shown."""
        if self.words and not self.takes_name(known):
            return False
        if not self.states:
            return True
        state = state_of(known)
        return state.kind.value.startswith(self.states) or state.words.startswith(self.states)


def toggled(text: str, key: str) -> str:
    """The text of a filter with a state asked for that was not, or the other way round."""
    parts = text.split()
    plain = key.replace("-", "")
    mine = [part for part in parts if _is_state(part) and plain.startswith(_plain(part.casefold()))]
    if mine:
        return " ".join(part for part in parts if part not in mine)
    return " ".join([*parts, STATE_WORD + key])


def without_states(text: str) -> str:
    """The text of a filter that asks for words alone."""
    return " ".join(part for part in text.split() if not _is_state(part))


def _is_state(part: str) -> bool:
    return part.casefold().startswith(STATE_WORD)


def _plain(part: str) -> str:
    return part.removeprefix(STATE_WORD).replace("-", "").replace("_", "")

"""The machines while a person edits them: what was typed is kept until it is saved or thrown away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tomobatch.config.machine_checks import ENGINE_WORDS
from tomobatch.config.machines import LOCAL, MachineEntry, PathPair, usual_gpus

_FIXED = (("name", "be renamed"), ("host", "be another host"), ("environment", "be set up otherwise"))
"""What a machine is found by again, and what its running jobs rest on."""

JobsOn = Callable[[str], int]
"""How many jobs wait or run on a machine, by its name."""


@dataclass
class Draft:
    """One machine as it would be saved.

    Attributes
    ----------
    was
        As it is in the list; None where it is new.
    gpus_set
        Whether a person has set the number of GPUs here; the list's need not be the one that counts.
    """

    entry: MachineEntry
    was: MachineEntry | None = None
    gpus_set: bool = False

    @property
    def changed(self) -> bool:
        """Whether there is anything to be saved."""
        return self.gpus_set or self.cleaned != self.was

    @property
    def cleaned(self) -> MachineEntry:
        """Without the blanks that typing and pasting leave around a text."""
        entry = self.entry
        pairs = tuple(PathPair(pair.here.strip(), pair.there.strip()) for pair in entry.paths)
        return replace(
            entry,
            name=entry.name.strip(),
            host=entry.host.strip(),
            environment=entry.environment.strip(),
            engine=entry.engine.strip(),
            paths=pairs,
        )


@dataclass
class Drafts:
    """All machines, Local first; one of them is the current one.

    Attributes
    ----------
    moves_lost
        Whether what waits for a lost machine is to go to any other.
    """

    jobs_on: JobsOn = lambda _: 0
    moves_lost: bool = False
    rows: list[Draft] = field(default_factory=list)
    current: int = 0
    _saved: tuple[MachineEntry, ...] = ()
    _moves_lost_now: bool = False

    def take(self, entries: Sequence[MachineEntry], wanted: str = "", moves_lost: bool = False) -> None:
        """Take the list as it is now; what was typed before is gone."""
        name = wanted or (self.entry.name if self.rows else LOCAL)
        self._saved = tuple(entries)
        self.moves_lost = self._moves_lost_now = moves_lost
        self.rows = [Draft(entry, entry) for entry in entries]
        self.current = next((row for row, draft in enumerate(self.rows) if draft.entry.name == name), 0)

    @property
    def draft(self) -> Draft:
        """The current machine, and what is known of it."""
        return self.rows[self.current]

    @property
    def entry(self) -> MachineEntry:
        """The current machine."""
        return self.draft.entry

    @property
    def entries(self) -> list[MachineEntry]:
        """All of them, as they would be saved."""
        return [draft.cleaned for draft in self.rows]

    @property
    def gpus(self) -> dict[str, int]:
        """Numbers of GPUs that a person has set here, by the machine's name."""
        return {draft.cleaned.name: draft.entry.gpus for draft in self.rows if draft.gpus_set}

    @property
    def cleaned(self) -> MachineEntry:
        """The current machine, as it would be saved."""
        return self.draft.cleaned

    @property
    def changed(self) -> bool:
        """Whether there is anything to be saved."""
        if self.moves_lost != self._moves_lost_now or self.gpus:
            return True
        return tuple(self.entries) != self._saved

    def set(self, **values: Any) -> None:  # noqa: ANN401 - fields of the entry
        """Change fields of the current machine."""
        draft = self.draft
        draft.entry = replace(draft.entry, **values)

    def set_gpus(self, count: int, counts_now: int) -> None:
        """Set the number of GPUs of the current machine; `counts_now` is the one that counts anyway."""
        draft = self.draft
        draft.gpus_set = count != counts_now
        listed = draft.was.gpus if draft.was is not None else usual_gpus(draft.entry.kind)
        self.set(gpus=count if draft.gpus_set else listed)

    def set_pair(self, place: int, **values: str) -> None:
        """Change one of the current machine's pairs of folders."""
        pairs = list(self.entry.paths)
        pairs[place] = replace(pairs[place], **values)
        self.set(paths=tuple(pairs))

    def add_pair(self) -> None:
        """Add an empty pair of folders."""
        self.set(paths=(*self.entry.paths, PathPair("", "")))

    def remove_pair(self, place: int) -> None:
        """Take a pair of folders away."""
        pairs = list(self.entry.paths)
        del pairs[place]
        self.set(paths=tuple(pairs))

    def add(self) -> None:
        """Add a machine with a name that is free, and make it the current one."""
        names = {draft.entry.name.casefold() for draft in self.rows}
        number = next(number for number in range(1, len(names) + 2) if f"tomo{number}" not in names)
        self.rows.append(Draft(MachineEntry(f"tomo{number}", host=f"tomo{number}")))
        self.current = len(self.rows) - 1

    def remove(self) -> None:
        """Take the current machine away, unless `kept_because` says why not."""
        if not self.kept_because():
            del self.rows[self.current]
            self.current = min(self.current, len(self.rows) - 1)

    def kept_because(self) -> str:
        """Why the current machine cannot be removed; empty where it can."""
        if self.entry.is_local:
            return "Local is this machine: it stays."
        return self._busy_text(self.draft, "be removed")

    def _busy_text(self, draft: Draft, what: str) -> str:
        count = self.jobs_on(draft.was.name) if draft.was else 0
        if not count:
            return ""
        jobs = "1 job waits or runs" if count == 1 else f"{count} jobs wait or run"
        return f"{jobs} on {draft.was.name if draft.was else ''}: it cannot {what} before they have ended."

    def problems(self, row: int) -> dict[str, str]:
        """What is wrong with a machine: a sentence for each field that is."""
        draft = self.rows[row]
        others = [other.cleaned.name for place, other in enumerate(self.rows) if place != row]
        found = draft.cleaned.problems(others)
        if draft.was is not None:
            for name, what in _FIXED:
                if getattr(draft.was, name) != getattr(draft.cleaned, name) and name not in found:
                    busy = self._busy_text(draft, what)
                    found |= {name: busy} if busy else {}
        return found

    def wrong(self) -> int:
        """The first machine that cannot be saved so; -1 where all can."""
        return next((row for row in range(len(self.rows)) if self.problems(row)), -1)

    # -- the engine, as it is chosen ----------------------------------------------------------

    @property
    def engine_choice(self) -> int:
        """Place of the engine among the words, or behind them: a program of its own."""
        engine = self.entry.engine
        return ENGINE_WORDS.index(engine) if engine in ENGINE_WORDS else len(ENGINE_WORDS)

    def choose_engine(self, choice: int) -> None:
        """Choose an engine; of a program the path is to be typed then."""
        if choice != self.engine_choice:
            self.set(engine=ENGINE_WORDS[choice] if choice < len(ENGINE_WORDS) else "")

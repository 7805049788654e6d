"""The machine list while a person edits it: another program's changes to the file are not written over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tomobatch.config.machines import (
    DEFAULT_MACHINES,
    MachineEntry,
    keep_copy,
    machines_of,
    read_machines,
    write_machines,
)
from tomobatch.errors import TomoBatchError


@dataclass(frozen=True)
class Fresh:
    """The list as somebody else has written it; `problem` says what of it could not be used."""

    entries: tuple[MachineEntry, ...]
    problem: str
    content: bytes | None


class MachineFile:
    """See the module's text.

    Attributes
    ----------
    entries
        As they were read or written last.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: tuple[MachineEntry, ...] = ()
        self._content: bytes | None = None

    def read(self) -> str:
        """Read the file; sentences about what of it could not be used."""
        try:
            before = self._now()
        except OSError:
            before = None
        self.entries, problem = read_machines(self.path)
        # A file that is no list has been set aside; one that was written meanwhile is noticed when saving.
        self._content = before if self.path.exists() else None
        return problem

    def fresh(self) -> Fresh | None:
        """The list, where somebody else has written it since it was read; `take` makes it count.

        Raises
        ------
        OSError, ValueError
            It cannot be read, or is no list: it may be half written, so it is left where it is.
        """
        content = self._now()
        if content == self._content:
            return None
        entries, problem = (DEFAULT_MACHINES, "") if content is None else machines_of(content)
        return Fresh(entries, problem, content)

    def take(self, fresh: Fresh) -> None:
        """Take what `fresh` has found."""
        self.entries, self._content = fresh.entries, fresh.content

    def write(self, entries: Sequence[MachineEntry], anyway: bool = False) -> None:
        """Write the list; `anyway` also over what another program has written since, which is kept beside it.

        Raises
        ------
        TomoBatchError
            ``machines-changed`` with a sentence; ``machine-entry``.
        OSError
            Where it cannot be written.
        """
        if self._now() != self._content:
            if not anyway:
                raise TomoBatchError("machines-changed", self._changed_text())
            keep_copy(self.path)
        write_machines(self.path, entries)
        self.entries, self._content = tuple(entries), self._now()

    def _now(self) -> bytes | None:
        """What lies there; None where there is nothing."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def _changed_text(self) -> str:
        there, _ = read_machines(self.path)
        names = [entry.name for entry in there if entry not in self.entries]
        names += [f"{entry.name} (gone)" for entry in self.entries if entry.name not in map(_name, there)]
        which = f": {', '.join(names)}" if names else ""
        return f"The machine list has been changed by another program since it was opened{which}."


def _name(entry: MachineEntry) -> str:
    return entry.name

"""The machines there are, each made from its entry in the list when first needed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tomobatch.batch.journal import Journal
from tomobatch.config.machines import ANY, MachineEntry, MachineKind, machines_path, read_machines, usual_gpus
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine, Reach
from tomobatch.machines.local import Local

log = logging.getLogger(__name__)

Make = Callable[[MachineEntry], Machine]
ListMachines = Callable[[], Sequence[MachineEntry]]


def listed() -> Sequence[MachineEntry]:
    """The machine list as it is now."""
    entries, problem = read_machines(machines_path())
    if problem:
        log.warning("%s", problem)
    return entries


def maker(jobs_folder: Path) -> Make:
    """What makes machines of their entries; logs of far jobs are copied into `jobs_folder`."""

    def make(entry: MachineEntry) -> Machine:
        if entry.kind is MachineKind.LOCAL:
            return Local(entry.name)
        # Its library takes a tenth of a second to load, and many stations never need it.
        from tomobatch.machines.ssh import Ssh

        return Ssh(entry.name, entry.host, environment=entry.environment, mirror=jobs_folder)

    return make


def entry_of(machine: Machine) -> MachineEntry:
    """An entry for a machine that no list has."""
    kind = MachineKind.SSH if machine.far else MachineKind.LOCAL
    return MachineEntry(machine.name, kind, gpus=usual_gpus(kind))


class Registry(Mapping[str, Machine]):
    """Machines by name, in the order of their list, which may change meanwhile; nothing connects by itself.

    Parameters
    ----------
    made
        Machines that are there already, by name.
    ask_list
        Gives the list as another program may have written it: asked for a name that is not known.
    """

    def __init__(
        self,
        entries: Sequence[MachineEntry],
        make: Make,
        made: Mapping[str, Machine] | None = None,
        ask_list: ListMachines | None = None,
    ) -> None:
        self._make, self._ask_list = make, ask_list
        self._entries = {entry.name: entry for entry in entries}
        self._made: dict[str, Machine] = dict(made or {})

    def __getitem__(self, name: str) -> Machine:
        """A machine, made if need be."""
        if name not in self._made:
            self._made[name] = self._make(self._entries[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is such a machine, by now."""
        if name not in self._entries and name != ANY:
            self._look_into_list(str(name))
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        """Names, in the order of the list."""
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries)

    def _look_into_list(self, name: str) -> None:
        """Another program may have added it since; nothing is taken away by this."""
        fresh = self._ask_list() if self._ask_list is not None else ()
        self._entries |= {entry.name: entry for entry in fresh if entry.name == name}

    @property
    def entries(self) -> tuple[MachineEntry, ...]:
        """The list."""
        return tuple(self._entries.values())

    def known(self, name: str) -> MachineEntry | None:
        """What the list says of a machine, if it has it."""
        return self._entries.get(name)

    def entry(self, name: str) -> MachineEntry:
        """What the list says of a machine; `KeyError` where it has none of that name."""
        return self._entries[name]

    @property
    def made(self) -> tuple[Machine, ...]:
        """Machines that were needed so far."""
        return tuple(self._made.values())

    def is_lost(self, name: str) -> bool:
        """Whether a machine was asked and does not answer."""
        return name in self._made and self._made[name].standing.reach is Reach.LOST

    def there(self, machine: str, path: str) -> str:
        """Where a machine has a path of this host."""
        return self._entries[machine].there(path) if machine in self._entries else path

    def changed(self, entries: Sequence[MachineEntry]) -> list[str]:
        """Names of the machines that another list would take away, or reach in another way."""
        new = {entry.name: entry for entry in entries}
        return [name for name, entry in self._entries.items() if _reached(new.get(name)) != _reached(entry)]

    def remapped(self, entries: Sequence[MachineEntry]) -> list[str]:
        """Names of the machines that have folders under other names in another list."""
        new = {entry.name: entry.paths for entry in entries}
        return [name for name, entry in self._entries.items() if new.get(name, entry.paths) != entry.paths]

    def set(self, entries: Sequence[MachineEntry]) -> list[Machine]:
        """Take another list; gives the machines that are not needed any more, for the caller to close."""
        gone = [self._made.pop(name) for name in self.changed(entries) if name in self._made]
        # In place: others hold this very mapping.
        self._entries.clear()
        self._entries.update({entry.name: entry for entry in entries})
        return gone


def _reached(entry: MachineEntry | None) -> tuple[str, ...]:
    """What a machine is made from."""
    return () if entry is None else (entry.kind.value, entry.host, entry.environment)


def refuse_busy(journal: Journal, registry: Registry, entries: Sequence[MachineEntry]) -> None:
    """TomoBatchError ``machine-busy`` where another list would cut jobs off from their machine."""
    names = {entry.name for entry in entries}
    for name in registry.changed(entries):
        begun, waiting = journal.numbers_on(name)
        if begun:
            sentence = (
                f"{_jobs(begun)} on {name}: change how it is reached, or take it off, once they have ended."
            )
            raise TomoBatchError("machine-busy", sentence)
        if waiting and name not in names:
            waits = "1 job waits" if waiting == 1 else f"{waiting} jobs wait"
            sentence = (
                f"{waits} for {name}: move them to another machine, or stop them, before it is taken off."
            )
            raise TomoBatchError("machine-busy", sentence)
    for name in registry.remapped(entries):
        # What a job has made is looked for where the list says that it lies.
        if begun := journal.numbers_on(name)[0]:
            sentence = f"{_jobs(begun)} on {name}: change its folders once they have ended."
            raise TomoBatchError("machine-busy", sentence)


def _jobs(number: int) -> str:
    return "1 job runs" if number == 1 else f"{number} jobs run"

"""Machines for stories in the live window: this host stands in for those that are far."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from far_aid import Far
from tomobatch.config.machines import DEFAULT_MACHINES, MachineEntry, machines_path, write_machines
from tomobatch.machines.local import Local


class Hall:
    """Makes the machines of a program, all of them here; the newest of each name is at hand.

    Parameters
    ----------
    trouble
        What a call to a machine meets at first, by its name.
    """

    def __init__(self, program, **trouble) -> None:
        self.made: dict[str, Far] = {}
        self._trouble = trouble
        program.machines._make_one = self.make
        # The CPU engine is found on a machine that is far as it would be there.
        os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def make(self, entry: MachineEntry):
        if entry.is_local:
            return Local(entry.name)
        made = Far(entry.name, self._trouble.get(entry.host))
        self.made[entry.name] = made
        return made


def put_machines(*entries: MachineEntry) -> Path:
    """A machine list of these, and Local, before the program starts."""
    write_machines(machines_path(), [DEFAULT_MACHINES[0], *entries])
    return machines_path()

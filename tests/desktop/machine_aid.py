"""A machine list for stories in the live window."""

from __future__ import annotations

from pathlib import Path

from tomobatch.config.machines import DEFAULT_MACHINES, MachineEntry, machines_path, write_machines


def put_machines(*entries: MachineEntry) -> Path:
    """A machine list of these, and Local, before the program starts."""
    write_machines(machines_path(), [DEFAULT_MACHINES[0], *entries])
    return machines_path()

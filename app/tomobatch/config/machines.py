"""The machines that a person has set up, kept in a readable TOML file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from posixpath import normpath

LOCAL = "Local"
ANY = "Any machine"
WAIT, MOVE = "wait", "move"
"""What jobs do that wait for a machine which is lost."""


class MachineKind(StrEnum):
    """How a machine is reached."""

    LOCAL = "local"
    SSH = "ssh"


@dataclass(frozen=True)
class PathPair:
    """One folder under two names: as this host sees it, and as the machine does."""

    here: str
    there: str


@dataclass(frozen=True)
class MachineEntry:
    """One machine.

    Attributes
    ----------
    host
        SSH alias, host, or ``user@host``; goes to SSH unchanged. Empty for this machine.
    gpus
        How many GPUs are taken for granted until the machine was asked, or a person set another number.
    environment
        Shell text that is run on the machine before each command: ``conda activate tomocupy``.
    engine
        ``auto``, ``tomocupy``, ``cpu``, or the path there of a program with tomocupy's command line.
    paths
        Folders that the machine has under another name.
    in_any
        Whether *Any machine* may take its GPUs.
    """

    name: str
    kind: MachineKind = MachineKind.SSH
    host: str = ""
    gpus: int = 4
    environment: str = ""
    engine: str = "auto"
    paths: tuple[PathPair, ...] = ()
    in_any: bool = True

    def there(self, path: str) -> str:
        """An absolute path of this host as the machine has it; the longest folder that fits counts."""
        return _moved(path, [(pair.here, pair.there) for pair in self.paths])

    def here(self, path: str) -> str:
        """The way back of `there`."""
        return _moved(path, [(pair.there, pair.here) for pair in self.paths])


DEFAULT_MACHINES = (
    MachineEntry(LOCAL, MachineKind.LOCAL, gpus=1),
    *(MachineEntry(f"tomo{number}", host=f"tomo{number}") for number in range(1, 6)),
)


def _moved(path: str, pairs: list[tuple[str, str]]) -> str:
    whole = _plain(path)
    folders = [(_plain(from_), _plain(to)) for from_, to in pairs]
    fitting = [pair for pair in folders if whole.is_relative_to(pair[0]) and pair[1].is_absolute()]
    if not fitting:
        return path
    from_, to = max(fitting, key=lambda pair: len(pair[0].parts))
    return str(to / whole.relative_to(from_))


def _plain(path: str) -> PurePosixPath:
    """Without ``..``, which would lead out of a folder unseen, and with one slash in front."""
    return PurePosixPath(normpath(f"/{path.lstrip('/')}" if path.startswith("/") else path))

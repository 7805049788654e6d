"""What a machine that is reached over a network offers beyond the contract of all machines."""

from __future__ import annotations

from typing import Protocol, TypeGuard

from tomobatch.machines.base import Machine


class UnknownKey(Protocol):
    """A host's key that nobody has trusted yet."""

    @property
    def host(self) -> str:
        """Host and port, as SSH would write them down."""

    @property
    def kind(self) -> str:
        """Such as ``ssh-ed25519``."""

    @property
    def fingerprint(self) -> str:
        """``SHA256:…``, as ``ssh-keygen -l`` shows it."""


class FarMachine(Machine, Protocol):
    """A machine with a way there."""

    @property
    def unknown_key(self) -> UnknownKey | None:
        """The key that somebody has to be asked about before anything else can be done there."""

    async def accept_key(self) -> None:
        """Trust `unknown_key` from now on, and connect; TomoBatchError as for `call`."""


def is_far(machine: Machine) -> TypeGuard[FarMachine]:
    """Whether a machine is reached over a network."""
    return machine.far

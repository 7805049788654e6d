"""Slots: where on a machine a job runs. A GPU is a slot; the embedded engine has CPU slots."""

from __future__ import annotations

from dataclasses import dataclass, field

ANY_KIND = "ANY"
"""What a job needs that any machine may run: a slot of whichever kind that machine's engine takes."""
MOST_SLOTS = 8
"""Most slots a machine is given by hand."""


@dataclass(frozen=True, order=True)
class Slot:
    """One place that runs one job at a time.

    Attributes
    ----------
    kind
        ``GPU`` or ``CPU``.
    index
        Name on its machine, as people count: ``0``; ``0:1`` for a MIG part of GPU 0.
    uuid
        The GPU's UUID where it is known, else empty.
    model
        The GPU's name where it is known, else empty.
    chunk
        How many slices at a time the job on it was given, since the GPU is known to bear no more; else 0.
    """

    kind: str
    index: str
    uuid: str = ""
    model: str = field(default="", compare=False)
    chunk: int = field(default=0, compare=False)

    @property
    def word(self) -> str:
        """The words people read: ``GPU 0``."""
        return f"{self.kind} {self.index}"

    @property
    def lock_key(self) -> str:
        """Key of the host-wide lock: by UUID where known, since an index can mean another GPU elsewhere."""
        return f"gpu-{self.uuid}" if self.uuid else f"{self.kind.lower()}-{self.index}"

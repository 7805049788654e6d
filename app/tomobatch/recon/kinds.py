"""What a job makes: a Try or a Full."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Kind of a reconstruction; the value is tomocupy's ``--reconstruction-type``."""

    TRY = "try"
    FULL = "full"

    @property
    def word(self) -> str:
        """The word people read: ``Try`` or ``Full``."""
        return self.value.capitalize()

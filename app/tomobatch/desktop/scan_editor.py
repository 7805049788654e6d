"""What the table asks of whoever carries out changes of CORs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tomobatch.desktop.scan_display import Known

GONE = "This scan is not in the open folder any more, so its COR was not taken."


class CorEditor(Protocol):
    """What carries out the changes of CORs that are made in the table."""

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back."""

    def type(self, known: Known, text: str) -> str:
        """Set the COR a person typed; gives a sentence when it is refused."""

    def paste(self, rows: Sequence[Known], text: str) -> str:
        """Set a pasted column from the first row downwards; gives a sentence about what was not used."""

    def clear(self, known: Known) -> None:
        """Take a COR away."""

    def pick(self, known: Known, cor_px: float) -> str:
        """Set a COR that was picked in the viewer; gives a sentence when it is refused."""

    def undo(self) -> None:
        """Take the last change back."""

    def redo(self) -> None:
        """Make the last change that was taken back again."""

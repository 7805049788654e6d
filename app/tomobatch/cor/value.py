"""A COR as people and spreadsheets write it."""

from __future__ import annotations

import re
import reprlib

from tomobatch.errors import TomoBatchError

# Nothing that has two meanings: no thousands separators, no underscores, no digits of other scripts.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def parse_cor(text: str, columns: int | None = None) -> float:
    """COR in unbinned full-frame pixels, 0-based; decimal point or decimal comma.

    ``columns`` is the width of the detector, None where it is not known. TomoBatchError: ``cor-not-number``,
    ``cor-negative`` or ``cor-outside``.
    """
    number = text.strip()
    if not _NUMBER.fullmatch(number):
        sentence = f"{reprlib.repr(text)} is not a number of pixels, such as 1024.5."
        raise TomoBatchError("cor-not-number", sentence)
    cor_px = float(number.replace(",", "."))
    check_cor(cor_px, columns)
    return cor_px


def check_cor(cor_px: float, columns: int | None = None) -> None:
    """Refuse a COR that no detector of so many columns can have, as :func:`parse_cor` does."""
    if cor_px < 0:
        raise TomoBatchError("cor-negative", f"A COR cannot be negative, as {cor_px:g} is: it counts from 0.")
    if not cor_px < float("inf"):
        raise TomoBatchError("cor-not-number", f"{cor_px} is not a number of pixels.")
    if columns is not None and cor_px > columns - 1:
        raise TomoBatchError(
            "cor-outside", f"A COR of {cor_px:g} lies outside the detector, 0 to {columns - 1}."
        )

"""File names: how they are ordered, and how they are shown."""

from __future__ import annotations

import os
import re
import unicodedata
from typing import Union

_DIGITS = re.compile(r"([0-9]+)")

NaturalKey = tuple[tuple[Union[str, tuple[int, str]], ...], str]  # noqa: UP007 - the same on Python 3.9


def natural_key(name: str) -> NaturalKey:
    """Sort key: ``scan_2`` before ``scan_10``, without regard to case, no two names alike."""
    parts = _DIGITS.split(name.casefold())
    # A number as its length and digits: no length of digits is too long for that.
    keys = (
        (len(part.lstrip("0")), part.lstrip("0")) if place % 2 else part for place, part in enumerate(parts)
    )
    return tuple(keys), name


def alike(name: str, other: str) -> bool:
    """Whether there are file systems to which two names are one: for case, or how an accent is written."""
    return _folded(name) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def shown(name: str | os.PathLike[str]) -> str:
    """A name as text that can be printed anywhere: odd characters, and bytes that are not UTF-8, escaped."""
    text = os.fspath(name)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)

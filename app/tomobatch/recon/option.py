"""One option of the engine's command line: what it takes, and how a given text becomes its value."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Union

from tomobatch.errors import TomoBatchError

Value = Union[int, float, str, bool]  # noqa: UP007 - also run by the Pythons of other hosts, from 3.9

_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})


class Takes(StrEnum):
    """What an option takes."""

    INT = "whole number"
    FLOAT = "number"
    SWITCH = "True or False"
    FLAG = "nothing (it is there or not)"
    CHOICE = "one of a list"
    TEXT = "text"
    PATH = "path"
    LIST = "number or list of numbers"


@dataclass(frozen=True)
class Option:
    """An option of ``tomocupy recon`` or ``tomocupy recon_steps``.

    Parameters
    ----------
    name
        Without the dashes, as tomocupy writes it (``"fbp-filter"``).
    takes, default, help, unit
        What it takes and means; ``unit`` is empty for a pure number. A default of None: not given.
    choices
        For :attr:`Takes.CHOICE`: all that TomoBatch passes on, in tomocupy's spelling.
    low, high
        Bounds of a number (of each number of a list), both included.
    embedded
        The embedded engine has it; ``embedded_choices`` narrows ``choices`` there.
    steps_only
        ``tomocupy recon`` drops it in silence: its presence means ``recon_steps``.
    refused
        Why people cannot give it; empty for the options offered to them.
    """

    name: str
    takes: Takes
    default: Value | None
    help: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    embedded: bool = False
    embedded_choices: tuple[str, ...] = ()
    steps_only: bool = False
    refused: str = ""

    @property
    def offered(self) -> bool:
        """Whether people may give it."""
        return not self.refused

    def parse(self, text: str) -> Value:
        """Value of a given text, checked; TomoBatchError ``option-value`` says what is expected."""
        if self.takes in (Takes.INT, Takes.FLOAT):
            return self._number(text)
        if self.takes in (Takes.SWITCH, Takes.FLAG):
            return self._switch(text)
        if self.takes is Takes.CHOICE:
            return self._choice(text)
        return self._list(text) if self.takes is Takes.LIST else self._text(text)

    def argument(self, value: Value) -> str:
        """The one argument that gives this option this value, ``--name=value`` (a flag: ``--name``)."""
        if self.takes is Takes.FLAG:
            return f"--{self.name}"
        return f"--{self.name}={value_text(value)}"

    def _refuse(self, text: str, expected: str) -> TomoBatchError:
        return TomoBatchError("option-value", f"--{self.name} takes {expected}, not {text!r}.")

    def _number(self, text: str) -> int | float:
        try:
            value = int(text) if self.takes is Takes.INT else float(text)
        except ValueError:
            raise self._refuse(text, f"a {self.takes}{self._range()}") from None
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise self._refuse(text, f"a {self.takes}{self._range()}")
        return value

    def _range(self) -> str:
        low = "" if self.low == -math.inf else f" from {self.low:g}"
        return low + ("" if self.high == math.inf else f" to {self.high:g}")

    def _switch(self, text: str) -> bool:
        lower = text.strip().lower()
        if lower in _YES:
            return True
        # A flag that is there is on, whatever stands behind it.
        if lower in _NO and self.takes is Takes.SWITCH:
            return False
        raise self._refuse(text, "True or False" if self.takes is Takes.SWITCH else "no value, or True")

    def _choice(self, text: str) -> str:
        if text not in self.choices:
            raise self._refuse(text, "one of " + ", ".join(self.choices))
        return text

    def _list(self, text: str) -> str:
        numbers = list_numbers(text)
        if not numbers or not all(self.low <= number <= self.high for number in numbers):
            raise self._refuse(text, f"a number{self._range()}, or a list of them such as [0.2,0.5]")
        return list_text(numbers)

    def _text(self, text: str) -> str:
        if not text or "\0" in text:
            raise self._refuse(text, f"a {self.takes}")
        return text


def list_numbers(text: str) -> tuple[float, ...]:
    """Numbers of ``0.5`` or ``[0.2,0.5]``; empty when the text is neither."""
    try:
        read = json.loads(text)
        items = read if isinstance(read, list) else [read]
        numbers = tuple(float(item) for item in items if type(item) in (int, float))
    except (ValueError, OverflowError, RecursionError):
        return ()
    return numbers if len(numbers) == len(items) and all(map(math.isfinite, numbers)) else ()


def list_text(numbers: tuple[float, ...]) -> str:
    """The one spelling of a number or a list of them, without spaces."""
    if len(numbers) == 1:
        return repr(numbers[0])
    return "[" + ",".join(map(repr, numbers)) + "]"


def value_text(value: Value) -> str:
    """A value as the engine reads it: ``True``, ``0.5``, ``parzen``."""
    return value if isinstance(value, str) else repr(value)

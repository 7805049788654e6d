"""Options as people give them: known by their full name, checked, or refused with the reason."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from tomobatch.errors import TomoBatchError
from tomobatch.recon.option import Option, Takes, Value, list_numbers
from tomobatch.recon.option_table import OPTIONS

__all__ = [
    "BY_NAME", "EMBEDDED", "OPTIONS", "Option", "Takes", "Value", "find_option", "float_of", "int_of",
    "needs_steps", "nsino_numbers", "parse_options", "split_pair", "value_of",
]  # fmt: skip

BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}
EMBEDDED: tuple[Option, ...] = tuple(option for option in OPTIONS if option.embedded)

Options = Mapping[str, Value]


def find_option(name: str) -> Option:
    """The option of this full name; TomoBatchError ``unknown-option`` names what was likely meant."""
    if name in BY_NAME:
        return BY_NAME[name]
    raise TomoBatchError("unknown-option", f"There is no option --{name}.{_suggestion(name)}")


def _suggestion(name: str) -> str:
    longer = [known for known in BY_NAME if name and known.startswith(name)]
    close = longer or difflib.get_close_matches(name.replace("_", "-"), BY_NAME, n=3, cutoff=0.6)
    return f" Did you mean --{' or --'.join(close[:3])}?" if close else ""


def split_pair(text: str) -> tuple[str, str | None]:
    """Name and value of ``--name=value``, ``name=value`` or ``--flag`` (value None)."""
    name, equals, value = text.removeprefix("--").partition("=")
    return name, value if equals else None


def parse_options(pairs: Iterable[str]) -> dict[str, Value]:
    """Options given by a person as ``--name=value``, checked, in the order of the table.

    Raises
    ------
    TomoBatchError
        ``unknown-option``, ``option-value``, ``option-refused`` or ``option-twice``, the option named.
    """
    given: dict[str, Value] = {}
    for pair in pairs:
        name, text = split_pair(pair)
        option = find_option(name)
        if name in given:
            raise TomoBatchError("option-twice", f"--{name} is given twice.")
        given[name] = _offered_value(option, text)
    return {option.name: given[option.name] for option in OPTIONS if option.name in given}


def _offered_value(option: Option, text: str | None) -> Value:
    if option.refused:
        raise TomoBatchError("option-refused", f"--{option.name} cannot be given: {option.refused}.")
    if text is not None:
        return option.parse(text)
    if option.takes is Takes.FLAG:
        return True
    raise TomoBatchError("option-value", f"--{option.name} needs a value: write --{option.name}=VALUE.")


def value_of(options: Options, name: str) -> Value:
    """The value in force: the given one, else the default (KeyError where there is no default)."""
    if name in options:
        return options[name]
    default = BY_NAME[name].default
    if default is None:
        raise KeyError(name)
    return default


def int_of(options: Options, name: str) -> int:
    """:func:`value_of` of an option that takes a whole number."""
    return int(value_of(options, name))


def float_of(options: Options, name: str) -> float:
    """:func:`value_of` of an option that takes a number."""
    return float(value_of(options, name))


def nsino_numbers(options: Options) -> tuple[float, ...]:
    """Where the slices of a Try lie, each 0 (top) to 1 (bottom)."""
    return list_numbers(str(value_of(options, "nsino")))


def needs_steps(options: Options) -> bool:
    """Whether an option is there that only ``recon_steps`` heeds."""
    return any(BY_NAME[name].steps_only for name in options)

"""The engine's command line: tomocupy's spelling, checked before anything is read."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind
from tomobatch.recon.option import Option, Takes, Value
from tomobatch.recon.options import EMBEDDED, float_of, value_of

PROGRAM = "tomobatch recon"

# tomocupy compares it with the text "True": any other spelling, "true" too, means no logarithm.
_ONLY_TRUE_COUNTS = "minus-log"


@dataclass(frozen=True)
class Settings:
    """One run of the engine, as asked for.

    Parameters
    ----------
    command
        The whole command line, for the results.
    options
        Value of each option that has one, given or default, as the contract in ``recon`` takes them.
    """

    command: str
    options: Mapping[str, Value]

    @property
    def kind(self) -> Kind:
        """Try or Full."""
        return Kind(self.text("reconstruction-type"))

    @property
    def scan(self) -> Path:
        """The scan, absolute: the results' place depends on its folder."""
        return Path(self.text("file-name")).absolute()

    @property
    def minus_log(self) -> bool:
        """Whether the negative logarithm is taken."""
        return self.text(_ONLY_TRUE_COUNTS) == "True"

    @property
    def auto_cor(self) -> bool:
        """Whether the COR is to be found first."""
        return self.text("rotation-axis-auto") == "auto"

    def path(self, name: str) -> Path | None:
        """A path, None where it was not given."""
        return Path(self.text(name)) if name in self.options else None

    def text(self, name: str) -> str:
        """The value of an option as text."""
        return str(value_of(self.options, name))

    def number(self, name: str) -> float:
        """The value of an option that takes a number."""
        return float_of(self.options, name)


def parse_arguments(argv: Sequence[str]) -> Settings:
    """Settings of a command line.

    Raises
    ------
    SystemExit
        Status 2 where an option is unknown or has a wrong value (said on stderr), 0 after ``-h``.
    """
    parser = build_parser()
    given = vars(parser.parse_args(argv))
    if given["file-name"] is None:
        parser.error("--file-name is missing: name the scan to reconstruct")
    options = {name: value for name, value in given.items() if value is not None}
    return Settings(" ".join([PROGRAM, *argv]), options)


def build_parser() -> argparse.ArgumentParser:
    """Parser of the options the embedded engine has."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        allow_abbrev=False,
        description="Reconstruct a scan on the CPU; the command line is that of tomocupy recon.",
    )
    for option in EMBEDDED:
        parser.add_argument(
            f"--{option.name}",
            dest=option.name,
            type=_reader(option),
            default=str(option.default) if option.name == _ONLY_TRUE_COUNTS else option.default,
            metavar=_metavar(option),
            help=_help(option),
        )
    return parser


def _reader(option: Option) -> Callable[[str], Value]:
    if option.name == _ONLY_TRUE_COUNTS:
        return str

    def read(text: str) -> Value:
        try:
            value = option.parse(text)
        except TomoBatchError as error:
            raise argparse.ArgumentTypeError(error.sentence) from None
        if option.embedded_choices and value not in option.embedded_choices:
            expected = ", ".join(option.embedded_choices)
            raise argparse.ArgumentTypeError(f"the embedded engine has {expected} only, not {text}.")
        return value

    return read


def _metavar(option: Option) -> str:
    choices = option.embedded_choices or option.choices
    if option.takes is Takes.CHOICE:
        return "{" + ",".join(choices) + "}"
    return option.takes.name


def _help(option: Option) -> str:
    unit = f" [{option.unit}]" if option.unit else ""
    default = "" if option.default is None else f" (default: {option.default})"
    return f"{option.help}{unit}{default}".replace("%", "%%")

"""Engines a machine may have, and what each of them offers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tomobatch.errors import TomoBatchError
from tomobatch.recon.options import (
    BY_NAME,
    EMBEDDED,
    Value,
    float_of,
    int_of,
    needs_steps,
    value_of,
)

RECON = "recon"
RECON_STEPS = "recon_steps"

# argparse indents a heading by two; an option named in a help text stands further right.
_LISTED = re.compile(r"^ {1,4}(?:-\w[^-\n]*, )?--([A-Za-z0-9][A-Za-z0-9_-]*)", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ALWAYS_GIVEN = frozenset(
    {
        "config",
        "logs-home",
        "reconstruction-type",
        "file-name",
        "rotation-axis",
        "save-format",
        "out-path-name",
    }
)


class EngineKind(StrEnum):
    """``program`` is tomocupy behind a program of the site's own, ``any`` that of whoever takes the job."""

    TOMOCUPY = "tomocupy"
    CPU = "cpu"
    PROGRAM = "program"
    ANY = "any"


AUTO = "auto"
ENGINE_CHOICES = (AUTO, EngineKind.TOMOCUPY.value, EngineKind.CPU.value)
"""What people can ask for; a program is named by its path."""


@dataclass(frozen=True)
class Engine:
    """An engine as a job remembers it.

    Parameters
    ----------
    kind
        Which of them.
    program
        Argument list before the subcommand: ``("tomocupy",)``.
    version
        As the engine says it; empty where it says nothing.
    """

    kind: EngineKind
    program: tuple[str, ...]
    version: str = ""

    @property
    def uses_gpu(self) -> bool:
        """Whether it needs a GPU to run."""
        return self.kind is not EngineKind.CPU


@dataclass(frozen=True)
class Offer:
    """Names of the options an engine lists; ``steps`` is empty where there is no ``recon_steps``."""

    recon: frozenset[str]
    steps: frozenset[str] = frozenset()


UNDECIDED = Engine(EngineKind.ANY, ())
"""The engine of a job that any machine may take."""
EMBEDDED_OFFER = Offer(frozenset(option.name for option in EMBEDDED))


def parse_help(text: str, program: str = "The engine") -> frozenset[str]:
    """Names of the options that ``recon -h`` lists; TomoBatchError ``engine-help`` when it lists none."""
    names = frozenset(_LISTED.findall(_COLOUR.sub("", text))) - {"help"}
    if not names:
        raise TomoBatchError(
            "engine-help",
            f"{program} listed no options when asked for help: try it by hand with recon -h on that machine.",
        )
    return names


def check_options(engine: Engine, offer: Offer, options: Mapping[str, Value]) -> None:
    """Refuse, by name, what this engine does not have or does wrongly.

    An engine drops options it does not know without a word, so nothing unknown may reach it.
    TomoBatchError: ``option-not-in-engine``, ``option-refused``, ``engine-too-old``. While it is undecided
    which engine it will be nothing is refused.
    """
    if engine.kind is EngineKind.CPU:
        _check_embedded(options)
    elif engine.kind is not EngineKind.ANY:
        _check_tomocupy(offer, options)


def _check_embedded(options: Mapping[str, Value]) -> None:
    for name, value in options.items():
        option = BY_NAME[name]
        if not option.embedded:
            raise _lacks("The CPU engine", name)
        if option.embedded_choices and value not in option.embedded_choices:
            known = ", ".join(option.embedded_choices)
            raise TomoBatchError(
                "option-not-in-engine",
                f"The CPU engine has no --{name}={value} (it has {known}): take it out or run tomocupy.",
            )


def _lacks(engine: str, name: str) -> TomoBatchError:
    return TomoBatchError(
        "option-not-in-engine", f"{engine} has no --{name}: take it out or use another engine."
    )


def _check_tomocupy(offer: Offer, options: Mapping[str, Value]) -> None:
    steps = needs_steps(options)
    listed = offer.steps if steps else offer.recon
    for name in options:
        if name not in listed:
            raise _lacks(f"tomocupy {RECON_STEPS if steps else RECON} on this machine", name)
    missing = sorted(_ALWAYS_GIVEN - listed)
    if missing:
        raise TomoBatchError(
            "engine-too-old", f"The engine on this machine has no --{missing[0]}: install a newer tomocupy."
        )
    _check_known_faults(options, steps=steps)


def _check_known_faults(options: Mapping[str, Value], *, steps: bool) -> None:
    if value_of(options, "rotation-axis-auto") == "auto":
        raise _refused(
            "--rotation-axis-auto=auto",
            "tomocupy then reconstructs at a wrong COR with binning or a crop; find the COR first",
        )
    algorithm = value_of(options, "reconstruction-algorithm")
    if algorithm == "lprec" and steps:
        raise _refused("--reconstruction-algorithm=lprec", "recon_steps does not have it; take fourierrec")
    slices = int_of(options, "nsino-per-chunk")
    if algorithm == "linerec" and slices == 1:
        raise _refused("--nsino-per-chunk=1", "linerec then writes zeros; take at least 2")
    if algorithm == "fourierrec" and slices > 1 and slices % 2:
        raise _refused(f"--nsino-per-chunk={slices}", "fourierrec fails with an odd number; take an even one")
    if value_of(options, "retrieve-phase-method") != "none":
        _check_phase(options)


def _check_phase(options: Mapping[str, Value]) -> None:
    for name in ("propagation-distance", "pixel-size"):
        if float_of(options, name) == 0:
            unit = BY_NAME[name].unit
            raise TomoBatchError(
                "option-value",
                f"Phase retrieval at --{name}=0 gives a blank volume: give --{name}=VALUE in {unit}.",
            )


def _refused(argument: str, reason: str) -> TomoBatchError:
    return TomoBatchError("option-refused", f"{argument} cannot be given: {reason}.")

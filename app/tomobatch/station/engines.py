"""Which engine runs a job on a machine: tomocupy where it is found, the embedded one otherwise."""

from __future__ import annotations

import os
import re

from tomobatch import __version__
from tomobatch.config.places import own_program
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine
from tomobatch.recon.engines import (
    AUTO,
    EMBEDDED_OFFER,
    RECON,
    RECON_STEPS,
    Engine,
    EngineKind,
    Offer,
    parse_help,
)

_WHERE = """
found=$(command -v -- "$1") || exit
case $found in /*) ;; *) found=$PWD/$found ;; esac
printf %s "$found"
"""
# What a shell gives for a program that is not there.
_NOT_FOUND = 127
_VERSION = re.compile(r"\d+(?:\.\d+)+\S*")


async def choose_engine(
    machine: Machine, wanted: str = AUTO, program: str | None = None, timeout_s: float = 120.0
) -> tuple[Engine, Offer]:
    """Choose the engine for jobs on a machine, and ask it what it offers.

    Parameters
    ----------
    wanted
        ``auto``, ``tomocupy`` or ``cpu``.
    program
        Path of a program with tomocupy's command line; then `wanted` does not matter.
    timeout_s
        How long an engine may take to list its options: the first import of its GPU libraries is slow.

    Raises
    ------
    TomoBatchError
        ``engine-missing`` when the one that was asked for is not there, ``engine-help`` when it does
        not list its options.
    """
    if program is not None:
        return await _ask(machine, EngineKind.PROGRAM, program, timeout_s)
    if wanted == EngineKind.CPU:
        return await _embedded(machine, timeout_s)
    try:
        return await _ask(machine, EngineKind.TOMOCUPY, "tomocupy", timeout_s)
    except TomoBatchError as error:
        # On another machine nobody expects the CPU: whoever wants it there chooses it.
        if wanted == AUTO and error.code == "engine-missing" and not machine.far:
            return await _embedded(machine, timeout_s)
        raise


async def _embedded(machine: Machine, timeout_s: float) -> tuple[Engine, Offer]:
    if machine.far:
        return await _ask(machine, EngineKind.CPU, "tomobatch", timeout_s)
    return Engine(EngineKind.CPU, own_program(), __version__), EMBEDDED_OFFER


async def _ask(machine: Machine, kind: EngineKind, program: str, timeout_s: float) -> tuple[Engine, Offer]:
    program = await _absolute(machine, program, timeout_s)
    recon = parse_help(await _help(machine, program, RECON, timeout_s), program)
    try:
        steps = parse_help(await _help(machine, program, RECON_STEPS, timeout_s))
    except TomoBatchError:
        # A site's own program may well offer the plain reconstruction alone.
        steps = frozenset()
    version = await _version(machine, program, timeout_s)
    return Engine(kind, (program,), version), Offer(recon, steps)


async def _absolute(machine: Machine, program: str, timeout_s: float) -> str:
    """Where the program lies, so that a job does not depend on the PATH of whoever schedules it later."""
    said = await machine.run_short(["sh", "-c", _WHERE, "sh", program], timeout_s)
    found = os.fsdecode(said.stdout)
    return found if found.startswith("/") else program


async def _help(machine: Machine, program: str, subcommand: str, timeout_s: float) -> str:
    try:
        said = await machine.run_short([program, subcommand, "-h"], timeout_s, {"PYTHONUTF8": "1"})
    except TomoBatchError as error:
        if error.code == "could-not-start":
            raise _missing(machine, program) from error
        raise
    if said.exit_status == _NOT_FOUND:
        raise _missing(machine, program)
    return said.stdout.decode("utf-8", "replace")


def _missing(machine: Machine, program: str) -> TomoBatchError:
    sentence = f"{program} was not found on {machine.name}: install it there, or name it by its path."
    return TomoBatchError("engine-missing", sentence)


async def _version(machine: Machine, program: str, timeout_s: float) -> str:
    """What ``--version`` says, for the receipt; an engine that says nothing is no worse for it."""
    said = await machine.run_short([program, "--version"], timeout_s, {"PYTHONUTF8": "1"})
    found = _VERSION.search(said.stdout.decode("utf-8", "replace")[:200])
    return found[0] if found and said.exit_status == 0 else ""

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
    ENGINE_CHOICES,
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
MISSING = frozenset({"engine-missing", "engine-help"})
"""Codes that say of a machine that answers that its engine is not there, or of no use."""
_VERSION = re.compile(r"\d+(?:\.\d+)+\S*")


async def choose_engine(
    machine: Machine, wanted: str = AUTO, program: str | None = None, timeout_s: float = 120.0
) -> tuple[Engine, Offer]:
    """Choose the engine for jobs on a machine, and ask it what it offers.

    Parameters
    ----------
    wanted
        ``auto``, ``tomocupy``, ``cpu``, or the path there of a program with tomocupy's command line.
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
    if program is None and wanted not in ENGINE_CHOICES:
        program = wanted
    if program is not None:
        return await _ask(machine, EngineKind.PROGRAM, program, timeout_s)
    if wanted == EngineKind.CPU:
        return await _embedded(machine, timeout_s)
    try:
        return await _ask(machine, EngineKind.TOMOCUPY, "tomocupy", timeout_s)
    except TomoBatchError as error:
        if wanted != AUTO or error.code != "engine-missing":
            raise
        return await _embedded_or(error, machine, timeout_s)


async def _embedded_or(error: TomoBatchError, machine: Machine, timeout_s: float) -> tuple[Engine, Offer]:
    """The embedded engine; where a machine that is far has none, what is missing there is tomocupy."""
    try:
        return await _embedded(machine, timeout_s)
    except TomoBatchError as other:
        raise (error if other.code == "engine-missing" else other) from other


async def _embedded(machine: Machine, timeout_s: float) -> tuple[Engine, Offer]:
    """The engine that comes with this program: its own here, the one that is installed there elsewhere."""
    if not machine.far:
        return Engine(EngineKind.CPU, own_program(), __version__), EMBEDDED_OFFER
    program = await _absolute(machine, "tomobatch", timeout_s)
    return Engine(EngineKind.CPU, (program,), await _version(machine, program, timeout_s)), EMBEDDED_OFFER


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
    if not found.startswith("/"):
        raise _missing(machine, program)
    return found


def _missing(machine: Machine, program: str) -> TomoBatchError:
    sentence = f"{program} was not found on {machine.name}: install it there, or name it by its path."
    if machine.far:
        sentence = (
            f"{program} was not found on {machine.name}: in Machines, give it the command that makes the"
            " engine known there (such as conda activate tomocupy), or the engine's path."
        )
    return TomoBatchError("engine-missing", sentence)


async def _help(machine: Machine, program: str, subcommand: str, timeout_s: float) -> str:
    try:
        said = await machine.run_short([program, subcommand, "-h"], timeout_s, {"PYTHONUTF8": "1"})
    except TomoBatchError as error:
        if error.code == "could-not-start":
            raise _missing(machine, program) from error
        raise
    return said.stdout.decode("utf-8", "replace")


async def _version(machine: Machine, program: str, timeout_s: float) -> str:
    """What ``--version`` says, for the receipt; an engine that says nothing is no worse for it."""
    said = await machine.run_short([program, "--version"], timeout_s, {"PYTHONUTF8": "1"})
    found = _VERSION.search(said.stdout.decode("utf-8", "replace")[:200])
    return found[0] if found and said.exit_status == 0 else ""

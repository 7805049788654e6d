"""``tomobatch machines`` and ``tomobatch move``: where jobs may run, and moving those that wait."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict, dataclass

from tomobatch.cli.exits import EXIT_FAILED
from tomobatch.cli.progress import job_json
from tomobatch.cli.show import console, plain, print_json, table, warn
from tomobatch.config.machines import MOVE
from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.station.slot_book import slot_kind
from tomobatch.station.station import Station

ANSWER_S = 60.0
"""How long a machine may take to say what it has; its engine's first start is slow."""


@dataclass
class _Line:
    """What is known of one machine."""

    machine: str
    standing: str
    slots: int = 0
    kind: str = ""
    engine: str = ""
    in_any: bool = False
    running: int = 0
    waiting: int = 0
    note: str = ""


def show_machines(arguments: argparse.Namespace, _: list[str]) -> int:
    """Ask all machines at once what they have, and print it."""
    return asyncio.run(_show(arguments))


async def _show(arguments: argparse.Namespace) -> int:
    async with Station() as station:
        if arguments.lost_jobs is not None:
            station.set_moves_lost_jobs(arguments.lost_jobs == MOVE)
        lines = await asyncio.gather(*(_line(station, name) for name in station.machines))
    if arguments.json:
        print_json([asdict(line) for line in lines])
        return 0
    titles = ("Machine", "Standing", "Slots", "Engine", "Any machine", "Running", "Waiting", "")
    console().print(table(titles, [_cells(line) for line in lines]))
    return 0


async def _line(station: Station, name: str) -> _Line:
    running, waiting = station.journal.numbers_on(name)
    line = _Line(name, "lost", in_any=station.takes_any(name), running=running, waiting=waiting)
    try:
        async with asyncio.timeout(ANSWER_S):
            await station.machine(name).call()
            line.standing = "reachable"
            engine = (await station.engine(name))[0]
            line.kind, line.engine = slot_kind(engine), _engine_text(engine)
            await station.facts.look(name, line.kind)
            line.slots = len(station.slots.slots(name, line.kind))
    except TomoBatchError as error:
        line.note = error.sentence
    except TimeoutError:
        line.note = f"It gave no answer within {ANSWER_S:g} s."
    return line


def _engine_text(engine: Engine) -> str:
    name = "CPU engine" if engine.kind is EngineKind.CPU else " ".join(engine.program)
    return f"{name} {engine.version}".strip()


def _cells(line: _Line) -> tuple[str, ...]:
    slots = f"{line.slots} {line.kind}" if line.kind else ""
    in_any = "yes" if line.in_any else "no"
    numbers = str(line.running), str(line.waiting)
    return line.machine, line.standing, slots, line.engine, in_any, *numbers, line.note


def move_jobs(arguments: argparse.Namespace, _: list[str]) -> int:
    """Move the jobs that wait for a machine; 0 only when all were moved."""
    return asyncio.run(_move(arguments))


async def _move(arguments: argparse.Namespace) -> int:
    async with Station() as station:
        moved = await station.move_waiting(arguments.from_machine, arguments.to_machine)
    warn(moved.refused)
    if arguments.json:
        print_json([job_json(row) for row in moved.rows])
    else:
        jobs = "1 job waits" if len(moved.rows) == 1 else f"{len(moved.rows)} jobs wait"
        console().print(plain(f"{jobs} for {arguments.to_machine} now"))
    return EXIT_FAILED if moved.refused else 0

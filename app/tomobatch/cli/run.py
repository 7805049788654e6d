"""``tomobatch run``: queue a Try or a Full of scans and see it through."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path

from tomobatch.batch.events import JobEvent
from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.cli.exits import EXIT_FAILED, EXIT_INTERRUPTED
from tomobatch.cli.progress import Display, choose_display
from tomobatch.cli.show import folder_of, warn
from tomobatch.config.machines import ANY
from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import AUTO, Engine, EngineKind, Offer
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import parse_options
from tomobatch.scans.scan import ScanState
from tomobatch.station.engines import choose_engine
from tomobatch.station.follow import see_through
from tomobatch.station.slot_book import GPU, slot_kind
from tomobatch.station.station import Station, Submission
from tomobatch.workspace import ScanRow, Workspace


def run_scans(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Run scans; 0 only when every job is complete by its outputs."""
    return asyncio.run(_run(arguments, rest))


async def _run(arguments: argparse.Namespace, rest: list[str]) -> int:
    kind, folder = Kind(arguments.kind), folder_of(arguments.folder)
    # argparse takes file names in one place only; those that stand behind an option come with the rest.
    files = [*arguments.files, *(text for text in rest if not text.startswith("-"))]
    options = parse_options(_option(text) for text in rest if text.startswith("-"))
    async with Station() as station:
        machine = arguments.machine
        engine = await engine_of(station, machine, arguments.engine, arguments.engine_command)
        await _set_slots(station, machine, slot_kind(engine[0]), arguments.gpus)
        workspace = Workspace(folder, station.looking)
        warn(workspace.load_csv_by_itself())
        scans = choose_scans(await workspace.load(), files, folder)
        submission = station.submit(kind, scans, machine, engine, options)
        display = choose_display(arguments.json)
        if submission.rows:
            display.begin(_plan(kind, submission, machine, engine[0], station))
        _tell(submission, display)
        complete = await follow_jobs(station, [row.uid for row in submission.rows], display)
    return complete if complete or not submission.refused else EXIT_FAILED


async def engine_of(
    station: Station, machine: str, wanted: str = AUTO, program: str | None = None
) -> tuple[Engine, Offer]:
    """The engine that was asked for, else the one that the machine list names."""
    if wanted == AUTO and program is None:
        return await station.engine(machine)
    if machine == ANY:
        sentence = f"{ANY} runs jobs by each machine's own engine: leave --engine and --engine-command out."
        raise TomoBatchError("engine-of-any", sentence)
    return await choose_engine(station.machine(machine), wanted, program)


def _option(text: str) -> str:
    if not text.startswith("--"):
        raise TomoBatchError("unknown-option", f"{text} is not understood; options are --option=VALUE.")
    return text


async def _set_slots(station: Station, machine: str, kind: str, wanted: int | None) -> None:
    found = await station.look_for_gpus(machine) if kind == GPU else 0
    if wanted is None:
        return
    if machine == ANY:
        raise TomoBatchError("slots-of-any", f"{ANY} has no GPUs of its own: name a machine for --gpus.")
    station.slots.want(machine, kind, wanted)
    if found and found < wanted:
        warn([f"{machine} has {found} GPUs; {wanted} were asked for, {found} are used."])


def choose_scans(rows: list[ScanRow], names: Iterable[str], folder: Path) -> list[ScanRow]:
    """The scans of these names, or all that are ready.

    TomoBatchError ``scan-missing`` names one that is not there. What was not asked for by name is left
    out while it is acquired or cannot be read, and that is said; by name it is an error later on.
    """
    wanted = [Path(name).name for name in names]
    if not wanted:
        if not rows:
            raise TomoBatchError("no-scans", f"There are no scans (.h5, .hdf5, .hdf, .nxs) in {folder}.")
        return _ready(rows)
    by_name = {row.scan.file.name: row for row in rows}
    for name in wanted:
        if name not in by_name:
            raise TomoBatchError("scan-missing", f"There is no scan {name} in {folder}.")
    return [by_name[name] for name in dict.fromkeys(wanted)]


def _ready(rows: list[ScanRow]) -> list[ScanRow]:
    left_out = [row.scan for row in rows if row.scan.state is not ScanState.READY]
    warn(f"{scan.file.shown_name} is left out ({scan.state.value}): {scan.reason}" for scan in left_out)
    return [row for row in rows if row.scan.state is ScanState.READY]


def _plan(kind: Kind, submission: Submission, machine: str, engine: Engine, station: Station) -> str:
    count = len(submission.rows)
    scans = "1 scan" if count == 1 else f"{count} scans"
    if machine == ANY:
        return f"{kind.word} of {scans} on the first free GPU of {', '.join(station.facts.any_machines())}"
    slots = len(station.slots.slots(machine, slot_kind(engine)))
    name = "the CPU engine" if engine.kind is EngineKind.CPU else " ".join((*engine.program, engine.version))
    return f"{kind.word} of {scans} on {machine}, {slots} at a time, by {name.strip()}"


def _tell(submission: Submission, display: Display) -> None:
    for row in submission.rows:
        display.queued(row)
    warn([*submission.refused, *submission.notes])


async def follow_jobs(station: Station, uids: Collection[str], display: Display, stops: bool = True) -> int:
    """See jobs through under a display; the exit status.

    Ctrl-C stops them, if this command started them (`stops`); SIGTERM leaves them running.
    """
    if not uids:
        display.close([])
        return EXIT_FAILED
    following = _Following(station, uids, stops)
    station.listeners.extend((display.event, following.event))
    station.pause.listeners.append(_tell_pause)
    following.install()
    try:
        await see_through(station, uids)
    except asyncio.CancelledError:
        following.tell_what_goes_on()
    rows = _rows(station, uids)
    display.close(rows)
    complete = all(row.state is JobState.COMPLETE for row in rows)
    if following.interrupts and not complete:
        stopped = [row.job.file_name for row in rows if row.state is JobState.CANCELLED]
        warn([f"Stopped: {', '.join(stopped)}." if stopped else "Nothing had to be stopped."])
    if following.interrupts or any(not row.state.ended for row in rows):
        return 0 if complete else EXIT_INTERRUPTED
    return 0 if complete else EXIT_FAILED


def paused_text(reason: str) -> str:
    """That nothing starts, and what lets it go on."""
    return f"{reason} Nothing new starts until `tomobatch resume`, or *Go on* in the window."


def _tell_pause(reason: str) -> None:
    warn([paused_text(reason) if reason else "The queue goes on."])


class _Following:
    """What signals mean while jobs are followed."""

    def __init__(self, station: Station, uids: Collection[str], stops: bool) -> None:
        self._station, self._left, self._stops = station, set(uids), stops
        self._uids = uids
        self._task = asyncio.current_task()
        self.interrupts = 0

    def install(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP):
            # `nohup` asks for SIGHUP to be ignored, and means it.
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._let_go)

    def event(self, event: JobEvent) -> None:
        """Say once that this command is done while it still schedules for others."""
        if event.row.state.ended and event.row.uid in self._left:
            self._left.discard(event.row.uid)
            others = len(self._station.journal.active_uids()) if not self._left else 0
            if others:
                warn([f"Done. {others} jobs of other commands are still seen through; Ctrl-C leaves them."])

    def _interrupt(self) -> None:
        """Stop the jobs; asked a second time, or when they have ended, let go."""
        if not self._left or self.interrupts or not self._stops:
            self._let_go()
            return
        self.interrupts += 1
        try:
            self._station.ask_stop(self._uids)
        except sqlite3.Error as error:
            warn([f"Jobs that wait could not be stopped: the job journal cannot be written ({error})."])

    def _let_go(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def tell_what_goes_on(self) -> None:
        """Say what goes on without this program."""
        left = [row for row in _rows(self._station, self._uids) if not row.state.ended]
        waiting = sum(row.state is JobState.QUEUED for row in left)
        parts = []
        if len(left) > waiting:
            parts.append(f"{len(left) - waiting} jobs go on without this program")
        if waiting:
            parts.append(f"{waiting} wait until a program schedules again")
        warn([f"{'; '.join(parts)}. `tomobatch resume` follows them."] if parts else [])


def _rows(station: Station, uids: Collection[str]) -> list[JobRow]:
    return [station.journal.row(uid) for uid in uids]

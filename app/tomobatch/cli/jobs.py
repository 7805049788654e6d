"""``tomobatch jobs``, ``pause``, ``resume`` and ``stop``."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from datetime import datetime
from typing import Any

from tomobatch.batch.job import JobRow
from tomobatch.batch.services import user_name
from tomobatch.batch.states import JobState
from tomobatch.cli.progress import choose_display, count_text, job_json
from tomobatch.cli.run import follow_jobs, paused_text
from tomobatch.cli.show import console, plain, print_json, table, warn
from tomobatch.errors import TomoBatchError
from tomobatch.station.follow import see_through
from tomobatch.station.station import Station
from tomobatch.station.words import pause_text

SHOWN_ENDED = 20


def show_jobs(arguments: argparse.Namespace, _: list[str]) -> int:
    """Print the jobs that run, wait or ended lately, or the whole output of one."""
    return asyncio.run(_show(arguments))


async def _show(arguments: argparse.Namespace) -> int:
    async with Station() as station:
        if arguments.log:
            return _print_log(station, find_job(station, arguments.log))
        rows = station.journal.rows()
        if arguments.json:
            print_json([_with_history(station, row) for row in rows])
            return 0
        ended = [row for row in rows if row.state.ended][-SHOWN_ENDED:]
        shown = ended + [row for row in rows if not row.state.ended]
        counts = count_text(station.journal.newest_batch())
        pause = station.journal.pause
        # The name of a holder that was killed stays behind; its lock does not.
        forgotten = any(not row.state.ended for row in rows) and station.lease.try_take()
    if shown:
        console().print(table(("Job", "Filename", "Status", "since", ""), [_line(row) for row in shown]))
        console().print(plain(counts))
        if forgotten:
            warn(["No program sees to what runs or waits just now: `tomobatch resume` does, or the window."])
    else:
        console().print("No jobs")
    if pause:
        warn([paused_text(pause)])
    return 0


def _line(row: JobRow) -> tuple[str, str, str, str, str]:
    since = datetime.fromtimestamp(row.ended_s or row.started_s or row.job.created_s).astimezone()
    how_far = f"{row.progress:.0%}" if row.state is JobState.RUNNING else ""
    note = " · ".join(filter(None, (how_far, row.note)))
    return row.uid, row.job.file_name, row.status, f"{since:%d %b %H:%M:%S}", note


def _with_history(station: Station, row: JobRow) -> dict[str, Any]:
    steps = [
        {"time": at_s, "state": state.value, "note": note}
        for at_s, state, note in station.journal.history(row.uid)
    ]
    return {**job_json(row), "attempt": row.attempt, "code": row.code, "history": steps}


def _print_log(station: Station, row: JobRow) -> int:
    try:
        data = station.log_path(row).read_bytes()
    except OSError as error:
        why = "it never began" if not row.attempt else error.strerror
        raise TomoBatchError("no-log", f"There is no log of job {row.uid}: {why}.") from error
    sys.stdout.buffer.write(data)
    return 0


def find_job(station: Station, name: str) -> JobRow:
    """The one job whose name begins so; TomoBatchError ``job-unknown``."""
    found = [row for row in station.journal.rows() if row.uid.startswith(name)]
    if len(found) != 1:
        there = f"There are {len(found)} jobs" if found else "There is no job"
        raise TomoBatchError("job-unknown", f"{there} whose name begins with {name}.")
    return found[0]


def pause_queue(arguments: argparse.Namespace, _: list[str]) -> int:
    """Let nothing new start, whichever program schedules."""
    return asyncio.run(_pause(" ".join(arguments.why)))


async def _pause(why: str) -> int:
    async with Station() as station:
        station.set_pause(pause_text(user_name(), time.time(), why))
        running = sum(row.state is not JobState.QUEUED for row in station.journal.rows(active_only=True))
    goes_on = f" {running} that run go on." if running else ""
    console().print(plain(f"The queue is paused: nothing new starts.{goes_on}"))
    return 0


def resume_jobs(arguments: argparse.Namespace, _: list[str]) -> int:
    """Let a paused queue go on, and see through whatever runs or waits."""
    return asyncio.run(_resume(arguments))


async def _resume(arguments: argparse.Namespace) -> int:
    async with Station() as station:
        if pause := station.journal.pause:
            station.set_pause(None)
            warn([f"It was paused, and goes on now. ({pause})"])
        uids = [row.uid for row in station.journal.rows(active_only=True)]
        if not uids:
            if not arguments.json:
                console().print("No jobs run or wait")
            return 0
        display = choose_display(arguments.json)
        display.begin("Ctrl-C stops watching; the jobs go on. `tomobatch stop` ends them.")
        return await follow_jobs(station, uids, display, stops=False)


def stop_jobs(arguments: argparse.Namespace, _: list[str]) -> int:
    """Stop jobs, and say what was seen of it."""
    return asyncio.run(_stop(arguments))


async def _stop(arguments: argparse.Namespace) -> int:
    async with Station() as station:
        if arguments.jobs:
            rows = [find_job(station, name) for name in arguments.jobs]
        else:
            rows = station.journal.rows(active_only=True)
        uids = [row.uid for row in rows if not row.state.ended]
        station.ask_stop(uids, arguments.give_up)
        holder = station.lease.holder_pid()
        if uids and holder is not None:
            warn([f"Another tomobatch (process {holder}) runs the queue; it was asked to stop them."])
        await see_through(station, uids, stop_only=True)
        rows = [station.journal.row(row.uid) for row in rows]
    if arguments.json:
        print_json([job_json(row) for row in rows])
    elif rows:
        console().print(
            table(
                ("Job", "Filename", "Status", ""), [(r.uid, r.job.file_name, r.status, r.note) for r in rows]
            )
        )
    else:
        console().print("No jobs run or wait")
    return 0

"""``tomobatch retry``: run again what failed, with scans and CORs as they are now."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tomobatch.batch.again import undone
from tomobatch.batch.job import JobRow
from tomobatch.cli.exits import EXIT_FAILED
from tomobatch.cli.progress import choose_display
from tomobatch.cli.run import engine_of, follow_jobs
from tomobatch.cli.show import console, warn
from tomobatch.config.machines import ANY
from tomobatch.recon.chunk import chunk_words
from tomobatch.recon.engines import Engine, EngineKind, Offer
from tomobatch.station.retrying import next_chunk, options_with_half, scans_now
from tomobatch.station.slot_book import GPU, slot_kind
from tomobatch.station.station import Station, Submission


def retry_jobs(arguments: argparse.Namespace, _: list[str]) -> int:
    """Queue anew what failed or was interrupted in the newest batch, and see it through."""
    return asyncio.run(_retry(arguments))


async def _retry(arguments: argparse.Namespace) -> int:
    async with Station() as station:
        jobs = undone(station.journal.newest_batch())
        if not jobs:
            if not arguments.json:
                console().print("No job of the newest batch failed")
            return 0
        submission = await _queue_again(station, jobs, arguments)
        display = choose_display(arguments.json)
        if submission.rows:
            display.begin(f"{len(submission.rows)} of {len(jobs)} jobs that failed are run again")
        for row in submission.rows:
            display.queued(row)
        warn([*submission.refused, *submission.notes])
        status = await follow_jobs(station, [row.uid for row in submission.rows], display)
    return status if status or not submission.refused else EXIT_FAILED


async def _queue_again(station: Station, jobs: Sequence[JobRow], arguments: argparse.Namespace) -> Submission:
    """Queue jobs in groups that ask for the same."""
    now = await scans_now(station.looking, {Path(row.job.path) for row in jobs})
    scans, done = now.scans, Submission(refused=now.missing(jobs))
    groups = defaultdict(list)
    for row in jobs:
        if Path(row.job.path) in scans:
            request = row.job.request
            wish = json.dumps([request.get("engine"), request.get("options"), next_chunk(row)])
            groups[row.job.kind, row.queued_for or row.job.machine, wish].append(row)
    for (kind, machine, _), rows in groups.items():
        chosen = await _engine(station, machine, rows[0], arguments)
        # All of them alike; but each is remembered for the GPU it was on.
        options, *_ = [options_with_half(row, chosen[0], station.chunks) for row in rows]
        done.notes += [_less(row) for row in rows if next_chunk(row)]
        wanted = [scans[Path(row.job.path)] for row in rows]
        more = station.submit(kind, wanted, machine, chosen, options)
        done.rows += more.rows
        done.refused += more.refused
        done.notes += more.notes
    return done


def _less(row: JobRow) -> str:
    words = chunk_words(row.job.kind, next_chunk(row))
    return f"{row.job.file_name}: {words} this time, since the GPU ran out of memory."


async def _engine(
    station: Station, name: str, row: JobRow, arguments: argparse.Namespace
) -> tuple[Engine, Offer]:
    """The engine of now; a program of the site's own is taken again unless another engine is asked for."""
    if name == ANY:
        return await station.engine(ANY)
    engine = row.job.request.get("engine", {})
    program = arguments.engine_command
    if program is None and arguments.engine == "auto" and engine.get("kind") == EngineKind.PROGRAM:
        program = engine["program"][0]
    chosen = await engine_of(station, name, arguments.engine, program)
    if slot_kind(chosen[0]) == GPU:
        await station.look_for_gpus(name)
    return chosen

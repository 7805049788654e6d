"""A scheduler that can be given other timing, and that kills itself (SIGKILL) at a named point.

    driver.py FOLDER|- ENGINE TIMING_JSON [POINT COUNT]

FOLDER: run a Full of its scans on 4 slots; `-`: take up what was left.
It dies when POINT is passed the COUNTth time.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from tomobatch.batch.journal import Journal
from tomobatch.batch.services import Timing
from tomobatch.batch.states import JobState
from tomobatch.machines.local import Local
from tomobatch.recon.kinds import Kind
from tomobatch.station.engines import choose_engine
from tomobatch.station.follow import see_through
from tomobatch.station.station import Station
from tomobatch.workspace import Workspace


def die_at(point: str, count: int) -> None:
    passed = 0

    def pass_point(name: str) -> None:
        nonlocal passed
        passed += name == point
        if passed == count:
            os.kill(os.getpid(), signal.SIGKILL)

    start, transition = Local.start, Journal.transition

    async def watched_start(self, command, folder):
        pass_point("before-spawn")
        handle = await start(self, command, folder)
        pass_point("after-spawn")
        return handle

    def watched_transition(self, uid, new: JobState, **changes):
        pass_point(f"before-{new}")
        row = transition(self, uid, new, **changes)
        pass_point(f"after-{new}")
        return row

    Local.start, Journal.transition = watched_start, watched_transition


async def main(folder: str, engine: str, timing: dict) -> int:
    async with Station(timing=Timing(**timing)) as station:
        if folder == "-":
            uids = [row.uid for row in station.journal.rows(active_only=True)]
        else:
            chosen = await choose_engine(station.machine("Local"), program=engine)
            station.journal.set_slot_count("Local", "GPU", 4)
            workspace = Workspace(Path(folder), station.looking)
            workspace.load_csv_by_itself()
            rows = station.submit(Kind.FULL, await workspace.load(), "Local", chosen, {}).rows
            uids = [row.uid for row in rows]
        await see_through(station, uids)
        return int(any(station.journal.row(uid).state is not JobState.COMPLETE for uid in uids))


if __name__ == "__main__":
    if len(sys.argv) > 4:
        die_at(sys.argv[4], int(sys.argv[5]))
    sys.exit(asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))

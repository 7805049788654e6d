"""A scheduler that can be given other timing, and that kills itself (SIGKILL) at a named point.

    driver.py MACHINE FOLDER|- ENGINE TIMING_JSON [POINT COUNT]

FOLDER: run a Full of its scans on 4 slots; `-`: take up what was left.
It dies when POINT is passed the COUNTth time. What TIMING_JSON holds under "ssh" is for machines over SSH.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from tomobatch.batch.events import EventKind
from tomobatch.batch.journal import Journal
from tomobatch.batch.services import Timing
from tomobatch.batch.states import JobState
from tomobatch.config.machines import MachineKind
from tomobatch.config.places import host_state_folder
from tomobatch.machines.far_worker import FarChild
from tomobatch.machines.link import SshTiming
from tomobatch.machines.local import Local
from tomobatch.machines.shell import Shell
from tomobatch.machines.ssh import Ssh
from tomobatch.recon.kinds import Kind
from tomobatch.station import registry
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

    transition = Journal.transition

    def watched_transition(self, uid, new: JobState, **changes):
        pass_point(f"before-{new}")
        row = transition(self, uid, new, **changes)
        pass_point(f"after-{new}")
        return row

    Journal.transition = watched_transition
    for kind in (Local, Ssh):
        watch_starts(kind, pass_point)
    watch_the_way(pass_point)


def watch_starts(kind, pass_point) -> None:
    start = kind.start

    async def watched_start(self, *arguments):
        pass_point("before-spawn")
        handle = await start(self, *arguments)
        pass_point("after-spawn")
        return handle

    kind.start = watched_start


def watch_the_way(pass_point) -> None:
    """Points between the word to the far side and its answer."""
    say, ask = Shell.say, FarChild.ask

    def watched_say(self, text):
        say(self, text)
        if text.startswith(b"tb_call ") and b" tb_start " in text[:64]:
            pass_point("start-sent")

    async def watched_ask(self, request):
        asking = asyncio.create_task(ask(self, request))
        # so that it is written
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        pass_point("judgement-asked")
        answer = await asking
        pass_point("judgement-answered")
        return answer

    Shell.say, FarChild.ask = watched_say, watched_ask


def maker(timing: dict):
    """Makes machines as the program does, but for how patient they are."""
    usual = registry.maker(host_state_folder() / "jobs")

    def make(entry):
        if entry.kind is MachineKind.LOCAL or not timing:
            return usual(entry)
        mirror = host_state_folder() / "jobs"
        return Ssh(
            entry.name,
            entry.host,
            environment=entry.environment,
            mirror=mirror,
            timing=SshTiming(**{name: tuple_or(value) for name, value in timing.items()}),
        )

    return make


def tuple_or(value):
    return tuple(value) if isinstance(value, list) else value


async def main(machine: str, folder: str, engine: str, timing: dict) -> int:
    make = maker(timing.pop("ssh", {}))
    timing = Timing(**{name: tuple_or(value) for name, value in timing.items()})
    async with Station(timing=timing, make=make) as station:
        if folder == "-":
            uids = [row.uid for row in station.journal.rows(active_only=True)]
        else:
            chosen = await choose_engine(station.machine(machine), program=engine)
            station.journal.set_slot_count(machine, "GPU", 4)
            workspace = Workspace(Path(folder), station.looking)
            workspace.load_csv_by_itself()
            rows = station.submit(Kind.FULL, await workspace.load(), machine, chosen, {}).rows
            uids = [row.uid for row in rows]
        station.listeners.append(tell)
        await see_through(station, uids)
        return int(any(station.journal.row(uid).state is not JobState.COMPLETE for uid in uids))


def tell(event) -> None:
    if event.kind is EventKind.MESSAGE:
        sys.stdout.write(f"{event.message}\n")


if __name__ == "__main__":
    if len(sys.argv) > 5:
        die_at(sys.argv[5], int(sys.argv[6]))
    sys.exit(asyncio.run(main(*sys.argv[1:4], json.loads(sys.argv[4]))))

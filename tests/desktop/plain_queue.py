"""A machine and a worker that a test steps by hand, and a queue as anybody would write it down."""

import asyncio
from dataclasses import dataclass, field

from tomobatch.batch.states import JobState
from tomobatch.machines.base import (
    Finding,
    Handle,
    Outcome,
    OutcomeKind,
    Output,
    Reach,
    Running,
    Standing,
    State,
)

STOPPED = Outcome(OutcomeKind.STOPPED, "It was stopped.")
ROOM = {"device": 1, "free_bytes": 10**15, "reserve_bytes": 10**9}
UNDONE = (JobState.FAILED, JobState.INTERRUPTED)


def bar(part):
    """What an engine prints when it is so far."""
    full = round(40 * part)
    return Output(f"\rqueue size 000 |  |{'█' * full}{'-' * (40 - full)}| {part:.1%} \r".encode())


class Hand:
    """A machine that does with its jobs what the test's hand does; they outlive every scheduler."""

    name = "Local"
    far = False
    standing = Standing(Reach.REACHABLE)

    def __init__(self):
        self.jobs, self.more = {}, asyncio.Event()
        self.watchers = []

    async def attempt_folder(self, jobs_folder, uid, attempt):
        return jobs_folder / uid / str(attempt)

    async def memory_bytes(self):
        return None

    def tell(self, uid, update):
        self.jobs[uid].append(update)
        self.more.set()
        self.more = asyncio.Event()

    async def start(self, command, folder, host=""):
        self.jobs[folder.parent.name] = [Running(7)]
        return Handle(folder, "boot", 1, 1)

    async def find(self, folder, host=""):
        told = self.jobs.get(folder.parent.name)
        if told is None:
            return Finding(State.NEVER_STARTED)
        outcome = told[-1] if isinstance(told[-1], Outcome) else None
        return Finding(State.ENDED if outcome else State.RUNNING, Handle(folder, "boot", 1, 1), outcome)

    async def follow(self, handle, from_byte=0):
        place, told = 0, self.jobs[handle.folder.parent.name]
        while True:
            while place < len(told):
                yield told[place]
                place += 1
            await self.more.wait()

    async def stop(self, handle):
        uid = handle.folder.parent.name
        if not isinstance(self.jobs[uid][-1], Outcome):
            self.tell(uid, STOPPED)
        return STOPPED

    async def close(self):
        """Nothing is open."""


class Good:
    """A worker for which everything is in order, but for the disk while that is full."""

    def __init__(self):
        self.full = False

    async def call(self, name, *arguments, timeout_s, about=""):
        if name.endswith("check_start"):
            return ROOM | ({"free_bytes": 0} if self.full else {})
        return {"code": "good", "sentence": "All is there."}

    async def close(self):
        """No process was started."""


@dataclass
class Plain:
    """The queue as anybody would write it down."""

    slots: int = 1
    paused: bool = False
    queue: list = field(default_factory=list)
    running: dict = field(default_factory=dict)
    states: dict = field(default_factory=dict)
    about: dict = field(default_factory=dict)
    batch: list = field(default_factory=list)

    def add(self, uid, path, kind):
        if not self.queue and not self.running:
            self.batch = []
        self.batch.append(uid)
        self.queue.append(uid)
        self.about[uid] = (path, kind)
        self.states[uid] = JobState.QUEUED
        self.fill()

    def fill(self):
        # A slot that was taken away while a job runs on it does not come in another's way.
        while free := [slot for slot in range(self.slots) if slot not in self.running]:
            if self.paused or not self.queue:
                return
            self.running[free[0]] = uid = self.queue.pop(0)
            self.states[uid] = JobState.RUNNING

    def end(self, uid, state):
        self.queue = [one for one in self.queue if one != uid]
        self.running = {slot: one for slot, one in self.running.items() if one != uid}
        self.states[uid] = state
        self.fill()

    def stop(self, uids):
        paused, self.paused = self.paused, True
        for uid in uids:
            self.end(uid, JobState.CANCELLED)
        self.paused = paused
        self.fill()

    def busy(self, path, kind):
        return any(self.about[uid] == (path, kind) for uid in [*self.queue, *self.running.values()])

    def undone(self):
        newest = {self.about[uid]: uid for uid in self.batch}
        return [uid for uid in self.batch if uid in newest.values() and self.states[uid] in UNDONE]

"""*Test connection*: can this machine run jobs of this folder; a line for each thing it takes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tomobatch.config.machines import MachineEntry
from tomobatch.errors import TomoBatchError
from tomobatch.machines import gpus
from tomobatch.machines.base import KEY_UNKNOWN, Machine, Reach
from tomobatch.machines.gpus import Gpu
from tomobatch.names import shown
from tomobatch.recon.engines import ENGINE_CHOICES, Engine, EngineKind, Offer, check_options
from tomobatch.recon.outputs import SCAN_SUFFIXES, results_folder
from tomobatch.station.connection_scripts import CLOCK, SEEN, SPACE, WRITABLE, free_bytes_of, why_not_seen
from tomobatch.station.engines import choose_engine
from tomobatch.station.far import is_far
from tomobatch.station.words import duration_text, size_text

LITTLE_BYTES = 10_000_000_000
SAME_CLOCK_S = 2.0
# What SSH says of keys; every other trouble on the way there means that nobody answered.
_AT_THE_DOOR = ("host-key", "login")
_INSIDE = frozenset({"no-home", "no-sessions", "programs-missing"})


class Topic(StrEnum):
    """What is asked, in this order; the value is what it is called."""

    REACH = "Reachable"
    KEYS = "Keys"
    ENGINE = "Engine"
    GPUS = "GPUs"
    DATA = "Data folder"
    OUTPUT = "Output folder"
    SPACE = "Free space"
    CLOCK = "Clock"


class Sign(StrEnum):
    """How an answer is to be taken."""

    GOOD = "good"
    NOTE = "note"
    """It works, but a person should know."""
    BAD = "bad"
    UNASKED = "unasked"


@dataclass(frozen=True)
class Line:
    """An answer: what was found, and what to do about it.

    Attributes
    ----------
    gpus
        How many GPUs were found, where that is what was asked.
    """

    topic: Topic
    sign: Sign
    words: str
    remedy: str = ""
    gpus: int | None = None


@dataclass(frozen=True)
class Patience:
    """Seconds until no answer is an answer: of the way there, of the engine, of anything else."""

    call_s: float = 30.0
    engine_s: float = 60.0
    probe_s: float = 15.0


async def probe_connection(
    machine: Machine, entry: MachineEntry, folder: Path | None, patience: Patience | None = None
) -> AsyncIterator[Line]:
    """Ask a machine all that a job there rests on; an answer that fails does not keep the others back.

    Parameters
    ----------
    machine
        Made from `entry`; it is not closed here.
    folder
        The open data folder, as this host sees it.
    """
    visit = _Visit(machine, entry, folder, patience or Patience())
    for line in await visit.door():
        yield line
    for topic, ask in visit.questions():
        yield await visit.answer(topic, ask)


class _Visit:
    def __init__(
        self, machine: Machine, entry: MachineEntry, folder: Path | None, patience: Patience
    ) -> None:
        self._machine, self._entry, self._folder, self._patience = machine, entry, folder, patience
        self._engine: Engine | None = None
        self._unasked: dict[Topic, str] = {}

    # -- the way there ----------------------------------------------------------------------

    async def door(self) -> list[Line]:
        """The first two lines; where it does not open, nothing else is asked."""
        if not is_far(self._machine):
            nothing = Line(Topic.KEYS, Sign.GOOD, "None needed.")
            return [Line(Topic.REACH, Sign.GOOD, "It is this machine."), nothing]
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(self._patience.call_s):
                await self._machine.call()
        except TimeoutError:
            return self._closed(TomoBatchError("unreachable", self._late(self._patience.call_s)))
        except TomoBatchError as error:
            return self._closed(error)
        took_ms = 1000 * (time.monotonic() - began_s)
        known = Line(Topic.KEYS, Sign.GOOD, "Its host key is known, and it takes yours.")
        return [Line(Topic.REACH, Sign.GOOD, f"It answers, in {took_ms:.0f} ms."), known]

    def _closed(self, error: TomoBatchError) -> list[Line]:
        self._give_up("the way there is not open")
        if error.code.startswith(_AT_THE_DOOR):
            return [
                Line(Topic.REACH, Sign.GOOD, "It answers."),
                Line(Topic.KEYS, Sign.BAD, error.sentence, _door_remedy(error.code, self._entry.host)),
            ]
        # Of a host that lets us in the sentence says what to do there.
        remedy = "" if error.code in _INSIDE else f"Try it in a terminal: ssh {self._entry.host}"
        return [
            Line(Topic.REACH, Sign.BAD, error.sentence, remedy),
            Line(Topic.KEYS, Sign.UNASKED, "Not asked: it was not reached."),
        ]

    def _late(self, seconds: float) -> str:
        return f"{self._entry.name} gave no answer within {seconds:g} s."

    def _give_up(self, why: str) -> None:
        self._unasked = dict.fromkeys(Topic, why)

    # -- all else ---------------------------------------------------------------------------

    def questions(self) -> Sequence[tuple[Topic, Callable[[], Awaitable[Line]]]]:
        """What is asked once it answers."""
        return (
            (Topic.ENGINE, self._ask_engine),
            (Topic.GPUS, self._ask_gpus),
            (Topic.DATA, self._ask_data),
            (Topic.OUTPUT, self._ask_output),
            (Topic.SPACE, self._ask_space),
            (Topic.CLOCK, self._ask_clock),
        )

    async def answer(self, topic: Topic, ask: Callable[[], Awaitable[Line]]) -> Line:
        """Ask one thing, unless that is of no use by now."""
        if topic in self._unasked:
            return Line(topic, Sign.UNASKED, f"Not asked: {self._unasked[topic]}.")
        try:
            return await ask()
        except TomoBatchError as error:
            if self._machine.standing.reach is Reach.LOST:
                self._give_up("it was lost meanwhile")
            if topic is Topic.DATA:
                self._without_data()
            return Line(topic, Sign.BAD, error.sentence, _REMEDIES.get(error.code, ""))
        except TimeoutError:
            return Line(topic, Sign.BAD, self._late(2 * self._patience.probe_s), _REMEDIES["timed-out"])

    async def _run(self, *argv: str) -> str:
        said = await self._machine.run_short(argv, self._patience.probe_s, {"LC_ALL": "C"})
        return said.stdout.decode("utf-8", "surrogateescape")

    async def _ask_engine(self) -> Line:
        wanted = self._entry.engine
        program = None if wanted in ENGINE_CHOICES else wanted
        engine, offer = await choose_engine(self._machine, wanted, program, self._patience.engine_s)
        self._engine = engine
        check_options(engine, offer, {})
        words = f"{_engine_words(engine)} in {shown(engine.program[0])}: {_offer_words(offer)}."
        return Line(Topic.ENGINE, Sign.GOOD, words)

    async def _ask_gpus(self) -> Line:
        async with asyncio.timeout(2 * self._patience.probe_s):
            found = await self._machine.gpus()
        if not found:
            return await self._without_gpus()
        return Line(Topic.GPUS, Sign.GOOD, gpu_words(found), gpus=len(found))

    async def _without_gpus(self) -> Line:
        if self._engine is not None and not self._engine.uses_gpu:
            return Line(Topic.GPUS, Sign.GOOD, "None was found; the CPU engine needs none.", gpus=0)
        why = "nvidia-smi found none."
        try:
            said = await self._machine.run_short(gpus.LIST, self._patience.probe_s)
            text = (said.stderr or said.stdout).decode("utf-8", "replace").strip()
            if said.exit_status and text:
                why = f"nvidia-smi says: {shown(text.splitlines()[0])}"
        except TomoBatchError as error:
            why = "there is no nvidia-smi." if error.code == "could-not-start" else error.sentence
        remedy = (
            "Ask whoever keeps the machine for its NVIDIA driver. Until then GPUs are counted as set here."
        )
        return Line(Topic.GPUS, Sign.BAD, f"No GPU was found: {why}", remedy, gpus=0)

    async def _ask_data(self) -> Line:
        if self._folder is None:
            self._without_data("no folder is open")
            return Line(Topic.DATA, Sign.UNASKED, "Not asked: no folder is open.")
        there = self._entry.there(str(self._folder))
        sample = await _one_scan(self._folder, self._patience.probe_s)
        said = _last_line(await self._run("sh", "-c", SEEN, "sh", there, sample))
        if said == "seen":
            with_it = f", with {shown(sample)} in it" if sample else ""
            return Line(Topic.DATA, Sign.GOOD, f"{shown(there)} is seen{with_it}.")
        self._without_data()
        words, remedy = why_not_seen(said, shown(there), shown(sample))
        return Line(Topic.DATA, Sign.BAD, words, remedy)

    def _without_data(self, why: str = "its data folder is not seen there") -> None:
        for topic in (Topic.OUTPUT, Topic.SPACE):
            self._unasked.setdefault(topic, why)

    def _results(self) -> str:
        """Where results of the open folder go, as the machine names it."""
        return self._entry.there(str(results_folder(self._folder or Path("/"))))

    async def _ask_output(self) -> Line:
        place = self._results()
        said = _last_line(await self._run("sh", "-c", WRITABLE, "sh", place))
        if said == "ok":
            return Line(Topic.OUTPUT, Sign.GOOD, f"{shown(place)} can be written.")
        why = said.rpartition(": ")[2] or "nothing was said"
        remedy = "Results go beside the data: whoever keeps that disk must let you write there."
        return Line(Topic.OUTPUT, Sign.BAD, f"{shown(place)} cannot be written: {shown(why)}.", remedy)

    async def _ask_space(self) -> Line:
        free_bytes = free_bytes_of(await self._run("sh", "-c", SPACE, "sh", self._results()))
        if free_bytes is None:
            return Line(Topic.SPACE, Sign.NOTE, "It cannot say how much there is.")
        words = f"{size_text(free_bytes)} where the results go."
        if free_bytes < LITTLE_BYTES:
            return Line(Topic.SPACE, Sign.NOTE, words, "Make room there before a batch of Fulls.")
        return Line(Topic.SPACE, Sign.GOOD, words)

    async def _ask_clock(self) -> Line:
        before_s = time.time()
        said = _last_line(await self._run(*CLOCK))
        after_s = time.time()
        if not (said.isascii() and said.isdecimal()):
            return Line(Topic.CLOCK, Sign.NOTE, "It cannot say what time it is.")
        # The answer was made somewhere between, and in whole seconds.
        ahead_s = int(said) + 0.5 - (before_s + after_s) / 2
        if abs(ahead_s) <= SAME_CLOCK_S + (after_s - before_s) / 2:
            return Line(Topic.CLOCK, Sign.GOOD, "The same time as here.")
        words = f"{duration_text(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'} this machine."
        return Line(
            Topic.CLOCK, Sign.NOTE, words, "Jobs do not mind; the times of files do. NTP would mend it."
        )


_REMEDIES = {
    "timed-out": "It hangs there, or the machine is very busy: try again, then look at it by hand.",
}


def _door_remedy(code: str, host: str) -> str:
    if code == KEY_UNKNOWN:
        return "Compare the fingerprint with whoever keeps the machine, then trust it."
    if code == "host-key-changed":
        name = host.rpartition("@")[2]
        return f"Ask whoever keeps the machine whether it was set up anew; only then: ssh-keygen -R {name}"
    return f"A login without a password is needed: ssh-copy-id {host}"


def _last_line(text: str) -> str:
    """What was printed last: before it an environment may have greeted."""
    return text.strip().rpartition("\n")[2]


def gpu_words(found: Sequence[Gpu]) -> str:
    """``4 × NVIDIA A100, 80 GB``; those that are alike are counted together."""
    kinds = Counter((gpu.name, gpu.memory_total_mib) for gpu in found)
    said = []
    for (name, memory_mib), count in kinds.items():
        memory = "" if memory_mib is None else f", {memory_mib / 1024:.0f} GB"
        said.append(f"{count} × {shown(name)}{memory}")
    return "; ".join(said) + "."


def _engine_words(engine: Engine) -> str:
    kinds = {EngineKind.CPU: "CPU engine", EngineKind.TOMOCUPY: "tomocupy", EngineKind.PROGRAM: "program"}
    return f"{kinds[engine.kind]} {engine.version}".strip()


def _offer_words(offer: Offer) -> str:
    phase = "retrieve-phase-method" in offer.steps
    return "Try, Full and phase retrieval" if phase else "Try and Full, no phase retrieval"


async def _one_scan(folder: Path, patience_s: float) -> str:
    """Name of some scan of the folder, to be looked for there; empty where none is found in time."""

    def look() -> str:
        names = (file.name for file in folder.iterdir() if file.name.lower().endswith(SCAN_SUFFIXES))
        return next(names, "")

    try:
        async with asyncio.timeout(patience_s):
            return await asyncio.get_running_loop().run_in_executor(None, look)
    except (OSError, TimeoutError):
        return ""

"""The question before a batch: what would run, what not, and what it takes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tomobatch.desktop.breathing import BREATH, breathe
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.engines import Engine, EngineKind, Offer
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import Value
from tomobatch.recon.outputs import results_folder
from tomobatch.recon.results import ResultState
from tomobatch.station.preparing import AUTO_COR, Prepared, prepare, refuse_busy
from tomobatch.station.words import size_text
from tomobatch.workspace import ScanRow

MOST_LISTED = 100
MOST_NAMED = 3

Wish = Callable[[ScanRow], Mapping[str, Value]]
Keep = Callable[[ScanRow], bool]


@dataclass
class Plan:
    """What would become of a batch.

    Attributes
    ----------
    ready
        Jobs that would run, with their scans.
    refused
        Sentences, one for each scan that would not.
    without_cor
        Scans that a Full was asked of and that have no COR.
    replaced
        How many complete results would be replaced.
    foreign
        How many results that were made elsewhere would be replaced.
    cpu_instead
        Whether nothing can run since the machine has no engine, and the embedded one could be taken.
    keep
        Whether results that would be replaced are kept.
    """

    kind: Kind
    ready: list[tuple[ScanRow, Prepared]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    without_cor: list[ScanRow] = field(default_factory=list)
    replaced: int = 0
    foreign: int = 0
    cpu_instead: bool = False
    keep: bool = False

    @property
    def is_to_be_asked(self) -> bool:
        """Whether even one row is asked about: something would be replaced, or there is another way."""
        return bool(self.replaced or self.foreign or self.without_cor or self.cpu_instead)

    @property
    def disk_bytes(self) -> int:
        """Forecast of the space that all results need."""
        return sum(prepared.disk_bytes for _, prepared in self.ready)


async def plan_run(
    kind: Kind,
    scans: Sequence[ScanRow],
    machine: str,
    engine: tuple[Engine, Offer],
    busy: Collection[tuple[str, Kind]],
    wish: Wish = lambda _: {},
    keep: Keep = lambda _: False,
) -> Plan:
    """Prepare a Try or a Full of scans, and note which cannot be; the window breathes in between.

    `wish` gives the options that people asked for, for a scan; `keep` whether its earlier result is kept.
    """
    plan = Plan(kind, keep=any(keep(scan) for scan in scans))
    for number, scan in enumerate(scans, 1):
        if number % BREATH == 0:
            await breathe()
        try:
            refuse_busy(kind, scan, busy)
            options = {**options_for(kind, scan, engine[0]), **wish(scan)}
            prepared = prepare(kind, scan, machine, engine, options, keep=keep(scan))
        except TomoBatchError as error:
            plan.refused.append(error.sentence)
            if error.code == "no-cor":
                plan.without_cor.append(scan)
            continue
        plan.ready.append((scan, prepared))
        result = scan.result(kind)
        plan.replaced += result is not None and result.state is ResultState.COMPLETE
        plan.foreign += result is not None and result.state is ResultState.ELSEWHERE
    return plan


def options_for(kind: Kind, scan: ScanRow, engine: Engine) -> dict[str, Value]:
    """Options of a run from the window: the embedded engine finds the COR for a Try of a scan without one."""
    finds = kind is Kind.TRY and scan.cor is None and engine.kind is EngineKind.CPU
    return {AUTO_COR: "auto"} if finds else {}


def engine_text(engine: Engine) -> str:
    """How an engine is named to people."""
    if engine.kind is EngineKind.CPU:
        return "CPU engine"
    return f"{Path(engine.program[0]).name} {engine.version}".strip()


def title_of(plan: Plan) -> str:
    """Title of the question."""
    count = len(plan.ready)
    if not count:
        return f"No {plan.kind.word} can be run"
    return f"Run {plan.kind.word} on {count} {'scan' if count == 1 else 'scans'}?"


def lines_of(plan: Plan, where: Sequence[str], hidden: int, free_bytes: int | None) -> list[str]:
    """What the question says.

    Parameters
    ----------
    where
        Machine, engine and slots in words, then what of the options is not standard.
    hidden
        How many of the selected rows the filter hides.
    free_bytes
        None where it could not be found out.
    """
    lines = [_names(plan), *where]
    if plan.disk_bytes:
        lines.append(f"Needs {size_text(plan.disk_bytes)}" + _free_text(plan.disk_bytes, free_bytes))
    if plan.replaced:
        word = "result is" if plan.replaced == 1 else "results are"
        what = "kept beside the new one" if plan.keep else "replaced when the new one is complete"
        lines.append(f"{plan.replaced} complete {plan.kind.word} {word} {what}.")
    if plan.foreign:
        word = "result that was" if plan.foreign == 1 else "results that were"
        lines.append(f"{plan.foreign} {plan.kind.word} {word} made elsewhere: replaced in the same way.")
    found = sum(AUTO_COR in prepared.job.request["options"] for _, prepared in plan.ready)
    if found:
        lines.append(f"{found} without a COR: it is looked for first, and the Try lies around it.")
    middle = sum(bool(prepared.notes) for _, prepared in plan.ready)
    if middle:
        lines.append(f"{middle} without a COR: the Try lies around the middle of the detector.")
    if hidden:
        lines.append(f"{hidden} of the selected rows are hidden by the filter.")
    return lines


def listed(refused: Sequence[str]) -> list[str]:
    """Sentences as far as anybody reads them, and how many more there are: each is a line to be drawn."""
    more = len(refused) - MOST_LISTED
    return [*refused[:MOST_LISTED], *([f"… and {more} more."] if more > 0 else [])]


def _names(plan: Plan) -> str:
    """Which scans: who pressed the wrong row sees it here."""
    names = [shown(scan.scan.file.name) for scan, _ in plan.ready]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _free_text(disk_bytes: int, free_bytes: int | None) -> str:
    if free_bytes is None:
        return "."
    if disk_bytes > free_bytes:
        return f", but only {size_text(free_bytes)} are free!"
    return f"; {size_text(free_bytes)} are free."


def free_bytes(folder: Path) -> int:
    """Free bytes where the results of a data folder lie; slow where the disk is."""
    results = results_folder(folder)
    return shutil.disk_usage(results if results.is_dir() else folder.parent).free

"""Reading a folder: its names at once, then what each scan is; knows no Qt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from tomobatch.desktop.breathing import keep
from tomobatch.recon.results import Result
from tomobatch.scans.catalogue import Catalogue
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.worker.client import Worker
from tomobatch.workspace import results_of

GATHER_S = 0.1
MANY = 10

Found = tuple[Scan, tuple[Result, ...]]


class Gatherer:
    """Passes on what is found ten times a second: each time rows change, the window is drawn."""

    def __init__(self, take: Callable[[Sequence[Found]], None]) -> None:
        self._take = take
        self._found: list[Found] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, found: Found) -> None:
        """Take one more."""
        self._found.append(found)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self.flush)

    def flush(self) -> None:
        """Pass on what is there, now."""
        found = self._found
        self.drop()
        if found:
            self._take(found)
        if len(found) > MANY:
            keep()

    def drop(self) -> None:
        """Forget what is there."""
        self._found = []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


Earlier = Mapping[Path, Scan]


async def look_at(
    catalogue: Catalogue,
    workers: Sequence[Worker],
    earlier: Earlier,
    files: Sequence[ScanFile],
    gather: Gatherer,
) -> None:
    """Inspect files, and look for their results.

    Parameters
    ----------
    workers
        Share the files among them.
    earlier
        What was found before: whole files that did not change are not opened again.

    Raises
    ------
    TomoBatchError
        As `Catalogue.scans`; what the other workers do ends with it.
    """
    looks = [
        asyncio.ensure_future(_look(replace(catalogue, worker=worker), earlier, share, gather))
        for number, worker in enumerate(workers)
        if (share := files[number :: len(workers)])
    ]
    try:
        await asyncio.gather(*looks)
    finally:
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        gather.flush()


async def _look(catalogue: Catalogue, earlier: Earlier, files: Sequence[ScanFile], gather: Gatherer) -> None:
    async with aclosing(catalogue.scans(earlier, files)) as scans:  # type: ignore[type-var]
        async for scan in scans:
            gather.add((scan, await results_of(catalogue.worker, scan.file)))


# Both run beside the window: 10,000 paths take longer than it may stand still.


def by_path(scans: Iterable[Scan]) -> Earlier:
    """Scans by the path of their file."""
    return {scan.file.path: scan for scan in scans}


def to_look_at(files: Iterable[ScanFile], scans: Iterable[Scan]) -> tuple[list[ScanFile], Earlier]:
    """Files that are new, have changed, or were being written at the last look; and what was found then."""
    earlier = by_path(scans)
    return [file for file in files if not _settled(earlier.get(file.path), file)], earlier


def _settled(before: Scan | None, file: ScanFile) -> bool:
    return before is not None and before.state is not ScanState.ACQUIRING and before.file.same_as(file)


def demo_folder() -> Path:
    """Where demo scans are put."""
    return Path.home() / "TomoBatch demo" / "scans"

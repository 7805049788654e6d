"""All scans of a folder, through the worker, as they are found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.scans.facts import Facts, facts_from_json
from tomobatch.scans.scan import Scan, ScanFile, ScanState, is_unfinished, judge
from tomobatch.worker.client import Worker

LIST_FOLDER = "tomobatch.scans.listing:list_folder"
INSPECT_FILE = "tomobatch.scans.facts:inspect_file"


@dataclass(frozen=True)
class Catalogue:
    """Lists and inspects the scans of one folder.

    Parameters
    ----------
    folder
        Absolute.
    worker
        Does what touches the disk.
    list_timeout_s, file_timeout_s
        How long the list, and each file, may take.
    look_again_s
        Pause before the second look at files that seem to have been given up: they may be growing
        under a clock that runs wrong.
    clock
        Seconds since 1970.
    """

    folder: Path
    worker: Worker
    list_timeout_s: float = 60.0
    file_timeout_s: float = 30.0
    look_again_s: float = 2.0
    clock: Callable[[], float] = field(default=time.time)

    async def scans(
        self, earlier: Mapping[Path, Scan] | None = None, files: Sequence[ScanFile] | None = None
    ) -> AsyncIterator[Scan]:
        """Give each scan as soon as it is judged, in natural order; doubtful ones come last.

        Parameters
        ----------
        earlier
            What an earlier run found, by path: whole files that did not change are not opened again.
        files
            What `files` gave a moment ago, or a part of it; the folder is listed when not given.

        Raises
        ------
        TomoBatchError
            ``folder-missing``, ``not-a-folder``, ``folder-unreadable``, ``no-answer``, ``worker-died``,
            ``worker-closed``.
        """
        known = earlier or {}
        doubtful: dict[Path, tuple[ScanFile, Facts]] = {}
        for file in await self.files() if files is None else files:
            before = known.get(file.path)
            facts = await self._facts(file, before)
            scan = judge(file, before.file if before else None, facts, self.clock())
            if is_unfinished(facts) and scan.state is not ScanState.ACQUIRING and not file.problem:
                doubtful[file.path] = (file, facts)
            else:
                yield scan
        async for scan in self._second_look(doubtful):
            yield scan

    async def files(self) -> list[ScanFile]:
        """Look at the folder, open nothing."""
        entries = await self.worker.call(
            LIST_FOLDER, str(self.folder), timeout_s=self.list_timeout_s, about=shown(self.folder)
        )
        # Beside the caller: 10,000 of them take longer than a window may stand still.
        return await asyncio.to_thread(self._as_files, entries, self.clock())

    def _as_files(self, entries: list[dict[str, Any]], now_s: float) -> list[ScanFile]:
        files = [ScanFile(self.folder / entry.pop("name"), seen_s=now_s, **entry) for entry in entries]
        for file in files:
            # A path makes its text when it is first asked for, and keeps it: here nobody waits for that.
            str(file.path)
        return files

    async def inspect(self, file: ScanFile) -> Facts:
        """Open one file; whatever is wrong with it is part of the answer.

        Raises
        ------
        TomoBatchError
            ``worker-closed``.
        """
        if file.problem:
            return Facts(None)
        try:
            answer = await self.worker.call(
                INSPECT_FILE, str(file.path), timeout_s=self.file_timeout_s, about=file.shown_name
            )
        except TomoBatchError as error:
            if error.code == "worker-closed":
                raise
            return Facts.of_error(error)
        return facts_from_json(answer)

    async def _facts(self, file: ScanFile, before: Scan | None) -> Facts:
        if before is not None and before.layout is not None and before.file.same_as(file):
            known = Facts(before.layout)
            if not is_unfinished(known):
                return known
        return await self.inspect(file)

    async def _second_look(self, doubtful: dict[Path, tuple[ScanFile, Facts]]) -> AsyncIterator[Scan]:
        if not doubtful:
            return
        await asyncio.sleep(self.look_again_s)
        for file in await self.files():
            if file.path in doubtful:
                first, facts = doubtful[file.path]
                yield judge(file, first, facts, self.clock())

"""A folder controller with its table, a real worker process and real files, for tests."""

import asyncio
import os
import time
from contextlib import asynccontextmanager

from desktop.scan_aid import Watched
from tomobatch.desktop.cors import Cors
from tomobatch.desktop.folder import Folder
from tomobatch.desktop.tasks import Tasks
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.worker.client import Worker
from unit.formats.files import write_dxchange
from unit.worker.aid import PROGRAM, share_import_path


class Recent:
    def __init__(self):
        self.recent_folders = []

    def remember_folder(self, folder):
        self.recent_folders = [folder, *(one for one in self.recent_folders if one != folder)]


class Desk:
    """A folder controller with its table."""

    def __init__(self):
        self.table, self.said, self.errors, self.recent = Watched(), [], [], Recent()
        self.model = self.table.model
        self.tasks = Tasks(self.errors.append)
        self.worker = Worker(PROGRAM)
        say = lambda *said: self.said.append(said)  # noqa: E731 - what the program passes is a function as well
        self.cors = Cors(self.model, self.tasks, say)
        self.folder = Folder(self.model, self.cors.editing, self.recent, self.tasks, say, worker=self.worker)
        self._changed = asyncio.Event()
        for told in (self.folder.changed, self.model.countsChanged, self.model.dataChanged):
            told.connect(lambda *_: self._changed.set())

    async def until(self, true):
        """Wait for something to become true; the test's own time limit ends it."""
        while not true():
            self._changed.clear()
            await self._changed.wait()

    async def open(self, path):
        self.folder.openPath(str(path))
        await self.until(lambda: not self.folder.loading)

    def statuses(self):
        return {row["name"]: row["status"] for row in self.table.rows()}

    async def refresh(self):
        self.folder.refresh()
        await self.until(lambda: not self.folder.loading)


@asynccontextmanager
async def new_desk(monkeypatch):
    share_import_path(monkeypatch)
    desk = Desk()
    yield desk
    await desk.folder.close()
    await desk.tasks.close()
    assert desk.errors == []


def make_data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("s_1.h5", "s_2.h5", "s_10.h5"):
        make_old(write_dxchange(folder / name))
    return folder


def make_old(path):
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def make_result(scan_path, kind=Kind.TRY):
    place = final_place(scan_path, kind)
    place.mkdir(parents=True)
    (place / "recon_slice00003_center4.50.tiff").touch()
    return place

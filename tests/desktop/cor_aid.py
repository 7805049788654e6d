"""A table of CORs in the window's process, with the real COR table on disk behind it, for tests."""

import asyncio
import threading
from contextlib import asynccontextmanager

from desktop.scan_aid import Watched
from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.table import CorSource, CorTable
from tomobatch.desktop.cor_book import CorBook
from tomobatch.desktop.cors import Cors
from tomobatch.desktop.tasks import Tasks

NAMES = ("a_1.h5", "a_2.h5", "a_3.h5", "b_1.h5")


class Desk:
    """A table with its editor and a real COR table on disk."""

    def __init__(self, folder):
        self.folder, self.said, self.errors = folder, [], []
        self.table = Watched().open(*NAMES)
        self.model = self.table.model
        self.tasks = Tasks(self.errors.append)
        self.cors = Cors(self.model, self.tasks, lambda *said: self.said.append(said))
        self.editing = self.cors.editing
        self.editing.open(CorBook(folder, None))

    def id(self, name):
        return self.table.id(name)

    def set(self, name, text):
        return self.cors.set(self.id(name), text)

    async def settle(self):
        while left := {*self.editing._under_way, *self.editing._of_before}:
            await asyncio.wait(left)

    @asynccontextmanager
    async def slow_disk(self):
        """What is asked for within is done at its end."""
        gate = threading.Event()
        self.editing._writer.submit(gate.wait, 10.0)
        try:
            yield
        finally:
            gate.set()
        await self.settle()

    def shown(self):
        return {
            row["name"]: (row["corText"], row["corSource"]) for row in self.table.rows() if row["corText"]
        }

    async def kept(self):
        await self.settle()
        entries = CorTable(self.folder).entries
        return {name: (f"{entry.value_px:.2f}", entry.source.value) for name, entry in entries.items()}

    def by_another(self, **values):
        CorTable(self.folder).set_cors(
            {f"{name}.h5": cor_px for name, cor_px in values.items()}, CorSource.AUTOMATIC
        )


def write_csv(desk, *lines):
    (desk.folder / CSV_NAME).write_text("\n".join(("Filename,COR", *lines)))

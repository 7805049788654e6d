"""The controller behind *Remove Selected from List*, with real files, a real station and a real worker."""

import asyncio
import shutil
import threading
import time
from contextlib import asynccontextmanager

import pytest

from desktop.folder_aid import Desk, make_data, make_old
from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.table import CorSource, CorTable
from tomobatch.desktop.removal import OPENING, Removal
from tomobatch.scans.hidden import HiddenScans
from tomobatch.station.station import Station
from unit.formats.files import write_dxchange
from unit.worker.aid import share_import_path

THREE = ["s_1.h5", "s_2.h5", "s_10.h5"]


class RemovalDesk(Desk):
    """A folder controller with its table, and what removes scans from it."""

    def __init__(self):
        super().__init__()
        self.log = []
        self.removal = Removal(
            self.model,
            self.table.selection,
            self.folder,
            self.cors.editing,
            self.tasks,
            lambda *said: self.said.append(said),
            lambda *line: self.log.append(line),
        )

    async def until(self, true):
        """Wait for something that no signal tells of; the test's own time limit ends it."""
        while not true():
            await asyncio.sleep(0.01)

    async def ask(self, *names):
        for name in names:
            self.table.selection.set(self.table.id(name), True)
        self.removal.ask()
        await self.until(lambda: not self.removal.checking)

    async def delete(self):
        self.removal.confirmDelete()
        assert self.removal.deleting
        await self.until(lambda: not self.removal.deleting)


@asynccontextmanager
async def opened(monkeypatch, folder):
    share_import_path(monkeypatch)
    desk = RemovalDesk()
    async with Station() as station:
        desk.removal.attach(station)
        desk.station = station
        await desk.open(folder)
        yield desk
        await desk.removal.close()
        await desk.folder.close()
        await desk.tasks.close()
    assert desk.errors == []


@pytest.fixture
async def data(tmp_path):
    return make_data(tmp_path)


@pytest.fixture
async def desk(monkeypatch, data):
    async with opened(monkeypatch, data) as made:
        yield made


def left(folder):
    return sorted(path.name for path in folder.glob("*.h5"))


async def test_before_the_queue_is_open_nothing_is_deleted(monkeypatch, data):
    share_import_path(monkeypatch)
    desk = RemovalDesk()
    await desk.open(data)
    await desk.ask("s_1.h5")
    assert desk.removal.problem == OPENING
    assert not desk.removal.canDelete
    desk.removal.confirmDelete()
    assert not desk.removal.deleting
    for part in (desk.removal, desk.folder, desk.tasks):
        await part.close()
    assert left(data) == sorted(THREE)


async def test_nothing_selected_asks_nothing(desk):
    asked = []
    desk.removal.asked.connect(lambda: asked.append(1))
    desk.removal.ask()
    assert asked == []


async def test_each_deletion_is_a_line_of_the_log_with_its_reason(desk, data):
    await desk.ask(*THREE)
    (data / "s_2.h5").unlink()
    await desk.delete()
    assert left(data) == []
    assert [(level, text, file) for level, text, _, _, file in desk.log] == [
        ("info", "s_1.h5: deleted from disk.", "s_1.h5"),
        ("warning", "s_2.h5 is not there any more.", "s_2.h5"),
        ("info", "s_10.h5: deleted from disk.", "s_10.h5"),
    ]
    kind, text = desk.said[-1]
    assert kind == "warning"
    assert text.startswith("2 files deleted (")
    assert text.endswith("Not deleted: 1. s_2.h5 is not there any more.")


async def test_a_question_that_is_closed_stops_the_search(desk):
    for name in THREE:
        desk.table.selection.set(desk.table.id(name), True)
    desk.removal.ask()
    search = desk.removal._task
    desk.removal.cancel()
    await asyncio.wait([search])
    assert search.cancelled()
    await desk.ask()
    assert desk.removal.canDelete
    assert desk.removal.deleteText == "Delete 3 files from disk"


async def test_it_can_be_stopped_after_the_file_that_is_under_way(desk, data):
    await desk.ask(*THREE)
    told = desk.removal._log

    def stop_at_first(*line):
        desk.removal.stop()
        told(*line)

    desk.removal._log = stop_at_first
    # Its row goes at once, not when somebody looks at the folder again.
    desk.folder._reading.cancel()
    await desk.delete()
    assert desk.table.names() == ["s_2.h5", "s_10.h5"]
    assert left(data) == ["s_10.h5", "s_2.h5"]
    assert desk.said[-1][0] == "warning"
    assert "Stopped: 2 were not reached." in desk.said[-1][1]


async def test_a_program_that_ends_finishes_the_file_that_is_under_way(desk, data):
    await desk.ask(*THREE)
    desk.removal.confirmDelete()
    await asyncio.sleep(0)
    await desk.removal.close()
    assert len(left(data)) in (2, 3)
    assert [line for line in desk.log if line[0] != "info"] == []


async def test_cors_go_with_their_scans_and_undo_does_not_bring_them_back(desk, data):
    (data / CSV_NAME).write_text("Filename,COR\ns_1.h5,3.0\ns_2.h5,4.0\n")
    await desk.refresh()
    await desk.until(lambda: desk.table.row("s_2.h5")["corText"])
    for name in ("s_1.h5", "s_2.h5"):
        assert desk.cors.set(desk.table.id(name), "5") == ""
    await desk.ask("s_1.h5")
    await desk.delete()
    desk.cors.undo()
    desk.cors.undo()
    await asyncio.wait(desk.tasks._running | {asyncio.create_task(asyncio.sleep(0))}, timeout=1)
    assert set(CorTable(data).entries) == {"s_2.h5"}
    assert (data / CSV_NAME).read_text() == "Filename,COR\ns_2.h5,4.0\n"


async def test_cors_of_the_right_folder_go_when_another_is_opened_meanwhile(desk, data, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    # Written anew, the one in `data` might still be taken for one that is being acquired.
    make_old(write_dxchange(other / "s_1.h5"))
    for folder in (data, other):
        CorTable(folder).set_cors({"s_1.h5": 3.0}, CorSource.TYPED)
    await desk.refresh()
    await desk.ask("s_1.h5")
    assert desk.removal.canDelete
    desk.removal.confirmDelete()
    desk.folder.openPath(str(other))
    await desk.until(lambda: not desk.removal.deleting and not desk.folder.loading)
    await desk.until(lambda: not CorTable(data).entries)
    assert "s_1.h5" in CorTable(other).entries
    assert desk.table.names() == ["s_1.h5"]


async def test_a_hidden_list_that_cannot_be_kept_is_said(desk, data):
    HiddenScans(data).path.parent.write_text("a file in its place")
    await desk.ask("s_1.h5")
    desk.removal.takeOff()
    await desk.until(lambda: any(kind == "error" for kind, _ in desk.said))
    assert "cannot be kept" in desk.said[-1][1]


async def test_rows_do_not_jump_back_while_what_is_hidden_is_kept(desk, data, monkeypatch):
    """One is taken off the list, and the other before the disk has answered about the first."""
    begun, go_on, shown, change = [], [threading.Event(), threading.Event()], [], HiddenScans.change

    def slow(hidden, hide, show):
        begun.append(sorted(hide))
        go_on[len(begun) - 1].wait(10)
        return change(hidden, hide, show)

    monkeypatch.setattr(HiddenScans, "change", slow)
    for name in THREE[:2]:
        desk.table.selection.none()
        await desk.ask(name)
        desk.removal.takeOff()
        shown.append(desk.table.names())
    await desk.until(lambda: begun)
    await asyncio.sleep(0.05)
    # Nothing overtakes the first on its way to the disk.
    assert begun == [["s_1.h5"]]
    for event in go_on:
        event.set()
        await asyncio.sleep(0.1)
        shown.append(desk.table.names())
    assert shown == [["s_2.h5", "s_10.h5"], ["s_10.h5"], ["s_10.h5"], ["s_10.h5"]]
    assert sorted(HiddenScans(data).read()) == ["s_1.h5", "s_2.h5"]


async def test_what_could_not_be_kept_is_not_shown_as_if_it_had_been(desk, data):
    await desk.ask("s_1.h5")
    desk.removal.takeOff()
    await desk.until(lambda: HiddenScans(data).read())
    shutil.rmtree(HiddenScans(data).path.parent)
    HiddenScans(data).path.parent.write_text("a file in its place")
    desk.table.selection.none()
    await desk.ask("s_2.h5")
    desk.removal.takeOff()
    assert desk.table.names() == ["s_10.h5"]
    await desk.until(lambda: desk.said[-1][0] == "error")
    await desk.until(lambda: desk.table.names() == ["s_2.h5", "s_10.h5"])


async def test_what_was_taken_off_just_before_the_program_ends_is_kept(desk, data, monkeypatch):
    change = HiddenScans.change
    monkeypatch.setattr(HiddenScans, "change", lambda *what: time.sleep(0.3) or change(*what))
    for name in THREE[:2]:
        desk.table.selection.none()
        await desk.ask(name)
        desk.removal.takeOff()
    await desk.removal.close()
    await desk.tasks.close()
    assert sorted(HiddenScans(data).read()) == ["s_1.h5", "s_2.h5"]


async def test_what_is_named_first_is_what_matters(desk, data):
    (data / "latest").symlink_to("s_2.h5")
    await desk.ask(*THREE)
    rows = desk.removal.rows
    names = {bytes(name.data()).decode(): role for role, name in rows.roleNames().items()}
    shown = [
        (rows.data(rows.index(row, 0), names["kind"]), rows.data(rows.index(row, 0), names["name"]))
        for row in range(rows.rowCount())
    ]
    assert shown == [("bad", "s_2.h5"), ("warn", "s_1.h5"), ("warn", "s_10.h5")]
    assert desk.removal.title == "Remove 3 scans from the list?"
    assert "3 have no Full." in desk.removal.warnings

"""Opening, reading and refreshing a folder, with a real worker process and real files."""

import asyncio
import os
import signal
import threading

import pytest
from PySide6.QtCore import QUrl

from desktop.folder_aid import make_data, make_old, make_result, new_desk
from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.table import CorSource, CorTable
from tomobatch.desktop.cor_book import CorBook
from unit.formats.files import write_dxchange


@pytest.fixture
async def desk(monkeypatch):
    async with new_desk(monkeypatch) as desk:
        yield desk


@pytest.fixture
def data(tmp_path):
    return make_data(tmp_path)


# -- opening ----------------------------------------------------------------------------------


async def test_a_folder_is_opened_read_and_remembered(desk, data):
    told = []
    desk.folder.changed.connect(lambda: told.append((desk.folder.loading, desk.folder.found)))
    desk.folder.openPath(str(data))
    assert (desk.folder.path, desk.folder.loading, desk.folder.isOpen) == (str(data), True, False)
    await desk.until(lambda: not desk.folder.loading)
    assert desk.statuses() == {"s_1.h5": "Ready", "s_2.h5": "Ready", "s_10.h5": "Ready"}
    assert (desk.folder.isOpen, desk.folder.found, desk.folder.inspected) == (True, 3, 3)
    assert desk.folder.recent == [str(data)]
    assert desk.folder.problem == ""
    assert (True, 3) in told


async def test_names_come_before_what_is_in_the_files(desk, data):
    desk.folder.openPath(str(data))
    await desk.until(lambda: desk.model.fileCount == 3)
    assert set(desk.statuses().values()) == {""}
    assert desk.folder.loading


async def test_results_are_found(desk, data):
    make_result(data / "s_2.h5")
    await desk.open(data)
    assert [row["canViewTry"] for row in desk.table.rows()] == [False, True, False]


@pytest.mark.parametrize("name", ["missing", "data/s_1.h5"])
async def test_what_is_no_folder_is_said(desk, data, name):
    await desk.open(data.parent / name)
    assert not desk.folder.isOpen
    assert name.rpartition("/")[2] in desk.folder.problem
    assert desk.folder.recent == []
    await desk.open(data)
    assert (desk.folder.problem, desk.folder.isOpen) == ("", True)


async def test_a_folder_that_appears_later_is_read_by_refresh(desk, tmp_path):
    await desk.open(tmp_path / "late")
    (tmp_path / "late").mkdir()
    await desk.refresh()
    assert (desk.folder.isOpen, desk.folder.problem) == (True, "")


async def test_a_folder_that_went_is_said_and_its_rows_stay(desk, data):
    await desk.open(data)
    data.rename(data.with_name("moved"))
    await desk.refresh()
    assert "does not exist" in desk.folder.problem
    assert desk.model.fileCount == 3


async def test_refresh_without_a_folder_does_nothing(desk):
    desk.folder.refresh()
    desk.folder.openPath("  ")
    desk.cors.loadCsv()
    desk.cors.saveCsv()
    assert (desk.folder.path, desk.folder.loading) == ("", False)


async def test_a_folder_by_url(desk, data):
    desk.folder.openUrl(QUrl.fromLocalFile(str(data)))
    await desk.until(lambda: desk.folder.isOpen)
    desk.folder.openUrl(QUrl("https://example.org/data"))
    assert "no folder of this computer" in desk.folder.problem


async def test_a_folder_in_the_home_by_its_short_name(desk, own_home):
    (own_home / "scans").mkdir()
    await desk.open("~/scans/")
    assert (desk.folder.path, desk.folder.isOpen) == (str(own_home / "scans"), True)


async def test_a_home_of_nobody(desk):
    await desk.open("~nobody-of-that-name/scans")
    assert "does not exist" in desk.folder.problem


async def test_opening_another_folder_leaves_the_first(desk, data, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write_dxchange(other / "o.h5")
    desk.folder.openPath(str(data))
    await desk.until(lambda: desk.model.fileCount == 3)
    desk.folder.openPath(str(other))
    assert (desk.model.fileCount, desk.folder.isOpen) == (0, False)
    await desk.until(lambda: not desk.folder.loading)
    assert list(desk.statuses()) == ["o.h5"]
    assert desk.folder.recent[0] == str(other)


async def test_a_hung_file_holds_neither_the_window_nor_another_folder(desk, data, tmp_path):
    # The worker stands still as on a disk that hangs.
    await desk.open(data)
    child = desk.worker._child
    os.kill(child.pid, signal.SIGSTOP)
    desk.folder.refresh()
    while not desk.worker._turn.locked():
        await asyncio.sleep(0)
    assert desk.folder.loading
    other = tmp_path / "other"
    other.mkdir()
    await desk.open(other)
    assert (desk.folder.isOpen, desk.folder.problem) == (True, "")


async def test_an_unreadable_scan_says_why(desk, data):
    make_old((data / "s_2.h5").rename(data / "x.h5"))
    (data / "s_2.h5").write_bytes(b"nothing")
    make_old(data / "s_2.h5")
    await desk.open(data)
    row = desk.table.row("s_2.h5")
    assert (row["status"], row["noteBad"]) == ("Unreadable", True)
    assert row["note"]


# -- refresh ----------------------------------------------------------------------------------


async def test_refresh_finds_new_files_gone_files_and_new_results(desk, data):
    await desk.open(data)
    ids = {row["name"]: row["scanId"] for row in desk.table.rows()}
    desk.table.selection.set(ids["s_10.h5"], True)
    (data / "s_1.h5").unlink()
    make_old(write_dxchange(data / "s_3.h5"))
    make_result(data / "s_2.h5")
    await desk.refresh()
    assert list(desk.statuses()) == ["s_2.h5", "s_3.h5", "s_10.h5"]
    assert desk.table.row("s_2.h5")["canViewTry"]
    assert desk.table.id("s_10.h5") == ids["s_10.h5"]
    assert desk.table.selection.ids() == [ids["s_10.h5"]]


async def test_refresh_does_not_open_what_has_not_changed(desk, data):
    await desk.open(data)
    asked = []
    call = desk.worker.call

    async def noted(name, *arguments, **about):
        asked.append(name.rpartition(":")[2])
        return await call(name, *arguments, **about)

    desk.worker.call = noted
    await desk.refresh()
    assert asked.count("inspect_file") == 0
    assert asked.count("inspect_results") == 3


# -- CORs -------------------------------------------------------------------------------------


async def test_cors_of_the_table_and_the_csv_are_there_after_opening(desk, data):
    CorTable(data).set_cors({"s_1.h5": 3.0}, CorSource.TYPED)
    (data / CSV_NAME).write_text("Filename,COR\ns_1.h5,4\ns_2.h5,5\n")
    await desk.open(data)
    await desk.until(lambda: desk.table.row("s_2.h5")["corText"] == "5.00")
    assert desk.table.row("s_1.h5")["corText"] == "3.00"
    assert [kind for kind, _ in desk.said] == ["warning"]


async def test_refresh_loads_a_changed_csv(desk, data):
    await desk.open(data)
    (data / CSV_NAME).write_text("Filename,COR\ns_2.h5,5\n")
    await desk.refresh()
    await desk.until(lambda: desk.table.row("s_2.h5")["corText"] == "5.00")


async def test_the_buttons_load_and_save(desk, data):
    await desk.open(data)
    desk.cors.set(desk.table.id("s_1.h5"), "3")
    desk.cors.saveCsv()
    desk.cors.set(desk.table.id("s_1.h5"), "4")
    desk.cors.loadCsv()
    await desk.until(lambda: desk.table.row("s_1.h5")["corText"] == "3.00" and len(desk.said) == 2)
    desk.cors.undo()
    assert desk.table.row("s_1.h5")["corText"] == "4.00"


async def test_what_was_typed_last_is_kept_when_the_program_ends(desk, data):
    await desk.open(data)
    desk.cors.set(desk.table.id("s_1.h5"), "3")
    await desk.folder.close()
    assert CorTable(data).entries["s_1.h5"].value_px == 3.0


async def test_a_csv_that_hangs_holds_neither_another_folder_nor_the_end(desk, data, tmp_path, monkeypatch):
    monkeypatch.setattr("tomobatch.desktop.cor_keeping.CLOSE_S", 0.1)
    other = tmp_path / "other"
    other.mkdir()
    write_dxchange(other / "o.h5")
    CorTable(other).set_cors({"o.h5": 5.0}, CorSource.TYPED)
    await desk.open(data)
    hangs = threading.Event()
    # What a read on a mount that has gone does; a pipe is not opened.
    monkeypatch.setattr(CorBook, "load_csv", lambda *_: hangs.wait())
    desk.cors.loadCsv()
    await desk.open(other)
    await desk.until(lambda: desk.table.row("o.h5")["corText"] == "5.00")
    desk.cors.set(desk.table.id("o.h5"), "4")
    async with asyncio.timeout(20):
        while CorTable(other).entries["o.h5"].value_px != 4.0:
            await asyncio.sleep(0.01)
        await desk.folder.close()
    hangs.set()


# -- demo scans -------------------------------------------------------------------------------


async def test_demo_scans_are_made_once(desk, own_home):
    desk.folder.makeDemo()
    await desk.until(lambda: not desk.folder.loading)
    place = own_home / "TomoBatch demo" / "scans"
    assert desk.folder.path == str(place)
    assert set(desk.statuses().values()) == {"Ready"}
    assert len(desk.statuses()) == 5
    made = {path.name: path.stat().st_mtime_ns for path in place.iterdir()}
    desk.folder.makeDemo()
    await desk.until(lambda: not desk.folder.loading)
    assert {path.name: path.stat().st_mtime_ns for path in place.iterdir()} == made


async def test_demo_scans_are_made_after_a_refresh_in_between_too(desk):
    desk.folder.makeDemo()
    while not desk.worker._turn.locked():
        await asyncio.sleep(0)
    await desk.refresh()
    assert (desk.folder.problem, desk.folder.found) == ("", 5)


async def test_demo_scans_that_cannot_be_made_are_said(desk, own_home):
    (own_home / "TomoBatch demo").write_text("a file")
    desk.folder.makeDemo()
    await desk.until(lambda: not desk.folder.loading)
    assert "No demo scans" in desk.folder.problem
    assert not desk.folder.isOpen

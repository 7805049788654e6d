"""The table through a day's work: batches, failures, refreshes, scans replaced under their names."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.live import demo_scans
from desktop.screenshots import damage
from desktop.sizes import LARGE_DAILY
from desktop.steps import cell, folder_is_read, has_status, picture_is_shown, read_banners, rest, status
from desktop.test_table_hands import COLUMN, MANY, chosen, ids, many, top
from tomobatch.cor.csv_file import CSV_NAME

__all__ = ["many"]


async def type_cor(hands, row, text):
    """By keyboard, in the table itself."""
    hands.item("scanList").forceActiveFocus()
    await hands.key(Qt.Key.Key_Home)
    await hands.key(Qt.Key.Key_Down, times=hands.app.scans.rowOf(row))
    for _ in range(8):
        await hands.key(Qt.Key.Key_Left)
    await hands.key(Qt.Key.Key_Right)
    await hands.key(Qt.Key.Key_Return)
    await hands.type(text)
    await hands.key(Qt.Key.Key_Return)
    await hands.wait(lambda: cell(hands, row, "corText"), "the COR is taken")
    await hands.key(Qt.Key.Key_Escape)


async def confirm(hands, button):
    await hands.click(button)
    await hands.click("runConfirm")


# -- the controls above the table -------------------------------------------------------------


async def the_controls(hands, path):
    await folder_is_read(hands, 2)
    folder = Path(path)
    shutil.copy(folder / "demo_0001.h5", folder / "demo_0010.h5")
    await hands.click("refresh")
    await folder_is_read(hands, 3)
    rows = ids(hands)
    await hands.click("selectAll")
    assert chosen(hands) == [0, 1, 2]
    await hands.click("deselectAll")
    assert chosen(hands) == []
    await type_cor(hands, rows[0], "31.5")
    assert cell(hands, rows[0], "corText") == "31.50"
    await hands.click("saveCsv")
    await hands.wait((folder / CSV_NAME).is_file, "the CORs are saved")
    assert (folder / CSV_NAME).read_text().split() == ["Filename,COR", "demo_0001.h5,31.5"]
    (folder / CSV_NAME).write_text("Filename,COR\ndemo_0001.h5,30\ndemo_0010.h5,29\n")
    await hands.click("loadCsv")
    await hands.wait(lambda: [cell(hands, row, "corText") for row in rows] == ["30.00", "", "29.00"])


@pytest.mark.parametrize("size", LARGE_DAILY)
def test_refresh_save_load_select_and_deselect(play, tmp_path, size):
    folder = demo_scans(tmp_path, 2)
    play(the_controls, folder, path=str(folder), size=size)


# -- a batch, and what failed of it -----------------------------------------------------------


async def a_batch(hands):
    await hands.click("refresh")
    await folder_is_read(hands, 3)
    rows = ids(hands)
    await type_cor(hands, rows[0], "32")
    await hands.click("selectAll")
    await confirm(hands, "runTry")
    await hands.wait(lambda: hands.app.queue.active, "jobs run")
    # What is seen while they run is said by the rows themselves, and by the states that can be picked.
    await hands.wait(lambda: any(status(hands, row).startswith("Running Try on") for row in rows))
    await rest(hands)
    for row in rows[:2]:
        await has_status(hands, row, "Try Complete")
    await has_status(hands, rows[2], "Try Failed")
    await read_banners(hands)


async def what_failed_is_run_again(hands, path):
    folder = Path(path)
    await a_batch(hands)
    rows = ids(hands)
    # Which one failed, and why.
    await hands.tap("stateFilter")
    await hands.tap("state_failed")
    assert ids(hands) == [rows[2]]
    assert cell(hands, rows[2], "note")
    await hands.tap("searchClear")
    # What is complete is deselected, by one way or the other.
    assert chosen(hands) == [0, 1, 2]
    await hands.slide("scanList", (COLUMN, middle(hands, 0)), (COLUMN, middle(hands, 1)))
    assert chosen(hands) == [2]
    await hands.tap("deselectAll")
    if hands.items("selectSome"):
        await hands.tap("selectSome")
        await hands.tap("select_failed")
    else:
        await hands.wait(lambda: hands.words("select_failed") == "Select failed (1)")
        await hands.tap("select_failed")
    assert chosen(hands) == [2]
    # What was wrong is put right, and it runs.
    shutil.copy(folder / "demo_0001.h5", folder / "new.part")
    (folder / "new.part").replace(folder / "demo_0003.h5")
    await hands.wait(lambda: status(hands, rows[2]) == "Ready", "another file is no failure")
    assert chosen(hands) == [2]
    await hands.tap("runTry")
    await hands.tap("runConfirm")
    await has_status(hands, rows[2], "Try Complete")
    assert [status(hands, row) for row in rows] == ["Try Complete"] * 3
    await hands.wait(lambda: hands.app.tally.failed == 0)


def middle(hands, row):
    """Middle of a row of a list that is not scrolled, as a share of its height."""
    return (row + 0.5) * hands.item("row", ids(hands)[row]).height() / hands.item("scanList").height()


@pytest.mark.parametrize("size", LARGE_DAILY)
def test_what_failed_is_found_and_run_again(play, tmp_path, size):
    folder = demo_scans(tmp_path, 3, 64)
    damage(folder / "demo_0003.h5")
    play(what_failed_is_run_again, folder, path=str(folder), size=size, timeout_s=120)


# -- nothing gets lost ------------------------------------------------------------------------


async def refreshed_while_jobs_run(hands, path):
    await folder_is_read(hands, MANY)
    folder, app = Path(path), hands.app
    rows = ids(hands)
    for row in rows[20:26]:
        app.selection.set(row, True)
    await confirm(hands, "runTry")
    await hands.wait(lambda: app.queue.active, "jobs run")
    assert app.cors.set(rows[30], "12.5") == ""
    hands.item("scanList").forceActiveFocus()
    await hands.key(Qt.Key.Key_Home)
    await hands.key(Qt.Key.Key_Down, times=28)
    before = seen(hands)
    assert before["top"] > 0
    for number in range(3):
        shutil.copy(folder / "demo_0001.h5", folder / f"aaa_{number}.h5")
    await hands.click("refresh")
    await folder_is_read(hands, MANY + 3)
    assert app.scans.rowOf(rows[0]) == 3
    assert seen(hands) == before
    await hands.click("header1")
    await hands.click("header1")
    app.scans.setProperty("filter", "state:ready")
    app.scans.setProperty("filter", "")
    after = seen(hands)
    assert (after["chosen"], after["cor"], after["cursor"]) == (
        before["chosen"],
        before["cor"],
        before["cursor"],
    )
    await rest(hands)
    assert [status(hands, row) for row in rows[20:26]] == ["Try Complete"] * 6


def seen(hands):
    """What a person would miss: the row at the top and how much of it, cursor, selection, a COR."""
    the_list, scans = hands.item("scanList"), hands.app.scans
    height = hands.item("row", scans.idAt(the_list.property("currentIndex"))).height()
    return {
        "top": scans.idAt(int(top(hands) // height)),
        "below": round(top(hands) % height),
        "cursor": scans.idAt(the_list.property("currentIndex")),
        "chosen": sorted(hands.app.selection.ids()),
        "cor": cell(hands, hands.row_id("demo_0031.h5"), "corText"),
    }


@pytest.mark.parametrize("size", LARGE_DAILY)
def test_a_refresh_while_jobs_run_moves_nothing(play, tmp_path, many, size):
    folder = tmp_path / "scans"
    shutil.copytree(many, folder)
    play(refreshed_while_jobs_run, folder, path=str(folder), size=size, timeout_s=120)


async def many_rows_go_and_come(hands, path):
    await folder_is_read(hands, 4 * MANY)
    rows, folder = ids(hands), Path(path)
    hands.item("scanList").forceActiveFocus()
    await hands.key(Qt.Key.Key_End)
    cursor, shown_top = hands.item("scanList").property("currentIndex"), top(hands)
    assert (cursor, shown_top > 0) == (4 * MANY - 1, True)
    # So many places at once that the table is made anew: the rows that are seen stay where they are.
    height = hands.item("row", rows[-1]).height()
    first = hands.app.scans.idAt(int(shown_top // height))
    for number in range(1, 4 * MANY - 20, 2):
        (folder / f"demo_{number:04d}.h5").unlink()
    await hands.click("refresh")
    await folder_is_read(hands, 4 * MANY - 70)
    await hands.wait(lambda: hands.app.scans.idAt(int(top(hands) // height)) == first, "nothing has moved")
    assert hands.app.scans.idAt(hands.item("scanList").property("currentIndex")) == rows[-1]


def test_the_rows_that_are_seen_stay_when_many_others_go(play, tmp_path, many):
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(1, 4 * MANY + 1):
        (folder / f"demo_{number:04d}.h5").hardlink_to(many / "demo_0001.h5")
    play(many_rows_go_and_come, folder, path=str(folder))


# -- results on disk --------------------------------------------------------------------------


async def replaced(hands, path):
    await folder_is_read(hands, 2)
    row, _ = ids(hands)
    folder = Path(path)
    await hands.click("try", row)
    await has_status(hands, row, "Try Complete")
    assert hands.app.tally.withoutFull == 2
    shutil.copy(folder / "demo_0002.h5", folder / "new.part")
    (folder / "new.part").replace(folder / "demo_0001.h5")
    await has_status(hands, row, "Ready")
    await hands.read("Try on disk is of another file")
    hands.grab("stale")
    # It can still be looked at.
    await hands.click("viewTry", row)
    await picture_is_shown(hands, row, "try")
    # For a while after it changed it counts as being written.
    await has_status(hands, row, "Ready")
    return cell(hands, row, "note")


async def still_replaced(hands, note):
    await folder_is_read(hands, 2)
    row, _ = ids(hands)
    await has_status(hands, row, "Ready")
    assert cell(hands, row, "note") == note


@pytest.mark.slow
def test_the_result_of_another_file_of_this_name_is_not_believed(play, tmp_path):
    folder = demo_scans(tmp_path, 2)
    note = play(replaced, folder, path=str(folder))
    assert note == "Try on disk is of another file of this name"
    play(still_replaced, folder, note=note)


async def a_try_after_a_full(hands):
    await folder_is_read(hands, 1)
    (row,) = ids(hands)
    await type_cor(hands, row, "32")
    await hands.click("full", row)
    await has_status(hands, row, "Full Complete")
    await hands.click("try", row)
    await has_status(hands, row, "Try Complete")
    # Where it is looked at again the newest is told of, too.
    await hands.click("refresh")
    await folder_is_read(hands, 1)
    assert status(hands, row) == "Try Complete"


async def the_better_one(hands):
    await folder_is_read(hands, 1)
    (row,) = ids(hands)
    await has_status(hands, row, "Full Complete")


@pytest.mark.slow
def test_a_new_try_is_told_of_until_the_next_start(play, tmp_path):
    folder = demo_scans(tmp_path, 1)
    play(a_try_after_a_full, folder)
    play(the_better_one, folder)


async def not_whole(hands, path):
    await folder_is_read(hands, 2)
    first, _ = ids(hands)
    results = Path(path).with_name("scans_rec")
    await type_cor(hands, first, "32")
    await hands.click("full", first)
    await has_status(hands, first, "Full Complete")
    (results / "demo_0001_rec" / "recon_00000.tiff").unlink()
    elsewhere = results / "demo_0002_rec"
    elsewhere.mkdir(parents=True)
    for number in range(14):
        (elsewhere / f"recon_{number:05d}.tiff").write_bytes(b"")
    await hands.click("refresh")
    await has_status(hands, first, "Ready")
    await hands.read("Full incomplete: ")
    await hands.read("Full: 14 slices made elsewhere")
    assert hands.app.tally.withoutFull == 2


@pytest.mark.parametrize("size", LARGE_DAILY)
def test_what_is_not_whole_or_made_elsewhere_is_read_in_the_row(play, tmp_path, size):
    folder = demo_scans(tmp_path, 2)
    play(not_whole, folder, path=str(folder), size=size)

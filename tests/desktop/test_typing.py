"""CORs typed in the live table: what was typed counts, and nothing else does."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QWindow

from desktop.live import demo_scans, live_story
from desktop.steps import cell, folder_is_read
from tomobatch.cor.table import CorSource, CorTable

CONTROL = Qt.KeyboardModifier.ControlModifier


async def begin(hands, name="demo_0001.h5"):
    """Begin to type in a row; its id."""
    await folder_is_read(hands, 3)
    row = hands.row_id(name)
    await hands.click("cor", row)
    await hands.wait(lambda: hands.items("corEditor"))
    return row


def cors_of_jobs(hands):
    jobs = hands.app.queue._bridge.jobs.values()
    return {Path(row.job.path).name: row.job.request["cor_px"] for row in jobs}


@pytest.mark.parametrize("how", ["click", "tap"])
def test_the_button_of_the_row_takes_what_is_being_typed(play, tmp_path, how):
    play(types_and_runs, demo_scans(tmp_path), how=how)


async def types_and_runs(hands, how):
    await folder_is_read(hands, 3)
    hands.app.cors.set(hands.row_id("demo_0001.h5"), "30")
    row = await begin(hands)
    await hands.type("33.5")
    await getattr(hands, how)("full", row)
    await hands.wait(lambda: cors_of_jobs(hands))
    assert cors_of_jobs(hands) == {"demo_0001.h5": 33.5}
    assert cell(hands, row, "corText") == "33.50"


@live_story(scans=3)
async def test_nothing_runs_on_what_was_refused(hands):
    await folder_is_read(hands, 3)
    hands.app.cors.set(hands.row_id("demo_0001.h5"), "30")
    row = await begin(hands)
    await hands.type("3o")
    await hands.click("full", row)
    await hands.wait(lambda: hands.items("corRefusal"))
    assert cors_of_jobs(hands) == {}


@live_story(scans=3)
async def test_what_is_typed_after_a_column_that_was_refused_in_part_counts(hands):
    QGuiApplication.clipboard().setText("31\nabc\n")
    row = await begin(hands)
    await hands.key(Qt.Key.Key_V, CONTROL)
    await hands.wait(lambda: hands.items("corRefusal"))
    assert cell(hands, row, "corText") == hands.words("corEditor") == "31.00"
    await hands.type("35.5")
    await hands.click("selectAll")
    assert cell(hands, row, "corText") == "35.50"


@live_story(scans=3)
async def test_a_cor_that_an_engine_finds_meanwhile_does_not_mix_with_what_is_typed(hands):
    row = await begin(hands)
    await hands.type("32")
    CorTable(Path(hands.app.folder.path)).offer({"demo_0001.h5": 30.0}, CorSource.AUTOMATIC)
    hands.app.folder._cors.reload()
    await hands.wait(lambda: cell(hands, row, "corText") == "30.00")
    await hands.type(".5")
    await hands.key(Qt.Key.Key_Return)
    assert (cell(hands, row, "corText"), cell(hands, row, "corSource")) == ("32.50", "typed")


@live_story(scans=3)
async def test_one_who_turns_to_another_window_goes_on_typing_later(hands):
    row = await begin(hands)
    await hands.type("3")
    other = QWindow()
    other.show()
    other.requestActivate()
    await hands.wait(lambda: not hands.item("corEditor").hasActiveFocus())
    assert cell(hands, row, "corText") == ""
    other.close()
    hands.window.requestActivate()
    await hands.wait(lambda: hands.item("corEditor").hasActiveFocus())
    await hands.type("3")
    await hands.key(Qt.Key.Key_Return)
    assert cell(hands, row, "corText") == "33.00"


@pytest.mark.parametrize("filtered", ["", "state:ready"])
def test_rows_do_not_move_while_one_types(play, tmp_path, filtered):
    play(types_while_scans_come, demo_scans(tmp_path), filtered=filtered)


async def types_while_scans_come(hands, filtered):
    await folder_is_read(hands, 3)
    scans, folder = hands.app.scans, Path(hands.app.folder.path)
    scans.sortBy(1)
    assert scans.sortDescending
    scans.filter = filtered
    row = await begin(hands, "demo_0002.h5")
    await hands.type("3")
    shutil.copy(folder / "demo_0001.h5", folder / "demo_0009.h5")
    await folder_is_read(hands, 4)
    if filtered:
        hands.app.runs.run("try", row)
        await hands.wait(lambda: cell(hands, row, "statusKind") != "ready")
    await hands.frame()
    assert cell(hands, row, "corText") == ""
    await hands.type("3")
    await hands.key(Qt.Key.Key_Return)
    await hands.key(Qt.Key.Key_Escape)
    assert scans.known(row).cor.value_px == 33.0
    # They come to their places once it is over.
    await hands.wait(lambda: scans.idAt(0) == hands.row_id("demo_0009.h5"))


@live_story(scans=3)
async def test_a_column_is_pasted_where_the_cursor_is_seen(hands):
    await folder_is_read(hands, 3)
    rows = [hands.row_id(f"demo_000{number}.h5") for number in (1, 2, 3)]
    await hands.click("row", rows[0], (0.15, 0.5))
    hands.app.scans.filter = "0003"
    await hands.wait(lambda: hands.app.scans.shownCount == 1)
    await hands.frame()
    hands.app.scans.filter = ""
    await hands.frame()
    seen = hands.app.scans.idAt(hands.item("scanList").property("currentIndex"))
    hands.item("scanList").forceActiveFocus()
    QGuiApplication.clipboard().setText("33")
    await hands.key(Qt.Key.Key_V, CONTROL)
    assert [row for row in rows if cell(hands, row, "corText")] == [seen]

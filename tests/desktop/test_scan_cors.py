"""CORs in the table: shown at once, written in order, taken back where they cannot be; undo and redo."""

import asyncio
import concurrent.futures
import fcntl

import pytest

from desktop.cor_aid import NAMES, Desk
from desktop.scan_aid import LAYOUT, files, scan
from tomobatch.cor.table import CorTable, table_path
from tomobatch.desktop.cor_book import CorBook
from tomobatch.errors import TomoBatchError


async def test_a_typed_cor_is_shown_at_once_and_kept(desk):
    desk.table.take()
    assert desk.set("a_2.h5", " 1024,5 ") == ""
    assert desk.table.take() == [("data", 1, 1, {"corText", "corSource", "canFull", "display"})]
    assert desk.shown() == {"a_2.h5": ("1024.50", "typed")}
    assert await desk.kept() == desk.shown()


@pytest.mark.parametrize(
    ("text", "part"), [("abc", "not a number"), ("-1", "negative"), ("2448", "0 to 2447")]
)
async def test_nonsense_is_refused_with_a_sentence(desk, text, part):
    assert part in desk.set("a_1.h5", text)
    assert desk.shown() == await desk.kept() == {}
    assert not desk.cors.canUndo


async def test_the_last_column_of_the_detector_is_taken(desk):
    assert desk.set("a_1.h5", str(LAYOUT.columns - 1)) == ""


async def test_an_empty_field_takes_the_cor_away(desk):
    desk.set("a_1.h5", "7")
    desk.set("a_1.h5", "")
    assert desk.shown() == await desk.kept() == {}
    desk.cors.undo()
    assert desk.shown() == {"a_1.h5": ("7.00", "typed")}


async def test_clearing_where_there_is_nothing_is_no_step(desk):
    desk.cors.set(desk.id("a_1.h5"), "")
    assert not desk.cors.canUndo


async def test_enter_on_a_cor_that_was_not_changed_does_not_make_it_typed(desk):
    desk.by_another(a_1=7.5)
    desk.editing.reload()
    await desk.settle()
    desk.set("a_1.h5", "7.50")
    assert desk.shown() == {"a_1.h5": ("7.50", "automatic")}
    assert not desk.cors.canUndo


async def test_a_row_that_is_gone_takes_no_cor(desk):
    assert "not in the open folder" in desk.cors.set(999, "7")
    desk.cors.set(999, "")
    assert desk.cors.paste(999, "7") == ""
    assert "not in the open folder" in desk.cors.pick(999, 7.0)
    assert await desk.kept() == {}


async def test_a_picked_cor(desk):
    assert desk.cors.pick(desk.id("a_1.h5"), 296.0) == ""
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("296.00", "picked")}
    assert "outside" in desk.cors.pick(desk.id("a_1.h5"), 5000.0)


# -- undo and redo ----------------------------------------------------------------------------


async def test_undo_and_redo_bring_back_values_and_where_they_came_from(desk):
    desk.by_another(a_1=5.0)
    desk.editing.reload()
    await desk.settle()
    desk.cors.pick(desk.id("a_1.h5"), 6.0)
    desk.set("a_1.h5", "7")
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("6.00", "picked")}
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("5.00", "automatic")}
    assert (desk.cors.canUndo, desk.cors.canRedo) == (False, True)
    desk.cors.redo()
    desk.cors.redo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("7.00", "typed")}
    assert not desk.cors.canRedo


async def test_a_new_change_ends_redo(desk):
    desk.set("a_1.h5", "7")
    desk.cors.undo()
    desk.set("a_2.h5", "8")
    assert not desk.cors.canRedo
    desk.cors.redo()
    assert await desk.kept() == {"a_2.h5": ("8.00", "typed")}


async def test_undo_with_nothing_to_undo_does_nothing(desk):
    desk.cors.undo()
    desk.cors.redo()
    assert await desk.kept() == {}


async def test_what_can_be_undone_is_told(desk):
    told = []
    desk.cors.changed.connect(lambda: told.append((desk.cors.canUndo, desk.cors.canRedo)))
    desk.set("a_1.h5", "7")
    desk.cors.undo()
    assert told == [(True, False), (False, True)]


async def test_another_folder_has_no_steps_of_the_first_and_the_first_is_still_written(desk, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    desk.set("a_1.h5", "7")
    desk.model.clear()
    desk.editing.open(CorBook(other, None))
    desk.model.set_files(files(*NAMES))
    assert (desk.cors.canUndo, desk.shown()) == (False, {})
    assert await desk.kept() == {"a_1.h5": ("7.00", "typed")}
    assert desk.shown() == {}


# -- writing ----------------------------------------------------------------------------------


async def test_changes_are_written_in_their_order(desk):
    for number in range(30):
        desk.set("a_1.h5", str(number))
    assert desk.shown() == {"a_1.h5": ("29.00", "typed")}
    assert await desk.kept() == {"a_1.h5": ("29.00", "typed")}


async def test_rows_do_not_jump_back_while_changes_are_written(desk):
    seen = []
    desk.model.dataChanged.connect(lambda *_: seen.append(desk.table.row("a_1.h5")["corText"]))
    for number in range(5):
        desk.set("a_1.h5", str(number + 1))
    await desk.settle()
    assert seen == ["1.00", "2.00", "3.00", "4.00", "5.00"]


async def test_a_cor_that_cannot_be_kept_is_taken_back_and_said(desk):
    desk.set("a_1.h5", "7")
    await desk.settle()
    table_path(desk.folder).parent.rename(desk.folder / "moved")
    table_path(desk.folder).parent.write_text("a file where the folder should be")
    desk.set("a_1.h5", "8")
    assert desk.shown() == {"a_1.h5": ("8.00", "typed")}
    await desk.settle()
    assert desk.shown() == {"a_1.h5": ("7.00", "typed")}
    ((kind, sentence),) = desk.said
    assert (kind, "cannot be kept" in sentence) == ("error", True)
    # The step that failed is none: undo goes to what was before the last one that counted.
    desk.cors.undo()
    assert desk.shown() == {}


async def test_what_was_typed_after_a_refused_change_stays(desk, monkeypatch):
    monkeypatch.setattr(CorTable.__init__, "__kwdefaults__", {"lock_wait_s": 0.05})
    path = table_path(desk.folder)
    path.parent.mkdir(parents=True)
    with path.with_suffix(".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        desk.set("a_1.h5", "7")
        (refused,) = desk.editing._under_way
        desk.set("a_1.h5", "8")
        await refused
    assert desk.shown() == {"a_1.h5": ("8.00", "typed")}


async def test_cors_of_other_programs_and_of_engines_come_by_a_reload(desk):
    desk.by_another(b_1=9.0)
    desk.editing.reload()
    await desk.settle()
    assert desk.shown() == {"b_1.h5": ("9.00", "automatic")}
    assert not desk.cors.canUndo


@pytest.mark.parametrize("order", [[True, True], [True, False], [False, True]])
async def test_what_is_done_in_the_same_moment_is_shown(desk, order):
    """The table is read twice, say after a file was loaded, and the window takes notice of both at once."""
    desk.by_another(b_1=9.0)
    book = desk.editing._book

    def fails():
        raise TomoBatchError("csv-unreadable", "It cannot be read.")

    for works in order:
        desk.editing._hand_over(book, book.reload if works else fails)
    # The window stands still meanwhile.
    concurrent.futures.wait(desk.editing._writing)
    await desk.settle()
    assert desk.shown() == {"b_1.h5": ("9.00", "automatic")}
    assert len(desk.said) == order.count(False)


@pytest.mark.parametrize("where", ["in the thread", "in the window"])
async def test_after_something_unforeseen_the_table_shows_what_is_kept(desk, where):
    desk.by_another(b_1=9.0)
    book = desk.editing._book
    async with desk.slow_disk():
        desk.editing.reload()
        if where == "in the thread":
            desk.editing._hand_over(book, lambda: 1 / 0)
        else:
            desk.editing._hand_over(book, book.reload, lambda _: 1 / 0)
    assert desk.shown() == {"b_1.h5": ("9.00", "automatic")}
    assert "division by zero" in desk.errors.pop()


async def test_a_cor_whose_writing_broke_is_taken_back(desk, monkeypatch):
    desk.set("a_1.h5", "7")
    await desk.settle()
    monkeypatch.setattr(CorTable, "put", lambda *_: 1 / 0)
    async with desk.slow_disk():
        desk.set("a_1.h5", "8")
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("7.00", "typed")}
    assert "division by zero" in desk.errors.pop()
    # The step that failed is none.
    monkeypatch.undo()
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {}


async def test_the_end_of_the_program_waits_for_what_was_typed(desk):
    for number in range(8):
        desk.set("a_1.h5", str(number))
    # All wait by now, and all but the first one's writing has not begun.
    await asyncio.sleep(0)
    await desk.tasks.close()
    await desk.editing.close()
    assert CorTable(desk.folder).entries["a_1.h5"].value_px == 7.0


# -- a column from a spreadsheet ----------------------------------------------------------------


async def test_a_column_goes_downwards_as_the_rows_are_shown(desk):
    desk.model.sortBy(1)
    assert desk.cors.paste(desk.id("a_3.h5"), "1\r\n2,5\r\n") == ""
    assert desk.shown() == {"a_3.h5": ("1.00", "typed"), "a_2.h5": ("2.50", "typed")}
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {}


async def test_lines_with_names_go_to_those(desk):
    sentence = desk.cors.paste(desk.id("a_1.h5"), "Filename\tCOR\nb_1.h5\t9\na_2.h5\t8\nzz.h5\t7")
    assert sentence == "Line 4: There is no scan zz.h5 in this folder."
    assert desk.shown() == {"a_2.h5": ("8.00", "typed"), "b_1.h5": ("9.00", "typed")}


async def test_bad_lines_are_told_by_their_number_and_the_rest_is_taken(desk):
    sentence = desk.cors.paste(desk.id("a_1.h5"), "1\nfoo\n\n4\n5\n6")
    assert "Line 2: 'foo' is not a number" in sentence
    assert "Line 5: There is no row left for it." in sentence
    assert desk.shown() == {"a_1.h5": ("1.00", "typed"), "b_1.h5": ("4.00", "typed")}


async def test_a_header_is_no_row(desk):
    assert desk.cors.paste(desk.id("a_1.h5"), "COR\n1\nbad").startswith("Line 3:")
    assert desk.shown() == {"a_1.h5": ("1.00", "typed")}


async def test_many_bad_lines_are_not_all_told(desk):
    assert desk.cors.paste(desk.id("a_1.h5"), "1\n" + "x\n" * 9).endswith("… and 6 more.")


async def test_a_paste_without_a_good_line_is_no_step(desk):
    desk.cors.paste(desk.id("a_1.h5"), "x")
    assert not desk.cors.canUndo


async def test_a_pasted_cor_is_held_against_its_own_detector(desk):
    assert "outside" in desk.cors.paste(desk.id("a_1.h5"), "9999")
    desk.model.set_files(files(*NAMES, "new.h5"))
    assert desk.cors.paste(desk.id("new.h5"), "9999") == ""


async def test_a_column_for_scans_not_looked_at_yet(tmp_path):
    desk = Desk(tmp_path)
    desk.model.set_files(files("new.h5"))
    desk.model.set_scans([(scan("new.h5", layout=None), ())])
    assert desk.set("new.h5", "9999") == ""
    await desk.editing.close()
    await desk.tasks.close()

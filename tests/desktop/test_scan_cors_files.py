"""CORs that files bring: the folder's CSV, which others change, too; and which scan a COR is of."""

import pytest

from desktop.cor_aid import NAMES, write_csv
from desktop.scan_aid import MTIME_NS, files, scan
from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.table import CorTable, table_path
from tomobatch.desktop.cor_book import CorBook
from tomobatch.scans.scan import ScanState

# -- the folder's CSV -----------------------------------------------------------------------------


async def test_a_csv_is_loaded_saved_and_can_be_undone(desk):
    desk.set("a_1.h5", "7")
    write_csv(desk, "a_1.h5,8", "b_1.h5,9")
    desk.editing.load_csv()
    await desk.settle()
    assert desk.shown() == {"a_1.h5": ("8.00", "CSV"), "b_1.h5": ("9.00", "CSV")}
    assert desk.said == [("info", f"2 CORs loaded from {CSV_NAME}.")]
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("7.00", "typed")}
    desk.cors.redo()
    assert desk.shown() == {"a_1.h5": ("8.00", "CSV"), "b_1.h5": ("9.00", "CSV")}
    desk.editing.save_csv()
    await desk.settle()
    assert desk.said[-1] == ("info", f"2 CORs saved to {CSV_NAME}.")
    assert "b_1.h5,9.0" in (desk.folder / CSV_NAME).read_text()


async def test_undo_of_a_csv_brings_back_what_another_program_wrote_meanwhile(desk):
    desk.by_another(b_1=5.0)
    write_csv(desk, "b_1.h5,9")
    desk.editing.load_csv()
    await desk.settle()
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {"b_1.h5": ("5.00", "automatic")}


async def test_a_csv_that_changes_nothing_is_no_step(desk):
    write_csv(desk, "a_1.h5,8")
    desk.editing.load_by_itself()
    desk.editing.load_csv()
    await desk.settle()
    assert not desk.cors.canUndo


async def test_bad_lines_and_strangers_of_a_csv_are_told(desk):
    write_csv(desk, "a_1.h5,8", "a_2.h5,oops", "b_1.h5,", "zz.h5,3")
    desk.editing.load_csv()
    await desk.settle()
    ((kind, sentence),) = desk.said
    assert kind == "warning"
    for part in ("2 CORs loaded", "line 3:", "b_1.h5 has no COR.", "zz.h5 is no scan of this folder"):
        assert part in sentence


async def test_no_csv_to_load_is_said(desk):
    desk.editing.load_csv()
    await desk.settle()
    assert [kind for kind, _ in desk.said] == ["error"]


async def test_a_csv_loaded_by_itself_overrules_nobody_and_tells(desk):
    desk.set("a_1.h5", "7")
    write_csv(desk, "a_1.h5,8", "b_1.h5,9")
    desk.editing.load_by_itself()
    await desk.settle()
    assert desk.shown() == {"a_1.h5": ("7.00", "typed"), "b_1.h5": ("9.00", "CSV")}
    assert desk.said == [("warning", f"a_1.h5: the COR 7 (typed) is kept; {CSV_NAME} says 8.")]
    # What came by itself is no step of a person.
    desk.cors.undo()
    assert desk.shown() == {"b_1.h5": ("9.00", "CSV")}


async def test_a_damaged_table_is_told_once(desk):
    path = table_path(desk.folder)
    path.parent.mkdir(parents=True)
    path.write_text("not JSON")
    desk.editing.load_by_itself()
    desk.editing.load_by_itself()
    await desk.settle()
    assert len(desk.said) == 1
    assert "damaged" in desk.said[0][1]


# -- a CSV that others change, and other files ----------------------------------------------------


async def saved(desk, **cors):
    for name, text in cors.items():
        desk.set(f"{name}.h5", text)
    desk.editing.save_csv()
    await desk.settle()


async def test_what_was_decided_about_one_folder_is_not_done_to_another(desk, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    titled = "Filename,COR,Note\na_1.h5,7.0,good\n"
    for folder in (desk.folder, other):
        (folder / CSV_NAME).write_text(titled)
    desk.cors.saveCsv()
    await desk.settle()
    assert len(desk.cors.question.losses) == 1
    desk.editing.open(CorBook(other, None))
    desk.cors.question.confirm()
    await desk.settle()
    assert [(kind, "Another folder" in said) for kind, said in desk.said] == [("warning", True)]
    for folder in (desk.folder, other):
        assert (folder / CSV_NAME).read_text() == titled


async def test_a_conflict_is_asked_about_and_nothing_is_written_before(desk):
    await saved(desk, a_1="7", a_2="8")
    write_csv(desk, "a_1.h5,17", "a_2.h5,18")
    desk.set("a_1.h5", "27")
    question, asked = desk.cors.question, []
    question.asked.connect(lambda: asked.append(question.title))
    desk.cors.saveCsv()
    await desk.settle()
    assert asked == [f"Save over {CSV_NAME}?"]
    rows = [[question.data(question.index(0), role) for role in question.roleNames()]]
    assert rows == [[0, "a_1.h5", "27.00", "typed", "17.00", ""]]
    assert (question.saving, question.canConfirm, question.state) == (True, False, "1 still to decide")
    question.confirm()
    await desk.settle()
    assert len(asked) == 1
    question.cancel()
    assert desk.shown() == {"a_1.h5": ("27.00", "typed"), "a_2.h5": ("8.00", "typed")}
    assert "a_1.h5,17" in (desk.folder / CSV_NAME).read_text()
    desk.cors.saveCsv()
    await desk.settle()
    question.keepAll("mine")
    question.confirm()
    await desk.settle()
    assert desk.said[-1] == ("info", f"2 CORs saved to {CSV_NAME}. 1 COR in it came from another program.")
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("27.00", "typed"), "a_2.h5": ("18.00", "CSV")}
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("27.00", "typed"), "a_2.h5": ("8.00", "typed")}


async def test_what_was_decided_stays_decided_when_it_is_asked_again(desk):
    await saved(desk, a_1="1", a_2="2")
    desk.set("a_1.h5", "11")
    desk.set("a_2.h5", "12")
    write_csv(desk, "a_1.h5,21", "a_2.h5,22")
    desk.cors.saveCsv()
    await desk.settle()
    question = desk.cors.question
    question.keepAll("theirs")
    write_csv(desk, "a_1.h5,21", "a_2.h5,32")
    question.confirm()
    await desk.settle()
    # Of the two the second has changed once more meanwhile.
    kept = dict(
        enumerate(question.data(question.index(row), list(question.roleNames())[-1]) for row in (0, 1))
    )
    assert (kept, question.canConfirm) == ({0: "theirs", 1: ""}, False)
    assert desk.shown()["a_1.h5"] == ("11.00", "typed")


async def test_differences_are_counted_until_they_are_decided(desk):
    told = []
    desk.cors.changed.connect(lambda: told.append(desk.cors.differ))
    desk.set("a_1.h5", "7")
    write_csv(desk, "a_1.h5,8", "b_1.h5,9")
    desk.editing.load_by_itself()
    await desk.settle()
    assert (desk.cors.differ, told[-1]) == (1, 1)
    assert desk.cors.differText == "1 COR differs from the CSV"
    # Typing what it says is a decision, too.
    desk.set("a_1.h5", "8")
    assert (desk.cors.differ, told[-1]) == (0, 0)
    desk.cors.undo()
    desk.cors.compare()
    question = desk.cors.question
    assert (question.saving, question.count) == (False, 1)
    question.keep(0, "theirs")
    question.keep(5, "mine")
    question.confirm()
    await desk.settle()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("8.00", "CSV"), "b_1.h5": ("9.00", "CSV")}
    assert desk.cors.differ == 0
    desk.cors.undo()
    assert desk.shown()["a_1.h5"] == ("7.00", "typed")


async def test_what_saving_drops_is_asked_about(desk):
    await saved(desk, a_1="7")
    write_csv(desk, "a_1.h5,7", "a_2.h5,oops")
    desk.cors.saveCsv()
    await desk.settle()
    question = desk.cors.question
    (loss,) = question.losses
    assert "line 3" in loss
    assert (question.count, question.text, question.canConfirm) == (0, "", True)
    question.confirm()
    await desk.settle()
    assert (desk.folder / CSV_NAME).read_text() == "Filename,COR\na_1.h5,7.0\n"


async def test_no_other_place_is_offered_where_saving_broke(desk, monkeypatch):
    asked = []
    desk.cors.places.asked.connect(lambda: asked.append(desk.cors.places.text))
    monkeypatch.setattr(CorBook, "save_csv", lambda *_: 1 / 0)
    desk.cors.saveCsv()
    await desk.settle()
    assert (asked, "division by zero" in desk.errors.pop()) == ([], True)


@pytest.mark.parametrize("fault", ["link to nowhere", "binary"])
async def test_a_csv_that_cannot_be_written_offers_another_place(desk, fault):
    if fault == "binary":
        (desk.folder / CSV_NAME).write_bytes(bytes(100))
    else:
        (desk.folder / CSV_NAME).symlink_to(desk.folder / "nowhere" / "x.csv")
    asked = []
    desk.cors.places.asked.connect(lambda: asked.append((desk.cors.places.saving, desk.cors.places.text)))
    desk.set("a_1.h5", "7")
    desk.cors.saveCsv()
    await desk.settle()
    ((saving, text),) = asked
    assert saving
    assert ("binary data" if fault == "binary" else "could not be written") in text


# -- which scan a COR is of ------------------------------------------------------------------------


def replaced(desk, name):
    """Another scan lies there under this name."""
    desk.model.set_scans([(scan(name, size_bytes=4711), ())])


async def test_a_typed_cor_is_of_the_scan_that_is_there(desk):
    desk.set("a_1.h5", "7")
    desk.cors.pick(desk.id("a_2.h5"), 8.0)
    desk.cors.paste(desk.id("a_3.h5"), "9")
    desk.model.set_scans([(scan("b_1.h5", state=ScanState.ACQUIRING), ())])
    desk.set("b_1.h5", "10")
    await desk.settle()
    entries = CorTable(desk.folder).entries
    assert {entries[name].file for name in NAMES[:3]} == {(1000, MTIME_NS)}
    assert entries["b_1.h5"].file is None


@pytest.mark.parametrize("again", ["typed", "picked", "pasted"])
async def test_the_cor_of_a_replaced_scan_is_doubted_until_it_is_confirmed(desk, again):
    desk.set("a_1.h5", "7")
    replaced(desk, "a_1.h5")
    row = desk.table.row("a_1.h5")
    assert (row["corText"], row["corWarning"], row["corDoubted"]) == ("7.00", "of another scan", True)
    known = desk.model.known(desk.id("a_1.h5"))
    assert (known.row.cor, known.cor_in_use) == (None, None)
    if again == "typed":
        desk.set("a_1.h5", "7.00")
    elif again == "picked":
        desk.cors.pick(desk.id("a_1.h5"), 7.0)
    else:
        desk.cors.paste(desk.id("a_1.h5"), "7")
    row = desk.table.row("a_1.h5")
    assert (row["corWarning"], row["corDoubted"], known.row.cor.value_px) == ("", False, 7.0)
    await desk.settle()
    assert CorTable(desk.folder).entries["a_1.h5"].file == (4711, MTIME_NS)
    desk.cors.undo()
    assert desk.table.row("a_1.h5")["corDoubted"]


async def test_a_csv_that_is_loaded_on_purpose_confirms_and_can_be_undone(desk):
    await saved(desk, a_1="7")
    replaced(desk, "a_1.h5")
    desk.editing.load_by_itself()
    await desk.settle()
    assert desk.table.row("a_1.h5")["corDoubted"]
    desk.editing.load_csv()
    await desk.settle()
    assert not desk.table.row("a_1.h5")["corDoubted"]
    desk.cors.undo()
    assert desk.table.row("a_1.h5")["corDoubted"]


async def test_a_cor_of_the_csv_that_is_loaded_once_more_for_another_scan_can_be_undone(desk):
    write_csv(desk, "a_1.h5,7")
    desk.editing.load_by_itself()
    await desk.settle()
    replaced(desk, "a_1.h5")
    desk.editing.load_csv()
    await desk.settle()
    assert not desk.table.row("a_1.h5")["corDoubted"]
    desk.cors.undo()
    assert desk.table.row("a_1.h5")["corDoubted"]


async def test_a_doubted_cor_is_saved_with_a_word(desk):
    desk.set("a_1.h5", "7")
    replaced(desk, "a_1.h5")
    desk.editing.save_csv()
    await desk.settle()
    kind, sentence = desk.said[-1]
    assert (kind, "a_1.h5: its COR 7 is of another scan of this name." in sentence) == ("warning", True)


async def test_a_cor_outside_is_not_taken_from_a_file(desk):
    write_csv(desk, "a_1.h5,2448", "a_2.h5,2447")
    desk.editing.load_csv()
    await desk.settle()
    assert desk.shown() == {"a_2.h5": ("2447.00", "CSV")}
    assert "a_1.h5: A COR of 2448 lies outside the detector, 0 to 2447." in desk.said[0][1]


async def test_a_cor_that_was_outside_before_its_scan_was_looked_at_is_doubted(desk):
    desk.model.set_files(files(*NAMES, "new.h5"))
    write_csv(desk, "new.h5,2448")
    desk.editing.load_by_itself()
    await desk.settle()
    assert desk.table.row("new.h5")["corWarning"] == ""
    desk.model.set_scans([(scan("new.h5"), ())])
    assert desk.table.row("new.h5")["corWarning"] == "outside 0–2447"

"""CORs and files in the live window: a CSV others change, files of other programs, replaced scans."""

import json
import os
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.live import demo_scans
from desktop.sizes import SMALL_DAILY
from desktop.steps import cell, folder_is_read, read_banners
from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.table import CorSource, CorTable
from tomobatch.formats.demo import write_demo_scans

A, B, C = (f"demo_{number:04d}.h5" for number in (1, 2, 3))


def write(folder, *lines):
    """As another program would, in one go."""
    beside = Path(folder) / ".beside"
    beside.write_text("\n".join(("Filename,COR", *lines, "")))
    beside.replace(Path(folder) / CSV_NAME)


def lines_of(folder):
    return (Path(folder) / CSV_NAME).read_text().splitlines()[1:]


async def type_cor(hands, name, text):
    row = hands.row_id(name)
    await hands.click("cor", row)
    await hands.wait(lambda: hands.focus_name() == "corEditor")
    await hands.type(text)
    await hands.key(Qt.Key.Key_Return)
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("corEditor"))


async def cors_are(hands, **values):
    """By the number of the scan: value and source."""
    for number, (text, source) in values.items():
        row = hands.row_id(f"demo_000{number[1:]}.h5")
        await hands.wait(
            lambda row=row, text=text, source=source: (
                (cell(hands, row, "corText"), cell(hands, row, "corSource")) == (text, source)
            ),
            f"{number} is {text} {source}",
        )


async def said(hands, words):
    await hands.wait(lambda: words in hands.app.notices.text, f"{words!r} is said")


async def saved_first(hands, data):
    """Two CORs typed and saved; then another program changes the file, and so does the person."""
    await folder_is_read(hands, 3)
    await type_cor(hands, A, "30")
    await type_cor(hands, B, "31")
    await hands.click("saveCsv")
    await said(hands, "2 CORs saved")
    assert lines_of(data) == [f"{A},30.0", f"{B},31.0"]


async def another_changed_it(hands, data):
    await saved_first(hands, data)
    write(data, f"{A},40", f"{B},31", f"{C},42")
    await type_cor(hands, A, "35,5")
    await type_cor(hands, B, "36")
    await hands.click("saveCsv")
    await hands.reach("corKeep0")
    assert hands.app.cors.question.count == 1
    assert not hands.item("corConfirm").isEnabled()
    hands.grab("conflict")
    await hands.click("corTake0")
    await hands.click("corCancel")
    await hands.wait(lambda: not hands.items("corRows"))
    # Nothing was written anywhere.
    assert lines_of(data) == [f"{A},40", f"{B},31", f"{C},42"]
    await cors_are(hands, n1=("35.50", "typed"), n2=("36.00", "typed"), n3=("", ""))


async def mine_is_kept(hands, data):
    await another_changed_it(hands, data)
    await hands.tap("saveCsv")
    await hands.reach("corKeep0")
    # What was cancelled decides nothing.
    assert not hands.item("corConfirm").isEnabled()
    await hands.tap("corKeep0")
    await hands.tap("corConfirm")
    await said(hands, "3 CORs saved to batch_cor_values.csv. 1 COR in it came from another program.")
    assert lines_of(data) == [f"{A},35.5", f"{B},36.0", f"{C},42.0"]
    await cors_are(hands, n1=("35.50", "typed"), n3=("42.00", "CSV"))
    await hands.click("undo")
    await cors_are(hands, n3=("", ""))


async def theirs_is_taken(hands, data):
    await another_changed_it(hands, data)
    # By the keyboard alone.
    await hands.click("saveCsv")
    await hands.wait(lambda: hands.focus_name().startswith("corRow"))
    await hands.key(Qt.Key.Key_Right)
    await hands.wait(lambda: hands.app.cors.question.canConfirm)
    while hands.focus_name() != "corConfirm":
        await hands.key(Qt.Key.Key_Tab)
    await hands.key(Qt.Key.Key_Return)
    await said(hands, "3 CORs saved")
    assert lines_of(data) == [f"{A},40.0", f"{B},36.0", f"{C},42.0"]
    await cors_are(hands, n1=("40.00", "CSV"), n2=("36.00", "typed"), n3=("42.00", "CSV"))
    await hands.click("undo")
    await cors_are(hands, n1=("35.50", "typed"), n3=("", ""))


@pytest.mark.parametrize("story", [mine_is_kept, theirs_is_taken])
@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_csv_that_another_program_changed_is_joined(play, tmp_path, story, size):
    folder = demo_scans(tmp_path)
    play(story, folder, size=size, data=str(folder))


async def news_is_decided_later(hands, data):
    await saved_first(hands, data)
    await type_cor(hands, A, "35.5")
    write(data, f"{A},40", f"{B},41")
    await read_banners(hands)
    await hands.click("refresh")
    await said(hands, f"{A}: the COR 35.5 (typed) is kept; {CSV_NAME} says 40.")
    await hands.wait(lambda: hands.app.cors.differ == 2)
    await read_banners(hands)
    # Nothing pops up by itself.
    assert not hands.items("corRows")
    assert hands.words("csvDiffers") == "▲ 2 CORs differ from the CSV"
    hands.grab("differs")
    await hands.tap("csvDiffers")
    await hands.tap("corTake0")
    hands.grab("compare")
    await hands.tap("corConfirm")
    await cors_are(hands, n1=("40.00", "CSV"), n2=("31.00", "typed"))
    await hands.wait(lambda: hands.words("csvDiffers") == "▲ 1 COR differs from the CSV")
    await hands.click("csvDiffers")
    await hands.click("corKeep0")
    await hands.click("corConfirm")
    await hands.wait(lambda: not hands.items("csvDiffers"))
    assert lines_of(data) == [f"{A},40", f"{B},41"]
    await hands.click("undo")
    await cors_are(hands, n1=("35.50", "typed"))
    # Decided once: the save asks nothing.
    await hands.click("saveCsv")
    await said(hands, "2 CORs saved")
    assert lines_of(data) == [f"{A},35.5", f"{B},31.0"]


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_what_differs_from_the_csv_is_decided_when_a_person_wants(play, tmp_path, size):
    folder = demo_scans(tmp_path)
    play(news_is_decided_later, folder, size=size, data=str(folder))


async def many_conflicts(hands, data):
    await folder_is_read(hands, 3)
    names = [f"gone_{number:04d}.h5" for number in range(30)]
    table = CorTable(Path(data))
    table.set_cors(dict.fromkeys(names, 5.0), CorSource.TYPED)
    write(data, *(f"{name},6" for name in names), "", f"{A},thirty")
    await hands.click("saveCsv")
    await hands.click("corKeep0")
    assert hands.words("corState") == "29 still to decide"
    (loss,) = hands.app.cors.question.losses
    await hands.read(f"{CSV_NAME}, line 33: 'thirty' is not a number")
    assert loss in hands.words("corLoss0")
    hands.grab("many")
    await hands.click("corTakeAll")
    await hands.click("corKeep0")
    await hands.click("corConfirm")
    await said(hands, "30 CORs saved")
    assert lines_of(data) == [f"{names[0]},5.0", *(f"{name},6.0" for name in names[1:])]


@pytest.mark.parametrize(
    ("size", "look"),
    [
        ((1920, 1080), {"text_scale": 1.5}),
        ((1280, 800), {"text_scale": 1.5}),
        ((1280, 800), {"theme": "light"}),
    ],
)
def test_many_are_decided_at_once_and_what_is_dropped_is_said(play, tmp_path, size, look):
    folder = demo_scans(tmp_path)
    play(many_conflicts, folder, size=size, settings=look, data=str(folder))


# -- other places -----------------------------------------------------------------------------


async def another_place_is_offered(hands, data, other):
    await folder_is_read(hands, 3)
    await type_cor(hands, A, "30")
    await hands.click("saveCsv")
    await hands.reach("placeFile")
    assert "could not be written" in hands.words("placeWhy")
    assert hands.app.cors.places.fileName == f"scans_{CSV_NAME}"
    await hands.wait(lambda: not hands.app.cors.places.loading)
    hands.grab("place")
    await walk(hands, other)
    await hands.click("placeConfirm")
    await hands.wait((Path(other) / f"scans_{CSV_NAME}").exists, "it is written")
    await read_banners(hands)
    return (Path(other) / f"scans_{CSV_NAME}").read_text()


async def walk(hands, path):
    """Type a path, as far as it is another one."""
    await hands.wait(lambda: not hands.app.cors.places.loading, "the first folder is listed")
    await hands.click("placePath")
    await hands.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await hands.type(str(path))
    await hands.key(Qt.Key.Key_Return)
    await hands.wait(lambda: not hands.app.cors.places.loading and not hands.app.cors.places.problem)


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_where_the_folder_takes_no_csv_another_place_is_offered(play, tmp_path, size):
    folder, other = demo_scans(tmp_path), tmp_path / "other"
    other.mkdir()
    # Whoever runs this, root too: what the link leads to cannot be made.
    (folder / CSV_NAME).symlink_to(tmp_path / "nowhere" / "x.csv")
    written = play(another_place_is_offered, folder, size=size, data=str(folder), other=str(other))
    assert written == f"Filename,COR\n{A},30.0\n"
    assert (folder / CSV_NAME).is_symlink()


async def a_copy_by_menu(hands, data, other):
    await folder_is_read(hands, 3)
    await type_cor(hands, A, "30")
    await hands.tap("corMenu")
    await hands.reach("menuSave")
    hands.grab("menu")
    await hands.tap("menuSave")
    await walk(hands, other)
    await hands.click("placeFile")
    await hands.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await hands.type("there.csv")
    await hands.wait(lambda: hands.words("placeConfirm") == "Replace it")
    await hands.click("placeConfirm")
    await said(hands, f"1 COR saved to {other}/there.csv.")
    assert not (Path(data) / CSV_NAME).exists()
    return (Path(other) / "there.csv").read_text()


def test_a_copy_is_saved_to_another_place(play, tmp_path):
    folder, other = demo_scans(tmp_path), tmp_path / "other"
    other.mkdir()
    (other / "there.csv").write_text("old")
    assert play(a_copy_by_menu, folder, data=str(folder), other=str(other)) == f"Filename,COR\n{A},30.0\n"


async def files_of_others(hands, data, other):
    await folder_is_read(hands, 3)
    await type_cor(hands, A, "30")
    # TomoGUI's, beside the scans, by touch.
    await hands.tap("corMenu")
    await hands.tap("menuRotCen")
    await hands.wait(lambda: hands.app.cors.places.fileName == "rot_cen.json")
    await hands.reach("placeConfirm")
    hands.grab("load")
    await hands.tap("placeConfirm")
    await said(hands, "1 entry is of other folders and not used.")
    await cors_are(hands, n1=("31.50", "file"), n2=("32.00", "file"))
    await read_banners(hands)
    # Another CSV, by the keyboard: its path is typed.
    await hands.click("corMenu")
    await hands.wait(lambda: hands.focus_name() == "menuCsv")
    await hands.key(Qt.Key.Key_Return)
    await hands.reach("placePath")
    await walk(hands, f"{other}/mine.csv")
    await hands.wait(lambda: hands.app.cors.places.canConfirm)
    while hands.focus_name() != "placeConfirm":
        await hands.key(Qt.Key.Key_Tab)
    await hands.key(Qt.Key.Key_Return)
    await said(hands, f"{B}: A COR of 64 lies outside the detector, 0 to 63.")
    await cors_are(hands, n1=("33.00", "file"), n2=("32.00", "file"))
    await read_banners(hands)
    # A number without a name is the selected scan's.
    await hands.click("corMenu")
    await hands.click("menuCenter")
    await hands.reach("placePath")
    await walk(hands, f"{other}/center_of_rotation.txt")
    await hands.click("placeConfirm")
    await said(hands, "select that scan alone")
    await read_banners(hands)
    await hands.click("select", hands.row_id(C))
    await hands.click("corMenu")
    await hands.click("menuCenter")
    await hands.reach("placePath")
    await walk(hands, f"{other}/center_of_rotation.txt")
    await hands.click("placeConfirm")
    await cors_are(hands, n3=("29.50", "file"))
    await hands.click("undo")
    await hands.click("undo")
    await hands.click("undo")
    await cors_are(hands, n1=("30.00", "typed"), n2=("", ""), n3=("", ""))


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_files_of_other_programs_are_loaded_by_menu(play, tmp_path, size):
    folder, other = demo_scans(tmp_path), tmp_path / "other"
    other.mkdir()
    plain = {f"{folder}/{A}": 31.5, f"{folder}/{B}": [32], "/elsewhere/x.h5": 5}
    (folder / "rot_cen.json").write_text(json.dumps(plain))
    (other / "mine.csv").write_text(f"Filename,COR\n{A},33\n{B},64\n")
    (other / "center_of_rotation.txt").write_text("29.0\n29.5\n")
    play(files_of_others, folder, size=size, data=str(folder), other=str(other))


# -- another scan of the same name ------------------------------------------------------------


def another_scan(folder, name):
    """As a station does that repeats a scan: a file of the same name, written elsewhere and moved there."""
    path = Path(folder) / name
    made = write_demo_scans(path.parent.parent / "again", scans=1, size=96)[0].path
    os.utime(made, (time.time() - 7200,) * 2)
    made.replace(path)


async def a_scan_is_replaced(hands, data):
    await folder_is_read(hands, 3)
    row = hands.row_id(A)
    await type_cor(hands, A, "30")
    await type_cor(hands, B, "31")
    await hands.click("saveCsv")
    await said(hands, "2 CORs saved")
    another_scan(data, A)
    await hands.click("refresh")
    await hands.wait(lambda: cell(hands, row, "corWarning") == "of another scan", "the COR is doubted")
    assert cell(hands, row, "corText") == "30.00"
    await read_banners(hands)
    hands.grab("doubted")
    await hands.click("full", row)
    await hands.read(f"{A} is not run: its COR 30 is of another scan of this name.")
    hands.grab("refused")
    await hands.click("runCancel")


async def it_is_still_doubted(hands, data):
    await folder_is_read(hands, 3)
    row = hands.row_id(A)
    await hands.wait(lambda: cell(hands, row, "corWarning") == "of another scan", "it is still doubted")
    # Walking through the rows by Enter confirms nothing.
    await hands.click("cor", row)
    await hands.wait(lambda: hands.focus_name() == "corEditor")
    await hands.key(Qt.Key.Key_Return)
    await hands.key(Qt.Key.Key_Escape)
    assert cell(hands, row, "corWarning") == "of another scan"
    await type_cor(hands, A, "30.00")
    await hands.wait(lambda: not cell(hands, row, "corWarning"), "it was confirmed")
    await hands.click("undo")
    await hands.wait(lambda: cell(hands, row, "corWarning"), "and doubted again")
    # By the pad the same value counts as well.
    await hands.tap("cor", row)
    for key in "30":
        await hands.tap(f"pad{key}")
    await hands.tap("padOk")
    await hands.tap("padClose")
    await hands.wait(lambda: not cell(hands, row, "corWarning"), "it was confirmed on the pad")


async def a_try_finds_anew(hands, data):
    await folder_is_read(hands, 3)
    row = hands.row_id(A)
    await hands.wait(lambda: cell(hands, row, "corWarning") == "of another scan", "it is doubted")
    await hands.click("try", row)
    await hands.wait(lambda: cell(hands, row, "corSource") == "automatic", "another COR is found", 60)
    assert not cell(hands, row, "corWarning")
    assert cell(hands, row, "corText") != "30.00"


@pytest.mark.parametrize(
    "then", [pytest.param(it_is_still_doubted, marks=pytest.mark.slow), a_try_finds_anew]
)
def test_the_cor_of_a_scan_that_was_replaced_is_not_believed(play, tmp_path, then):
    folder = demo_scans(tmp_path)
    for file in folder.glob("*.h5"):
        os.utime(file, (time.time() - 3600,) * 2)
    play(a_scan_is_replaced, folder, data=str(folder))
    play(then, folder, size=(1280, 800), data=str(folder))

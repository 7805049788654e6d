"""What goes wrong with folders, scans and CORs is said in words that can be read in the window."""

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.live import demo_scans, live_story
from desktop.sizes import SMALL_DAILY
from desktop.steps import folder_is_read, has_status, read_banners, rest, status
from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.table import table_path
from unit.formats.files import pixels, write_dxchange

COLUMNS = 10


async def why(hands, row):
    """What stands below the status of a row, whole, as it is read after a tap on it."""
    await hands.click("status", row, place=(0.3, 0.4))
    await hands.reach("statusNoteText")
    assert not hands.item("statusNoteText").property("truncated")
    note = hands.words("statusNoteText")
    await hands.read(note)
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("statusNoteText"))
    return note


# -- folders ----------------------------------------------------------------------------------


async def cannot_be_opened(hands, words):
    await hands.read(words)
    assert words in hands.words("folderProblem")
    # The ways on are there.
    await hands.click("openFolder")
    await hands.click("folderCancel")


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_folder_that_is_not_there(play, tmp_path, size):
    play(cannot_be_opened, tmp_path / "gone", size=size, words=f"The folder {tmp_path}/gone does not exist")


def test_a_file_in_place_of_a_folder(play, tmp_path):
    (tmp_path / "file").touch()
    play(cannot_be_opened, tmp_path / "file", words=f"{tmp_path}/file is not a folder")


async def is_empty(hands):
    await hands.read("No scans in this folder yet")
    await hands.read("holds no .h5, .hdf5, .hdf or .nxs file")


def test_a_folder_without_scans(play, tmp_path):
    (tmp_path / "empty").mkdir()
    play(is_empty, tmp_path / "empty")


async def vanishes(hands):
    await folder_is_read(hands, 3)
    folder = Path(hands.app.folder.path)
    folder.rename(folder.with_name("away"))
    await hands.read(f"The folder {folder} does not exist")
    await hands.click("refresh")
    await hands.read(f"The folder {folder} does not exist")
    folder.with_name("away").rename(folder)
    await hands.click("refresh")
    await hands.wait(lambda: not hands.items("tableProblem"))
    await folder_is_read(hands, 3)


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_folder_that_goes_away_and_comes_back(play, tmp_path, size):
    play(vanishes, demo_scans(tmp_path), size=size)


# -- scans ------------------------------------------------------------------------------------


@pytest.fixture
def odd(tmp_path):
    """Scans each of which is wrong in its own way, long left alone."""
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "text.h5").write_text("no HDF5")
    whole = write_dxchange(folder / "cut.h5", data=pixels(40)).read_bytes()
    (folder / "cut.h5").write_bytes(whole[: len(whole) // 2])
    write_dxchange(folder / "bare.h5", flats=None, darks=None)
    write_dxchange(folder / "whole.h5")
    for file in folder.iterdir():
        os.utime(file, (1.6e9, 1.6e9))
    os.mkfifo(folder / "pipe.h5")
    (folder / "lost.h5").symlink_to("nowhere")
    return folder


async def are_listed_with_reasons(hands):
    await folder_is_read(hands, 6)
    said = {}
    for name in ("text.h5", "cut.h5", "pipe.h5", "lost.h5"):
        row = hands.row_id(name)
        await has_status(hands, row, "Unreadable")
        await hands.read("Unreadable")
        said[name] = await why(hands, row)
    return said


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_scans_that_cannot_be_read(play, odd, size):
    said = play(are_listed_with_reasons, odd, size=size)
    assert "named pipe" in said["pipe.h5"]
    assert "link to a file that is not there" in said["lost.h5"]
    assert "HDF5" in said["text.h5"]
    assert said["cut.h5"]


async def grows(hands):
    file = Path(hands.app.folder.path) / "demo_0001.h5"
    await folder_is_read(hands, 1)
    with file.open("ab") as opened:
        opened.truncate(10_000)
    row = hands.row_id(file.name)
    await hands.wait(lambda: status(hands, row) in ("Acquiring", "Unreadable"))
    await hands.read(status(hands, row))
    assert await why(hands, row)
    assert not hands.item("try", row).isEnabled()


def test_a_scan_that_changes_while_it_is_open(play, tmp_path):
    play(grows, demo_scans(tmp_path, 1))


async def nothing_can_run(hands):
    await folder_is_read(hands, 6)
    for name in ("text.h5", "pipe.h5"):
        await hands.click("select", hands.row_id(name))
    await hands.click("runTry")
    await hands.read("Not run:")
    for name in ("text.h5", "pipe.h5"):
        await hands.read(f"{name} is Unreadable: ")
    assert not hands.item("runConfirm").isEnabled()
    assert not hands.items("runTryInstead")
    await hands.click("runCancel")


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_batch_of_which_nothing_can_run(play, odd, size):
    play(nothing_can_run, odd, size=size)


async def fails(hands):
    await folder_is_read(hands, 6)
    row = hands.row_id("bare.h5")
    await hands.click("try", row)
    await hands.wait(lambda: not hands.app.queue.active and hands.app.queue.trouble, within_s=60)
    await has_status(hands, row, "Try Failed")
    # The counts have room for the number or not; the button has.
    await hands.read("Retry failed (1)")
    assert hands.app.queue.trouble == "1 failed"
    await read_banners(hands)
    return await why(hands, row)


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_try_that_fails_tells_its_reason(play, odd, size):
    assert "flat" in play(fails, odd, size=size)


# -- CORs -------------------------------------------------------------------------------------


async def is_refused(hands):
    await folder_is_read(hands, 3)
    row = hands.row_id("demo_0001.h5")
    await hands.click("cor", row)
    for text, words in {"middle": "is not a number", "400": "outside"}.items():
        await hands.reach("corEditor")
        await hands.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        await hands.type(text)
        await hands.key(Qt.Key.Key_Return)
        said = await hands.read(text)
        assert words in said
    await hands.key(Qt.Key.Key_Escape)


def test_a_cor_that_is_none(play, tmp_path):
    play(is_refused, demo_scans(tmp_path))


async def is_refused_on_the_pad(hands):
    await folder_is_read(hands, 3)
    await hands.tap("cor", hands.row_id("demo_0003.h5"))
    for digit in "999":
        await hands.tap(f"pad{digit}")
    await hands.tap("padOk")
    await hands.read("outside")


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_cor_outside_of_the_detector_on_the_pad(play, tmp_path, size):
    play(is_refused_on_the_pad, demo_scans(tmp_path), size=size)


@live_story(size=(1280, 800))
async def test_a_full_without_cor_names_the_scans_and_leads_to_a_try(hands):
    await folder_is_read(hands, 3)
    await hands.click("selectAll")
    await hands.click("runFull")
    await hands.read("Not run:")
    for number in (1, 2, 3):
        await hands.read(f"demo_000{number}.h5 has no COR")
    assert not hands.item("runConfirm").isEnabled()
    await hands.click("runTryInstead")
    await rest(hands)
    await hands.read("Completed 3/3")


async def is_mended(hands, words):
    await folder_is_read(hands, 3)
    await hands.read(words)
    await hands.click("bannerDismiss")


def test_a_damaged_table_of_cors(play, tmp_path):
    folder = demo_scans(tmp_path)
    table = table_path(folder)
    table.parent.mkdir(parents=True)
    table.write_text("{")
    play(is_mended, folder, words="damaged file was kept as")


def test_a_csv_with_bad_lines(play, tmp_path):
    folder = demo_scans(tmp_path)
    lines = ["Filename,COR", "demo_0001.h5,31.5", "demo_0002.h5,middle", "demo_0003.h5,-7"]
    (folder / CSV_NAME).write_text("\n".join(lines))
    play(is_mended, folder, words=f"{CSV_NAME}, line 3:")


async def has_no_csv(hands):
    await folder_is_read(hands, 3)
    await hands.click("loadCsv")
    await hands.read(CSV_NAME)


def test_a_csv_that_is_not_there(play, tmp_path):
    play(has_no_csv, demo_scans(tmp_path))


# -- results ----------------------------------------------------------------------------------


async def is_half(hands, results):
    await folder_is_read(hands, 3)
    row = hands.row_id("demo_0001.h5")
    await hands.click("try", row)
    await has_status(hands, row, "Try Complete")
    made = sorted(Path(results).rglob("*.tiff"))
    for file in made[: len(made) // 2]:
        file.unlink()
    await hands.click("refresh")
    await folder_is_read(hands, 3)
    assert status(hands, row) == "Ready"
    shutil.rmtree(results)
    await hands.click("refresh")
    await folder_is_read(hands, 3)
    await hands.read("Ready")
    assert not hands.item("viewTry", row).isEnabled()


def test_a_result_of_which_a_half_is_gone(play, tmp_path):
    play(is_half, demo_scans(tmp_path), results=str(tmp_path / "scans_rec"))

"""The viewer's header, and what it says where there is no picture, or where one needs words."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.live import demo_scans, live_story
from desktop.steps import JOB_S, cell, folder_is_read, has_status
from desktop.viewer_aid import Made, is_shown, look_at, make_results, raw_is_made
from tomobatch.desktop.viewing import viewer as viewing
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.volumes.wanted import Mode


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("words") / "scans")


async def choose_file(hands, number):
    await hands.click("viewerFile")
    await hands.click(f"viewerFile_{number}")


async def says(hands, words):
    viewer = hands.app.viewer
    await hands.wait(lambda: viewer.state == "error" and words in viewer.message, words)
    await hands.read(words)


@live_story(scans=2)
async def test_parts_of_the_raw_data(hands):
    raw_is_made()
    await folder_is_read(hands, 2)
    viewer = hands.app.viewer
    await choose_file(hands, 0)
    await says(hands, "demo_0001.h5 has no Try yet: press Try.")
    assert not hands.items("viewerPart")
    await hands.click("viewerMode_raw")
    await is_shown(hands)
    assert (viewer.part, viewer.label) == ("projections", "projections 99")
    names = ["Projections", "Corrected", "Sinograms", "Flats", "Darks"]
    for number, name in enumerate(names):
        await hands.tap("viewerPart")
        await hands.tap(f"viewerPart_{number}")
        await hands.wait(lambda name=name: viewer.part == name.lower())
        await is_shown(hands)
        assert viewer.label == f"{name.lower()} 99"
        await hands.read(name)
    # Another file: the same part of it.
    await choose_file(hands, 1)
    await hands.wait(lambda: viewer.fileName == "demo_0002.h5")
    await is_shown(hands)
    assert (viewer.mode, viewer.part) == ("raw", "darks")


async def story_of_acquiring(hands):
    raw_is_made()
    await folder_is_read(hands, 2)
    file, row = Path(hands.app.folder.path) / "demo_0001.h5", hands.row_id("demo_0001.h5")
    with file.open("ab") as written:
        written.write(bytes(100))
        written.flush()
        await hands.wait(lambda: cell(hands, row, "status") == "Acquiring", "it is being written")
        await choose_file(hands, 0)
        await says(hands, "has no Try yet")
        # Nothing can be run of it yet, so nothing is offered.
        assert not hands.items("viewerOffer")
        await hands.click("viewerMode_raw")
        await is_shown(hands)
        assert hands.app.viewer.label == "projections 99"


def test_a_scan_that_is_being_written(play, tmp_path):
    play(story_of_acquiring, demo_scans(tmp_path, 2))


@live_story(scans=2)
async def test_what_is_missing_is_made_from_here(hands):
    await folder_is_read(hands, 2)
    viewer, row = hands.app.viewer, hands.row_id("demo_0001.h5")
    await choose_file(hands, 0)
    await hands.click("viewerMode_full")
    await says(hands, "demo_0001.h5 has no Full yet: press Full.")
    await hands.read("A Full needs a COR first.")
    assert hands.words("viewerOffer") == "Try"
    # All three stay usable.
    await hands.click("viewerMode_try")
    await says(hands, "demo_0001.h5 has no Try yet: press Try.")
    await hands.tap("viewerOffer")
    await hands.wait(lambda: hands.items("viewerStanding") and "Try" in hands.words("viewerStanding"))
    assert not hands.items("viewerOffer")
    await hands.wait(lambda: viewer.state == "shown", "the Try is shown", JOB_S)
    assert hands.app.cors.set(row, "30") == ""
    await hands.click("viewerMode_full")
    await says(hands, "press Full.")
    assert hands.words("viewerOffer") == "Full"
    await hands.click("viewerOffer")
    await has_status(hands, row, "Full Complete")
    await hands.wait(lambda: (viewer.mode, viewer.state) == ("full", "shown"), "the Full is shown")


async def story_of_no_cor(hands):
    """A Try is there: what a Full lacks is found in it."""
    await folder_is_read(hands, 2)
    await choose_file(hands, 1)
    await hands.click("viewerMode_full")
    await says(hands, "demo_0002.h5 has no Full yet")
    assert hands.words("viewerOffer") == "View Try"
    await hands.click("viewerOffer")
    await is_shown(hands)
    assert hands.app.viewer.mode == "try"


def test_a_full_without_a_cor_leads_to_the_try(play, made):
    play(story_of_no_cor, made)


async def story_of_reading_again(hands, result):
    viewer = await look_at(hands, "full")
    files = sorted(Path(result).glob("*.tiff"))
    kept = {file: file.read_bytes() for file in files}
    for file in files:
        file.write_bytes(b"no TIFF")
    await hands.click("viewerMode_try")
    await is_shown(hands)
    await hands.click("viewerMode_full")
    await says(hands, "recon_000")
    assert viewer.count == 0
    assert not hands.items("viewerOffer")
    assert not hands.item("stepOn").isEnabled()
    for file, content in kept.items():
        file.write_bytes(content)
    await hands.tap("readAgain")
    await is_shown(hands)
    assert viewer.count == 12
    assert hands.item("stepOn").isEnabled()


def test_a_result_that_cannot_be_opened_can_be_read_again(play, scans):
    play(story_of_reading_again, scans, result=str(final_place(scans / "demo_0001.h5", Kind.FULL)))


NOTE = "This Full is still being made: {} of 64 slices so far."


async def story_of_notes(hands):
    source = Made(notes=[NOTE.format(12)], empties=(5,))
    opened = viewing._open
    viewing._open = lambda wanted: source if wanted.mode is Mode.RAW else opened(wanted)
    viewer = await look_at(hands, "try")
    assert not hands.items("viewerNote")
    await hands.click("viewerMode_raw")
    await is_shown(hands)
    await hands.read(NOTE.format(12))
    assert not hands.items("viewerEmpty")
    viewer.index = 5
    await is_shown(hands)
    await hands.read("This slice is empty: it lies outside the crop.")
    viewer.index = 6
    await is_shown(hands)
    assert not hands.items("viewerEmpty")
    source.notes = (NOTE.format(13),)
    viewer.changed.emit()
    await hands.read(NOTE.format(13))
    await hands.tap("viewerNoteAway")
    await hands.wait(lambda: not hands.items("viewerNote"))
    # One slice more is no news; another note is.
    source.notes = (NOTE.format(14),)
    viewer.changed.emit()
    await hands.frame()
    assert not hands.items("viewerNote")
    source.notes = (NOTE.format(15), "Rows 4 to 10 of 64 were made.")
    viewer.changed.emit()
    await hands.read("Rows 4 to 10")
    # What lies under the note can be touched beside it.
    at = viewer.index
    await hands.wheel("sliceView", -1)
    assert viewer.index == at + 1


def test_notes_and_empty_slices(play, made):
    play(story_of_notes, made)

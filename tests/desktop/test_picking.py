"""Picking CORs in the live window: scores, the wall, and the way from scan to scan."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.processes import children
from desktop.steps import cell, folder_is_read, picture_is_shown
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place

ENGINE = "import sys; from tomobatch.cpu_engine.main import main; sys.exit(main(sys.argv[1:]))"
NAMES = ("demo_0001.h5", "demo_0002.h5", "demo_0003.h5")
CONTROL = Qt.KeyboardModifier.ControlModifier


def tried(scan, about_px, width=6):
    """A Try as somebody made it by hand."""
    options = ("--reconstruction-type=try", f"--center-search-width={width}", "--center-search-step=0.5")
    about = (f"--file-name={scan}", f"--rotation-axis={about_px}")
    subprocess.run([sys.executable, "-c", ENGINE, *about, *options], check=True, capture_output=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three demo scans with a Try each: the first two turn by 180 degrees, the third by 360."""
    folder = tmp_path_factory.mktemp("picking") / "scans"
    for scan in write_demo_scans(folder, 3, 128):
        tried(scan.path, round(scan.cor_px) + 1)
    return folder


def true_cors(folder):
    lines = (Path(folder) / "true_cor.csv").read_text().splitlines()[1:]
    return {name: float(cor) for name, cor in (line.split(",") for line in lines)}


def candidate(folder, name, which):
    """File of a candidate, in the order of CORs."""
    place = final_place(Path(folder) / name, Kind.TRY)
    return sorted(place.glob("*.tiff"), key=lambda path: float(path.stem.rpartition("center")[2]))[which]


async def view_try(hands, name=NAMES[0]):
    await folder_is_read(hands, 3)
    row = hands.row_id(name)
    await hands.click("viewTry", row)
    await picture_is_shown(hands, row, "try")
    return hands.app.viewer


async def scored(hands):
    """Wait until all candidates have their scores, and that is seen."""
    picking = hands.app.picking
    await hands.wait(lambda: picking.candidates is not None and picking.candidates.done, "all are scored")
    await hands.wait(lambda: hands.words("scoreText") == picking.text, "the curve is drawn")
    return picking


def shown_px(viewer):
    return float(viewer.label.removeprefix("COR "))


def cor_of(hands, name):
    row = hands.row_id(name)
    return cell(hands, row, "corSource"), cell(hands, row, "corText")


async def has_cor(hands, name, text):
    await hands.wait(lambda: cor_of(hands, name) == ("picked", text), f"{name} has its COR")


async def moved_to(hands, name):
    viewer = hands.app.viewer
    await hands.wait(lambda: (viewer.fileName, viewer.canUseCor) == (name, True), f"{name} is shown")
    return viewer


def kept(viewer):
    looking = viewer.looking
    return looking.placement.scale, looking.placement.centre, looking.levels


def place_of(hands, cor_px):
    """Where on the curve a COR lies, as a share of its width."""
    first, last = hands.app.picking.candidates.cors_px[0], hands.app.picking.candidates.cors_px[-1]
    step = hands.app.picking.candidates.step_px
    return (cor_px - first + step) / (last - first + 2 * step), 0.6


async def story_by_mouse(hands, cors):
    """Best, use, next; best, use, next: three scans, and then there is none left."""
    viewer = await view_try(hands)
    picking = await scored(hands)
    assert abs(picking.candidates.cors_px[picking.candidates.best()] - cors[NAMES[0]]) <= 1
    await hands.wheel("sliceView", 3, modifier=CONTROL)
    await hands.frame()
    before = kept(viewer)
    for name, following in zip(NAMES, [*NAMES[1:], None], strict=True):
        await moved_to(hands, name)
        await scored(hands)
        await hands.click("goToBest")
        await hands.wait(lambda: viewer.canUseCor)
        assert abs(shown_px(viewer) - cors[name]) <= 1
        picked = viewer.label.removeprefix("COR ")
        await hands.click("useThisCor")
        await has_cor(hands, name, picked)
        if following is not None:
            await moved_to(hands, following)
            assert cell(hands, hands.row_id(following), "current") is True
        assert kept(viewer) == before
    await hands.read("All scans with a Try have a picked COR.")
    assert viewer.fileName == NAMES[2]
    assert not hands.item("useThisCor").isEnabled()
    # What was picked can be taken back, and one goes back to look at it again.
    await hands.key(Qt.Key.Key_Z, modifier=CONTROL)
    await hands.wait(lambda: cor_of(hands, NAMES[2])[0] != "picked")
    await hands.click("backToScan")
    await moved_to(hands, NAMES[1])
    assert cor_of(hands, NAMES[1]) == ("picked", viewer.label.removeprefix("COR "))
    assert viewer.corInUse


def test_three_scans_by_mouse(play, made):
    play(story_by_mouse, made, cors=true_cors(made))


async def story_by_keys(hands, cors):
    viewer = await view_try(hands)
    await scored(hands)
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_B)
    await hands.wait(lambda: viewer.canUseCor)
    assert abs(shown_px(viewer) - cors[NAMES[0]]) <= 1
    await hands.key(Qt.Key.Key_Return)
    await moved_to(hands, NAMES[1])
    # The same press once more was not meant for this scan.
    await hands.key(Qt.Key.Key_Return, times=3)
    await hands.frame()
    assert (viewer.fileName, cor_of(hands, NAMES[1])[0]) == (NAMES[1], "")
    await hands.wait(lambda: not viewer._arrival.settling)
    await hands.key(Qt.Key.Key_Return)
    await moved_to(hands, NAMES[2])
    assert cor_of(hands, NAMES[1])[0] == "picked"
    await hands.key(Qt.Key.Key_Backspace)
    await moved_to(hands, NAMES[1])
    await hands.key(Qt.Key.Key_Backspace)
    await moved_to(hands, NAMES[0])
    await scored(hands)
    await hands.key(Qt.Key.Key_W)
    await hands.wait(lambda: hands.items("bestWall"))
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("bestWall"))
    # Escape has closed the wall alone, and the keys are the picture's again.
    index = viewer.index
    await hands.key(Qt.Key.Key_Right)
    await hands.wait(lambda: viewer.index == index + 1)


def test_by_keys_over_the_table(play, made):
    play(story_by_keys, made, size=(1280, 800), cors=true_cors(made))


async def story_by_touch(hands, cors):
    """The curve by a finger, then the wall, which picks by one tap."""
    viewer = await view_try(hands)
    picking = await scored(hands)
    await hands.tap("scoreHands", place=place_of(hands, picking.candidates.cors_px[3]))
    await hands.wait(lambda: viewer.index == 3)
    await hands.slide("scoreHands", place_of(hands, picking.candidates.cors_px[5]), (0.99, 0.6))
    await hands.wait(lambda: viewer.index == viewer.count - 1)
    await hands.tap("openWall")
    await hands.wait(lambda: hands.items("bestWall"))
    hung = list(picking.wall.indices)
    best = picking.candidates.best()
    assert len(hung) == 5
    assert best in hung
    assert hung == sorted(hung)
    await hands.wait(lambda: not any(picking.wall.image(index).isNull() for index in hung))
    for index in hung:
        use = hands.item(f"wallUse{index}")
        assert min(use.width(), use.height()) >= 64
    hands.grab("wall")
    await hands.tap(f"wallPicture{hung[0]}")
    await hands.wait(lambda: not hands.items("bestWall") and viewer.index == hung[0])
    await hands.tap("openWall")
    text = picking.corText(best)
    assert abs(float(text) - cors[NAMES[0]]) <= 1
    await hands.tap(f"wallUse{best}")
    await hands.wait(lambda: cor_of(hands, NAMES[0]) == ("picked", text))
    await moved_to(hands, NAMES[1])
    assert not hands.items("bestWall")
    await hands.tap("moveOn")
    await hands.wait(lambda: viewer.canUseCor)
    await hands.tap("useThisCor")
    await hands.wait(lambda: cor_of(hands, NAMES[1])[0] == "picked")
    assert viewer.fileName == NAMES[1]
    assert viewer.corInUse


def test_by_touch(play, made):
    play(story_by_touch, made, size=(1280, 800), settings={"text_scale": 1.5}, cors=true_cors(made))


async def story_beside_the_table(hands):
    """Five pictures take the table's place while they hang, and give it back."""
    await view_try(hands)
    await scored(hands)
    beside = hands.item("viewerFrame").width()
    await hands.click("openWall")
    await hands.wait(lambda: hands.items("bestWall"))
    await hands.frame()
    assert hands.item("bestWall").width() > 1.5 * beside
    sides = [hands.item(f"wallPicture{index}").width() for index in hands.app.picking.wall.indices]
    hands.grab("wall-beside")
    await hands.click("closeWall")
    await hands.wait(lambda: not hands.items("bestWall") and hands.item("viewerFrame").width() == beside)
    await hands.click("openWall")
    await hands.wait(lambda: hands.items("bestWall"))
    await hands.click("viewerBack")
    await hands.wait(lambda: not hands.items("bestWall") and hands.item("viewerFrame").width() == beside)
    return min(sides), beside


def test_the_wall_beside_the_table(play, made):
    side, beside = play(story_beside_the_table, made, size=(1920, 1080))
    assert side > beside / 3


async def story_of_an_edge(hands, cor_px):
    """A search that misses the COR says so; widened, around its best so far, it finds it."""
    viewer = await view_try(hands)
    picking = await scored(hands)
    await hands.wait(lambda: "at the edge" in hands.words("scoreWarning"))
    assert hands.item("scoreRemedy").property("text") == "Widen the search"
    hands.grab("edge")
    before = picking.candidates
    await hands.click("scoreRemedy")
    # It would replace the Try that is there: that is asked about, as always.
    await hands.click("runConfirm")
    await hands.wait(lambda: picking.candidates not in (before, None), "the new Try is shown", 60)
    await scored(hands)
    widened = picking.candidates
    assert widened.half_width_px == pytest.approx(2 * before.half_width_px)
    middle = (widened.cors_px[0] + widened.cors_px[-1] + widened.step_px) / 2
    assert abs(middle - before.cors_px[before.best()]) <= widened.step_px
    assert abs(widened.cors_px[widened.best()] - cor_px) <= 1
    assert not hands.items("scoreWarning")
    assert cor_of(hands, NAMES[0]) == ("", "")
    assert viewer.fileName == NAMES[0]


def test_a_best_at_the_edge(play, scans):
    cor_px = true_cors(scans)[NAMES[0]]
    shutil.rmtree(final_place(scans / NAMES[0], Kind.TRY))
    tried(scans / NAMES[0], round(cor_px) + 5, width=4)
    play(story_of_an_edge, scans, cor_px=cor_px)


async def story_of_equal_files(hands):
    await view_try(hands)
    picking = await scored(hands)
    one, other = (picking.corText(index) for index in (4, 5))
    await hands.wait(lambda: f"the same picture (COR {one} and {other})" in hands.words("scoreWarning"))
    await hands.click("scoreRemedy")
    await hands.click("runConfirm")
    await hands.wait(lambda: not hands.items("scoreWarning") and picking.candidates.done, within_s=60)


def test_two_equal_files(play, scans):
    shutil.copy(candidate(scans, NAMES[0], 4), candidate(scans, NAMES[0], 5))
    play(story_of_equal_files, scans)


async def story_of_faults(hands):
    """A broken candidate has no score; a process that is killed takes nothing along."""
    viewer = await view_try(hands)
    picking = await scored(hands)
    assert picking.candidates.looked_at == 24
    assert len(picking.candidates.curve(0)[0]) == 23
    await hands.click("goToBest")
    await hands.wait(lambda: viewer.index == picking.candidates.best())
    # Whoever leafs through scans leaves no process behind.
    for name in [*NAMES, *NAMES[:2]]:
        viewer.show(hands.row_id(name), "try")
        await moved_to(hands, name)
    await scored(hands)
    assert picking.candidates.cors_px[0] < 60
    await hands.wait(lambda: not children("_scores"))


async def story_of_a_killed_process(hands):
    viewer = await view_try(hands)
    picking = hands.app.picking
    (pid,) = await hands.wait(lambda: children("_scores"))
    os.kill(pid, signal.SIGKILL)
    await hands.wait(lambda: "stopped at" in hands.words("scoreText"))
    assert not picking.candidates.done
    # Opened anew, it is scored anew.
    viewer.show(viewer.scanId, "try")
    await hands.wait(lambda: "stopped at" not in hands.words("scoreText"))
    await scored(hands)


def test_a_killed_process(play, made):
    play(story_of_a_killed_process, made)


def test_what_cannot_be_scored(play, scans):
    candidate(scans, NAMES[0], 3).write_bytes(b"no TIFF")
    play(story_of_faults, scans)

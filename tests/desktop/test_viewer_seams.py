"""Where parts of the viewer meet: what one keeps must not be another's, without a window."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest

from desktop.pair_aid import AtOnce, two_scans, write_try
from desktop.viewer_aid import Made
from desktop.waiting import until
from tomobatch.desktop.viewing import score_run
from tomobatch.desktop.viewing import viewer as viewing
from tomobatch.desktop.viewing.beside import Beside
from tomobatch.desktop.viewing.found import Found
from tomobatch.desktop.viewing.pair import Pair
from tomobatch.desktop.viewing.picking import Picking
from tomobatch.desktop.viewing.thumbnails import Thumbnails
from tomobatch.desktop.viewing.viewer import Viewer
from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.recon.results import ResultState
from tomobatch.volumes.versions import Version

AREA = (500.0, 300.0)
FIRST, SECOND = range(2)


class Scans:
    """A table that is slow to learn of results."""

    def __init__(self, folder):
        self._folder, self.gone = folder, set()
        made = SimpleNamespace(
            kind=Kind.TRY, state=ResultState.COMPLETE, job_id="invented", cor_source="typed"
        )
        self._known = SimpleNamespace(results=(made,), cor_in_use=None)

    def find(self, scan_id):
        name = f"demo_{scan_id + 1:04d}.h5"
        return None if scan_id in self.gone else Found(self._folder / name, name)

    def known(self, scan_id):
        self._known.scan_id, self._known.cor = scan_id, None
        self._known.file = SimpleNamespace(shown_name=f"demo_{scan_id + 1:04d}.h5")
        return None if scan_id in self.gone else self._known

    def order(self):
        return []


@pytest.fixture
def folder(tmp_path):
    return two_scans(tmp_path / "scans")


@pytest.fixture
def scans(folder):
    return Scans(folder)


@pytest.fixture
def made(scans, owner):
    """Makes viewers."""
    viewers = []

    def make():
        viewers.append(Viewer(scans.find, lambda _scan_id: None, owner))
        return viewers[-1]

    yield make
    for viewer in viewers:
        asyncio.run(viewer.close())


@pytest.fixture
def viewer(made):
    return made()


@pytest.fixture
def tasks():
    return AtOnce()


@pytest.fixture
def picking(viewer, scans, tasks, owner):
    settings = SimpleNamespace(kept=SimpleNamespace(move_on=True))
    return Picking(viewer, scans, None, settings, tasks, lambda *_: None, owner)


def is_shown(viewer):
    return lambda: viewer.state == "shown" and viewer.looking.shown_index == viewer.index


def show(viewer, scan_id, mode="try"):
    viewer.show(scan_id, mode)
    viewer.looking.set_area(AREA, 1.0)
    until(is_shown(viewer))


# -- scores -----------------------------------------------------------------------------------


def made_anew(scan_path, job, first_px):
    """Another run's Try is in the place of the one there was."""
    place = final_place(scan_path, Kind.TRY)
    place.rename(place.with_name(f"before-{job}"))
    receipt = write_try(scan_path, [first_px + step / 2 for step in range(8)]) / "tomobatch.json"
    receipt.write_text(receipt.read_text().replace('"invented"', f'"{job}"'))


def test_scores_are_never_those_of_the_run_before(viewer, picking, tasks, folder):
    """Files come before the table hears of them: a COR picked by an older run's list would be a wrong one."""
    show(viewer, FIRST)
    for job, first_px in (("wider", 20.0), ("invented", 8.0)):
        made_anew(folder / "demo_0001.h5", job, first_px)
        viewer.refresh(FIRST)
        until(lambda first_px=first_px: viewer.source.cor_px(0) == first_px)
        assert picking.candidates.cors_px == tuple(viewer.source.cor_px(i) for i in range(viewer.count))
        assert picking.candidates.done
    # What was found out about a run serves again.
    assert tasks.names == ["scoring the candidates of a Try"] * 2


def test_a_try_is_scored_once_it_is_whole(viewer, picking, tasks, monkeypatch):
    opened = viewing._open

    def growing(wanted):
        source = opened(wanted)
        source.growing = True
        return source

    monkeypatch.setattr(viewing, "_open", growing)
    show(viewer, FIRST)
    assert (picking.candidates, picking.warning, tasks.names) == (None, "", [])
    monkeypatch.setattr(viewing, "_open", opened)
    viewer.refresh(FIRST)
    until(lambda: not viewer.source.growing)
    assert picking.candidates.done


class Failing(AtOnce):
    """Errors are said elsewhere."""

    def start(self, work, name):
        with suppress(TomoBatchError):
            super().start(work, name)


def test_scores_that_cannot_begin_have_stopped(viewer, scans, owner, monkeypatch):
    monkeypatch.setattr(score_run, "scores_program", lambda: ["/nowhere/scores"])
    settings = SimpleNamespace(kept=SimpleNamespace(move_on=True))
    picking = Picking(viewer, scans, None, settings, Failing(), lambda *_: None, owner)
    show(viewer, FIRST)
    assert "stopped at 0 of 8" in picking.text


# -- the wall ---------------------------------------------------------------------------------


def colors_of(image):
    places = [(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)]
    return {image.pixelColor(*place).getRgb()[:3] for place in places}


def test_the_wall_has_the_colours_and_the_contrast_of_the_viewer(viewer, picking):
    show(viewer, FIRST)
    picking.openWall()
    until(lambda: not picking.wall.image(0).isNull())
    told = []
    picking.wall.pictureMade.connect(told.append)
    assert all(red == green == blue for red, green, blue in colors_of(picking.wall.image(0)))
    viewer.contrast_part.colorMap = "Viridis"
    assert (68, 1, 84) in colors_of(picking.wall.image(0))
    assert told.count(0) == 1
    viewer.looking.set_levels(1e7, 2e7)
    assert colors_of(picking.wall.image(0)) == {(68, 1, 84)}
    assert told.count(0) == 2
    picking.wall.close()
    viewer.looking.set_levels(1.0, 2.0)
    assert told.count(0) == 2


class Large(Made):
    """Slices that are remembered as long as anybody holds them."""

    def __init__(self, fails=()):
        super().__init__("COR", 5)
        self.shape, self.read_, self._fails = (1024, 1024), [], fails

    def read(self, index, buffers, left=None):
        if index in self._fails:
            raise MemoryError
        data = np.full(self.shape, index, np.float32)
        self.read_.append(weakref.ref(data))
        return data


def test_the_wall_holds_what_it_shows_alone(owner):
    source, thumbnails, hung = Large(fails=(3,)), Thumbnails(owner), []
    thumbnails.made.connect(hung.append)
    thumbnails.make(source, range(5))
    until(lambda: len(hung) == 5)
    gc.collect()
    assert [data() for data in source.read_] == [None] * 4
    assert "memory" in hung[3].problem
    assert not hung[4].image(None, "Gray").isNull()


# -- from scan to scan ------------------------------------------------------------------------


def test_from_raw_data_back_to_a_try_its_contrast_is_its_own(viewer, picking, monkeypatch):
    """What counts photons tells nothing of a Try: it would be all black."""
    show(viewer, FIRST)
    picking._trail.append(FIRST)
    opened = viewing._open
    monkeypatch.setattr(viewing, "_open", lambda wanted: Made() if wanted.mode == "raw" else opened(wanted))
    show(viewer, SECOND, "raw")
    viewer.looking.set_levels(50_000.0, 60_000.0)
    picking.back()
    until(lambda: viewer.mode == "try" and is_shown(viewer)())
    low, high = viewer.looking.levels
    assert (low, high) != (50_000.0, 60_000.0)


def test_back_passes_over_scans_that_are_gone(picking, scans):
    picking._trail.extend([FIRST, SECOND])
    assert picking.backName == "demo_0002.h5"
    scans.gone.add(SECOND)
    assert picking.backName == "demo_0001.h5"
    scans.gone.add(FIRST)
    assert picking.backName == ""


def test_a_try_made_anew_is_shown_where_one_was(viewer, folder):
    show(viewer, FIRST)
    viewer.move_on(SECOND, 9.5)
    until(lambda: viewer.scanId == SECOND and is_shown(viewer)())
    viewer.index = 7
    assert viewer.source.cor_px(7) == 12.5
    made_anew(folder / "demo_0002.h5", "anew", 9.3)
    viewer.refresh(SECOND)
    until(lambda: viewer.source.cor_px(0) == 9.3 and is_shown(viewer)())
    assert viewer.source.cor_px(viewer.index) == pytest.approx(12.3)


def test_a_version_of_another_scan_begins_in_its_middle(viewer):
    show(viewer, FIRST)
    viewer.index = 7
    viewer.refresh(FIRST)
    until(is_shown(viewer))
    viewer.show_version(SECOND, "try", "")
    until(lambda: viewer.scanId == SECOND and is_shown(viewer)())
    assert viewer.index == 3


def test_versions_are_those_of_what_is_shown(viewer, made, scans, folder):
    """Beside the next scan the second would look for a run of the scan before."""
    pair = Pair(viewer, made, Beside(scans, lambda *_: viewer.runs.kept()), AtOnce(), viewer)
    show(viewer, FIRST)
    viewer.runs._set_found(viewer.runs._number, (Version("", "now"), Version("kept-1", "before", kept=True)))
    pair.toggle()
    assert pair.second.version == "kept-1"
    viewer.move_on(SECOND, None)
    assert viewer.versions.found == []
    assert (pair.second.scanId, pair.second.version) == (SECOND, "")
    pair.closeSecond()


def test_comparing_with_a_scan_that_is_gone(viewer, made, scans):
    show(viewer, FIRST)
    scans.gone.add(FIRST)
    pair = Pair(viewer, made, Beside(scans), AtOnce(), viewer)
    pair.toggle()
    assert (pair.open, pair.second) == (False, None)
    viewer.step(1)
    until(is_shown(viewer))


# -- contrast ---------------------------------------------------------------------------------


@pytest.fixture
def two(viewer, made, scans):
    show(viewer, FIRST, "full")
    pair = Pair(viewer, made, Beside(scans), AtOnce(), viewer)
    pair.toggle()
    pair.second.looking.set_area(AREA, 1.0)
    until(is_shown(pair.second))
    yield viewer, pair.second
    pair.closeSecond()


def test_limits_set_by_hand_in_the_second_stay_in_the_first(two):
    """The survey of the first may end any time later."""
    first, second = two
    first.contrast_part.choose("volume")
    second.looking.set_levels(3.0, 4.0)
    assert first.contrast_part.mode == "fixed"
    until(lambda: first.contrast_part._surveyed is not None)
    assert first.looking.levels == second.looking.levels == (3.0, 4.0)


def test_the_second_tells_its_colours(two):
    first, second = two
    first.contrast_part.colorMap = "Magma"
    assert second.contrast_part.colorMap == second.contrast_part.color_map == "Magma"


def test_a_kept_contrast_is_said_to_be_kept(viewer):
    show(viewer, FIRST)
    contrast = viewer.contrast_part
    until(lambda: "slices of the volume" in contrast.note)
    levels = viewer.looking.levels
    for scan_id in (SECOND, FIRST):
        viewer.move_on(scan_id, None)
        until(lambda scan_id=scan_id: viewer.scanId == scan_id and is_shown(viewer)())
        assert contrast.note == "Kept from what was looked at before."
        assert (viewer.looking.levels, contrast.mode) == (levels, "volume")
    contrast.choose("volume")
    until(lambda: "slices of the volume" in contrast.note)


def test_a_contrast_that_was_not_found_yet_is_found_in_what_comes_next(viewer, monkeypatch):
    from tomobatch.desktop.viewing.looking import Looking

    with monkeypatch.context() as patched:
        patched.setattr(Looking, "survey", lambda *_: None)
        show(viewer, FIRST, "full")
    assert "By the first slice" in viewer.contrast_part.note
    viewer.refresh(FIRST)
    until(lambda: "slices of the volume" in viewer.contrast_part.note)


def test_what_is_known_of_one_volume_is_not_taken_for_the_next_one(viewer):
    """*Volume* is pressed while the next one is being opened."""
    show(viewer, FIRST, "full")
    contrast = viewer.contrast_part
    contrast.choose("volume")
    until(lambda: contrast._surveyed is not None)
    before = viewer.looking.levels
    viewer.show(FIRST, "try")
    assert viewer.source is None
    contrast.choose("volume")
    viewer.looking.set_area(AREA, 1.0)
    until(lambda: is_shown(viewer)() and contrast._surveyed is not None)
    assert viewer.looking.levels == contrast._surveyed
    assert viewer.looking.levels != before


# -- travel and growth ------------------------------------------------------------------------


def test_growth_does_not_end_a_play(viewer):
    show(viewer, FIRST, "full")
    viewer.travel.togglePlay()
    viewer._grown()
    assert viewer.travel.playing
    # A jump does, and so does what is opened anew.
    viewer.step(3)
    assert not viewer.travel.playing
    viewer.travel.togglePlay()
    viewer.refresh(FIRST)
    until(lambda: not viewer.travel.playing)


def test_a_wall_ends_a_play(viewer, picking):
    show(viewer, FIRST)
    viewer.travel.togglePlay()
    picking.openWall()
    assert not viewer.travel.playing
    picking.wall.close()
    viewer.travel.togglePlay()
    picking.look(viewer.index)
    assert not viewer.travel.playing


def test_what_cannot_be_opened_grows_no_more(viewer, folder):
    show(viewer, FIRST)
    viewer._growing.start()
    final_place(folder / "demo_0001.h5", Kind.TRY).rename(folder / "elsewhere")
    viewer.refresh(FIRST)
    until(lambda: viewer.state == "error")
    assert not viewer._growing.isActive()

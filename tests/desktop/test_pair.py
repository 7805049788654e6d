"""Two viewers that go along with each other: each moves the other once, and is not moved back."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from desktop.pair_aid import SIZE, two_scans, write_full
from desktop.waiting import until
from tomobatch.desktop.viewing.beside import Beside, Shown
from tomobatch.desktop.viewing.found import Found
from tomobatch.desktop.viewing.linked import Linked
from tomobatch.desktop.viewing.pair import Pair
from tomobatch.desktop.viewing.viewer import Viewer
from tomobatch.recon.kinds import Kind
from tomobatch.volumes.reader import CACHE_BYTES, SPARES, THREADS

AREA = (500.0, 300.0)
FIRST, SECOND, BARE, STRANGE = range(4)


class Row:
    def __init__(self, series, *kinds):
        self.series, self.kinds = series, kinds

    def can_view(self, kind):
        return kind in self.kinds


class Rows:
    """A table: two scans of one series with everything, one of it with nothing, one of another series."""

    def __init__(self):
        both = Kind.TRY, Kind.FULL
        self.rows = {
            FIRST: Row(0, *both), SECOND: Row(0, *both), BARE: Row(0), STRANGE: Row(1, *both),
        }  # fmt: skip

    def order(self):
        return list(self.rows)

    def known(self, scan_id):
        return self.rows.get(scan_id)


class AtOnce:
    """Tasks that have ended when they are started."""

    @staticmethod
    def start(work, _name):
        asyncio.run(work)


class Count:
    """How often something was told."""

    def __init__(self, *signals):
        self.times = 0
        for signal in signals:
            signal.connect(self.add)

    def add(self, *_):
        self.times += 1


@pytest.fixture
def folder(tmp_path):
    return two_scans(tmp_path / "scans")


@pytest.fixture
def pair(folder, owner):
    names = [*sorted(path.name for path in folder.glob("*.h5")), "demo_0001.h5"]

    def find(scan_id):
        return Found(folder / names[scan_id], names[scan_id]) if 0 <= scan_id < len(names) else None

    first = Viewer(find, lambda _scan_id: None, owner)
    made = Pair(first, lambda: Viewer(find, lambda _scan_id: None, owner), Beside(Rows()), AtOnce(), owner)
    made.first = first
    yield made
    made.closeSecond()
    asyncio.run(first.close())


def is_shown(viewer):
    return lambda: viewer.state == "shown" and viewer.looking.shown_index == viewer.index


def show(viewer, scan_id, mode):
    viewer.show(scan_id, mode)
    viewer.looking.set_area(AREA, 1.0)
    until(is_shown(viewer))


def compare(pair, mode="full", scan_id=FIRST):
    """Look at something, and at something else beside it."""
    show(pair.first, scan_id, mode)
    pair.toggle()
    pair.second.looking.set_area(AREA, 1.0)
    until(is_shown(pair.second))
    return pair.first, pair.second


def show_odd(viewer, folder):
    """Slices of another form, whose size is no simple part of the other's."""
    write_full(folder / "demo_0003.h5", shape=(51, 77))
    viewer.show(BARE, "full")
    until(is_shown(viewer))


def counts(one, two):
    """Of what tells of a move, in each."""
    return [Count(v.indexChanged, v.looking.placementChanged, v.looking.levelsChanged) for v in (one, two)]


def readers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("volume-")]


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("driven", [0, 1])
def test_each_moves_the_other_once_and_nothing_moves_back(pair, folder, driven, odd):
    viewers = compare(pair)
    # What is found by looking through the volume may come at any time, and is a move as well.
    viewers[0].contrast_part.choose("fixed")
    if odd:
        show_odd(viewers[1], folder)
    lead, follower = viewers[driven], viewers[1 - driven]
    for move in (
        lambda: lead.looking.zoom((200.0, 100.0), 3.0),
        lambda: lead.looking.pan((17.0, -9.0)),
        lambda: lead.looking.set_levels(3.0, 90_000.0),
        lambda: lead.step(-2),
        lead.fit,
    ):
        told = counts(lead, follower)
        move()
        assert [count.times for count in told] == [1, 1]
        until(lambda: all(is_shown(viewer)() for viewer in viewers))
        assert [count.times for count in told] == [1, 1]


@pytest.mark.parametrize("driven", [0, 1])
def test_the_same_part_of_the_sample_is_shown(pair, driven):
    viewers = compare(pair)
    lead = viewers[driven].looking
    lead.zoom((100.0, 210.0), 4.0)
    lead.pan((-31.0, 12.0))
    seen = [viewer.looking.placement.on(viewer.looking.shape).visible for viewer in viewers]
    assert [2 * edge for edge in seen[1]] == pytest.approx(seen[0])
    assert seen[0][2] - seen[0][0] < SIZE


def test_another_size_on_the_screen_is_no_move(pair, folder):
    first, second = compare(pair)
    show_odd(second, folder)
    first.looking.zoom((100.0, 210.0), 4.0)
    before = first.looking.placement
    second.looking.set_area((300.0, 700.0), 1.0)
    assert first.looking.placement == before
    assert second.looking.placement.area == (300.0, 700.0)


def test_rows_go_together_as_they_were_binned(pair):
    first, second = compare(pair)
    assert (first.label, second.label) == ("slice 5", "slice 2")
    first.step(3)
    assert (first.label, second.label) == ("slice 8", "slice 4")
    second.step(-1)
    assert (first.label, second.label) == ("slice 6", "slice 3")
    second.step(99)
    assert (first.label, second.label) == ("slice 10", "slice 5")


def test_candidates_go_together_by_their_cor(pair):
    first, second = compare(pair, "try")
    assert (first.label, second.label) == ("COR 9.50", "COR 9.50")
    first.step(99)
    assert (first.label, second.label) == ("COR 11.50", "COR 11.50")
    second.step(99)
    # That one is not among the first's.
    assert (first.label, second.label) == ("COR 11.50", "COR 12.50")


def test_contrast_is_one_until_each_has_its_own(pair):
    first, second = compare(pair)
    assert second.looking.levels == first.looking.levels
    second.looking.set_levels(1.0, 2.0)
    assert first.looking.levels == (1.0, 2.0)
    pair.contrastLinked = False
    until(is_shown(second))
    assert second.looking.levels == second.looking.frame.slice.auto_levels
    first.looking.set_levels(5.0, 6.0)
    second.looking.set_levels(7.0, 8.0)
    first.step(1)
    until(lambda: is_shown(first)() and is_shown(second)())
    assert (first.looking.levels, second.looking.levels) == ((5.0, 6.0), (7.0, 8.0))
    pair.contrastLinked = True
    assert second.looking.levels == (5.0, 6.0)


def test_the_first_finds_its_own_contrast(pair):
    """Also while the second has one already: what that finds by itself is no wish."""
    first, second = compare(pair)
    # What is found by looking through the volume may come at any time.
    first.contrast_part.choose("fixed")
    first.looking.forget()
    second.looking.set_levels(1.0, 2.0)
    assert first.looking.levels is None
    first.looking.look(6)
    until(lambda: first.looking.levels is not None)
    assert first.looking.levels == second.looking.levels == first.looking.frame.slice.auto_levels


def test_what_comes_anew_into_the_second_is_shown_as_the_first_is(pair):
    first, second = compare(pair)
    first.looking.zoom((100.0, 210.0), 4.0)
    first.looking.set_levels(3.0, 90_000.0)
    first.step(2)
    before = first.looking.placement, first.looking.levels, first.index
    second.show(FIRST, "full")
    until(is_shown(second))
    assert (first.looking.placement, first.looking.levels, first.index) == before
    assert (second.looking.placement, second.looking.levels, second.index) == before


def test_what_comes_anew_into_the_first_leads(pair):
    first, second = compare(pair, "try")
    first.looking.zoom((100.0, 210.0), 4.0)
    first.show(SECOND, "full")
    until(is_shown(first))
    until(is_shown(second))
    assert first.index == second.index == 2
    assert first.looking.placement.scale is second.looking.placement.scale is None
    assert first.looking.levels == second.looking.levels


def test_the_pointer_tells_of_both_files(pair):
    first, second = compare(pair)
    first.point_at((250.3, 100.2))
    at, other = (v.looking.data_at(v.pointer) for v in (first, second))
    assert other == pytest.approx([at[0] / 2, at[1] / 2])
    assert pair.marked
    # Into the second, and only then out of the first.
    second.point_at((300.0, 120.0))
    first.point_at(None)
    assert second.pointer == (300.0, 120.0)
    assert first.pointer == pytest.approx((300.0, 120.0))
    second.point_at(None)
    assert (first.pointer, second.pointer, pair.marked) == (None, None, False)


def test_two_take_no_more_memory_than_one(pair):
    first, second = compare(pair)
    held = [viewer.looking._reader._cache_bytes for viewer in (first, second)]
    assert held == [CACHE_BYTES // 2] * 2
    second.show(FIRST, "try")
    until(is_shown(second))
    assert second.looking._reader._cache_bytes == CACHE_BYTES // 2
    pair.toggle()
    assert first.looking._reader._cache_bytes == CACHE_BYTES


def test_closing_keeps_nothing_of_the_second(pair):
    until(lambda: not readers())
    show(pair.first, FIRST, "full")
    # They begin one after the other, and the first slice may be there before the last.
    until(lambda: len(readers()) == THREADS + SPARES)
    compare(pair)
    until(lambda: len(readers()) == 2 * (THREADS + SPARES))
    kept = [weakref.ref(thing) for thing in (pair.second.looking, pair.second.looking.frame.slice.data)]
    pair.closeSecond()
    assert (pair.open, pair.second) == (False, None)
    until(lambda: len(readers()) == THREADS + SPARES)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [ref() for ref in kept] == [None, None]
    pair.first.step(1)
    pair.first.looking.zoom((1.0, 1.0), 2.0)
    until(is_shown(pair.first))
    assert pair.first.position.startswith("slice 6 of 0–11")


def test_what_is_closed_goes_along_no_more(pair):
    first, second = compare(pair)
    looking = second.looking
    pair.closeSecond()
    first.looking.set_levels(1.0, 2.0)
    assert (looking.frame, looking.levels) == (None, None)


def test_nothing_is_compared_with_nothing(pair):
    pair.toggle()
    assert not pair.open


def test_what_cannot_be_shown_is_said_in_the_second_alone(pair):
    first, second = compare(pair)
    second.show(BARE, "full")
    until(lambda: second.state == "error")
    assert "demo_0003.h5 has no Full yet" in second.message
    first.step(3)
    until(is_shown(first))
    assert first.label == "slice 8"
    second.show(SECOND, "full")
    until(is_shown(second))
    assert second.label == "slice 4"


def test_the_second_goes_along_where_it_shows_the_same_scan(pair):
    first, second = compare(pair)
    second.show(FIRST, "try")
    until(is_shown(second))
    first.show(SECOND, "full")
    until(lambda: (second.scanId, second.mode) == (SECOND, "try") and is_shown(second)())
    # A scan of its own stays.
    first.show(STRANGE, "full")
    first.show(FIRST, "full")
    until(is_shown(first))
    second.show(SECOND, "full")
    until(is_shown(second))
    first.show(STRANGE, "full")
    until(is_shown(first))
    assert second.scanId == SECOND


def test_what_grows_is_compared_by_what_is_there_by_now(pair):
    first, second = compare(pair)
    second.show(FIRST, "full")
    until(is_shown(second))
    pair._linked.close()
    second.source.count = 4
    linked = Linked(first, second, contrast=True)
    first.step(99)
    assert (first.label, second.label) == ("slice 11", "slice 3")
    second.source.count = 12
    first.step(-1)
    assert (first.label, second.label) == ("slice 10", "slice 10")
    linked.close()


# -- what is worth seeing ---------------------------------------------------------------------


def kept(scan_id, mode):
    return ["kept-2", "kept-1"] if (scan_id, mode) == (FIRST, "full") else []


@pytest.mark.parametrize(
    ("shown", "beside"),
    [
        # An earlier run comes first, and beside an earlier run the one that counts.
        (Shown(FIRST, "full"), Shown(FIRST, "full", "kept-2")),
        (Shown(FIRST, "full", "kept-1"), Shown(FIRST, "full")),
        # Else the next scan of the series that has one; above where there is none below.
        (Shown(FIRST, "try"), Shown(SECOND, "try")),
        (Shown(SECOND, "full"), Shown(FIRST, "full")),
        # Alone in its series, or gone.
        (Shown(STRANGE, "try"), Shown(STRANGE, "try")),
        (Shown(99, "try"), Shown(99, "try")),
        # Raw data are compared with what was made of them.
        (Shown(FIRST, "raw"), Shown(FIRST, "full")),
        (Shown(BARE, "raw"), Shown(BARE, "raw")),
    ],
)
def test_something_useful_is_shown_beside(shown, beside):
    assert Beside(Rows(), kept).of(shown) == beside


def test_along_to_another_scan():
    beside = Beside(Rows(), kept)
    assert beside.along(Shown(FIRST, "full"), Shown(SECOND, "full", "kept-1")) == Shown(
        FIRST, "full", "kept-2"
    )
    assert beside.along(Shown(SECOND, "full"), Shown(FIRST, "full", "kept-1")) == Shown(SECOND, "full")
    assert beside.along(Shown(SECOND, "full"), Shown(FIRST, "raw")) == Shown(SECOND, "raw")


def test_a_version_is_looked_at(pair, folder):
    """Which is opened is the source's affair; that it is asked for is the viewer's."""
    write_full(folder / "demo_0003.h5")
    pair.first.show_version(BARE, "full", "kept-1")
    assert (pair.first.version, pair.first.scanId, pair.first.mode) == ("kept-1", BARE, "full")
    pair.first.show(FIRST, "full")
    assert pair.first.version == ""

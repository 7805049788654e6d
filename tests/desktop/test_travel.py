"""Ways through the slices, by a clock that the test turns."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Signal

from tomobatch.desktop.viewing.travel import SLICE_PX, Travel
from tomobatch.volumes.placement import Placement


class Looking:
    """Something of 100 x 200 pixels, fitted until it is zoomed."""

    def __init__(self):
        self.shape, self.placement, self.panned = (100, 200), Placement((400.0, 400.0)), []

    def pan(self, by):
        self.panned.append(by)


class Candidates:
    """A Try, as far as words about it go."""

    def __init__(self, slices):
        self._slices = slices

    @property
    def count(self):
        return self._slices.count

    @staticmethod
    def label(index):
        return f"COR {100 + index / 2:.2f}"


class Slices(QObject):
    """A viewer, as far as travelling goes."""

    changed = Signal()
    indexChanged = Signal()  # noqa: N815 - Qt's way

    def __init__(self, count):
        super().__init__()
        self.count, self.state, self.looking = count, "shown", Looking()
        self.source = Candidates(self)
        self._index = 0

    @property
    def index(self):
        return self._index

    @index.setter
    def index(self, index):
        index = max(0, min(index, self.count - 1))
        if index != self._index:
            self._index = index
            self.indexChanged.emit()


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def on(clock):
    """Gives slices and the way through them."""
    application = QCoreApplication.instance() or QCoreApplication([])
    assert application
    return lambda count: ((slices := Slices(count)), Travel(slices, clock))


def pass_time(travel, clock, seconds, painted=True):
    clock.now_s += seconds
    travel.advance()
    if painted:
        travel.painted()


@pytest.mark.parametrize(("count", "step"), [(0, 5), (12, 5), (50, 5), (199, 19), (1000, 100), (9000, 100)])
def test_a_large_step_is_a_tenth_within_bounds(on, count, step):
    assert on(count)[1].largeStep == step


def test_steps_end_at_the_ends(on):
    slices, travel = on(40)
    travel.stepLarge(1)
    travel.step(1)
    assert slices.index == 6
    travel.stepLarge(-1)
    travel.stepLarge(-1)
    assert slices.index == 0
    travel.toLast()
    travel.step(1)
    assert slices.index == 39
    travel.toFirst()
    assert slices.index == 0


def test_the_thumb_tells_slice_and_cor(on):
    slices, travel = on(200)
    told = []
    travel.moved.connect(lambda: told.append(travel.label))
    slices.index = 99
    assert told == ["100 / 200 · COR 149.50"]
    slices.count = 0
    assert travel.label == ""


def test_play_steps_when_it_is_time_and_no_sooner(on, clock):
    slices, travel = on(40)
    travel.speed = "10"
    travel.togglePlay()
    travel.advance()
    travel.painted()
    assert (travel.playing, slices.index) == (True, 1)
    seen = []
    for _ in range(30):
        pass_time(travel, clock, 0.1)
        seen.append(slices.index)
    assert seen == list(range(2, 32))


def test_play_keeps_its_pace_where_ticks_come_late(on, clock):
    slices, travel = on(1000)
    travel.speed = "25"
    travel.togglePlay()
    begun_s, stepped_s = clock.now_s, []
    while clock.now_s - begun_s < 4:
        before = slices.index
        due_s = travel._due_s
        clock.now_s = max(clock.now_s, due_s) + 0.007
        travel.advance()
        travel.painted()
        assert slices.index == before + 1
        stepped_s.append(clock.now_s)
    assert len(stepped_s) == pytest.approx(100, abs=2)


def test_what_was_not_seen_is_not_passed_over(on, clock):
    slices, travel = on(40)
    travel.togglePlay()
    travel.advance()
    assert slices.index == 1
    slices.state = "loading"
    for _ in range(20):
        pass_time(travel, clock, 1.0)
    assert (travel.playing, slices.index) == (True, 1)
    slices.state = "shown"
    # Ready is not yet seen.
    pass_time(travel, clock, 1.0, painted=False)
    assert slices.index == 1
    travel.painted()
    travel.advance()
    assert slices.index == 2
    # Time that was lost is not made up for.
    for _ in range(20):
        travel.painted()
        pass_time(travel, clock, 0.01, painted=False)
    assert slices.index <= 2 + 1 + 2


def test_play_goes_past_a_broken_slice(on, clock):
    slices, travel = on(40)
    travel.togglePlay()
    travel.advance()
    slices.state = "error"
    travel.painted()
    pass_time(travel, clock, 1.0)
    assert slices.index == 2


@pytest.mark.parametrize(("turns", "seen"), [(True, [1, 2, 1, 0, 1, 2]), (False, [1, 2, 0, 1, 2, 0])])
def test_the_end_of_a_play(on, clock, turns, seen):
    slices, travel = on(3)
    travel.turnsAround = turns
    travel.togglePlay()
    found = []
    for _ in seen:
        pass_time(travel, clock, 1.0)
        found.append(slices.index)
    assert found == seen


def test_one_slice_cannot_be_played(on, clock):
    slices, travel = on(1)
    travel.togglePlay()
    assert (travel.canPlay, travel.playing) == (False, False)
    slices.count = 2
    travel.togglePlay()
    slices.count = 1
    pass_time(travel, clock, 1.0)
    assert not travel.playing


@pytest.mark.parametrize(
    "touch",
    [
        lambda slices, travel: travel.halt(),
        lambda slices, travel: travel.step(1),
        lambda slices, travel: travel.stepLarge(-1),
        lambda slices, travel: travel.toFirst(),
        lambda slices, travel: travel.grab(),
        lambda slices, travel: travel.togglePlay(),
        lambda slices, travel: setattr(slices, "index", 30),
    ],
)
def test_play_stops_at_any_touch(on, clock, touch):
    slices, travel = on(40)
    travel.togglePlay()
    pass_time(travel, clock, 1.0)
    told = []
    travel.changed.connect(lambda: told.append(travel.playing))
    touch(slices, travel)
    rest = slices.index
    assert told[-1] is False
    for _ in range(3):
        pass_time(travel, clock, 1.0)
    assert slices.index == rest


def draw(travel, clock, px, moves, move_s):
    travel.grab()
    for _ in range(moves):
        clock.now_s += move_s
        travel.draw(px / moves, 0)


def test_a_finger_goes_so_far_for_a_slice(on, clock):
    slices, travel = on(40)
    draw(travel, clock, -10 * SLICE_PX, 20, 0.05)
    assert (slices.index, travel.moving) == (10, True)
    travel.draw(4 * SLICE_PX, 300)
    assert slices.index == 6
    # Beyond the end nothing is wound up that a finger would have to unwind.
    travel.draw(99 * SLICE_PX, 0)
    travel.draw(-2 * SLICE_PX, 0)
    assert slices.index == 2
    clock.now_s += 1
    travel.letGo()
    assert not travel.moving
    assert slices.looking.panned == []


def test_a_flick_goes_on_and_comes_to_rest(on, clock):
    slices, travel = on(400)
    draw(travel, clock, -10 * SLICE_PX, 10, 0.01)
    assert slices.index == 10
    travel.letGo()
    seen = [slices.index]
    while travel.moving and len(seen) < 500:
        pass_time(travel, clock, 0.016)
        seen.append(slices.index)
    steps = [after - before for before, after in pairwise(seen)]
    assert steps[0] == max(steps) > 0
    assert min(steps) == 0
    # 100 slices a second, slowing down: 40 slices on.
    assert seen[-1] == pytest.approx(10 + 40, abs=2)


def test_a_flick_backwards_ends_at_the_first_slice(on, clock):
    slices, travel = on(400)
    slices.index = 20
    draw(travel, clock, 5 * SLICE_PX, 5, 0.005)
    travel.letGo()
    for _ in range(100):
        pass_time(travel, clock, 0.016)
    assert (slices.index, travel.moving) == (0, False)


def test_a_finger_that_lay_still_does_not_flick(on, clock):
    slices, travel = on(400)
    draw(travel, clock, -10 * SLICE_PX, 10, 0.01)
    clock.now_s += 0.2
    travel.letGo()
    pass_time(travel, clock, 0.2)
    assert (slices.index, travel.moving) == (10, False)


@pytest.mark.parametrize("touch", [Travel.halt, Travel.grab, lambda travel: travel.step(0)])
def test_a_touch_ends_a_flick(on, clock, touch):
    slices, travel = on(400)
    draw(travel, clock, -10 * SLICE_PX, 10, 0.01)
    travel.letGo()
    pass_time(travel, clock, 0.1)
    rest = slices.index
    touch(travel)
    pass_time(travel, clock, 0.3)
    assert slices.index == rest > 10


def test_two_fingers_do_not_flick(on, clock):
    slices, travel = on(400)
    draw(travel, clock, -10 * SLICE_PX, 10, 0.01)
    travel.drop()
    pass_time(travel, clock, 0.1)
    assert (slices.index, travel.moving) == (10, False)


@pytest.mark.parametrize(
    "place",
    [lambda shape, it: it.zoomed(shape, (100, 100), 1.3), lambda shape, it: it.panned(shape, (60, 0))],
)
def test_a_finger_drags_what_is_not_seen_whole(on, clock, place):
    slices, travel = on(40)
    looking = slices.looking
    looking.placement = place(looking.shape, looking.placement)
    draw(travel, clock, -90, 5, 0.01)
    travel.letGo()
    pass_time(travel, clock, 0.1)
    assert (slices.index, travel.moving) == (0, False)
    assert looking.panned == [(-18, 0)] * 5


def test_a_picture_that_is_smaller_than_its_place_is_gone_through(on, clock):
    slices, travel = on(40)
    looking = slices.looking
    looking.placement = looking.placement.zoomed(looking.shape, (200, 200), 0.8)
    draw(travel, clock, -5 * SLICE_PX, 5, 0.1)
    assert slices.index == 5

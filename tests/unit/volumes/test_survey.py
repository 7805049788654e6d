"""The contrast of a whole volume, and slices looked into while nobody waits."""

import threading

import numpy as np

from tomobatch.volumes.contrast import auto_levels
from tomobatch.volumes.frame import Frame, Sampled, View
from tomobatch.volumes.placement import Placement
from tomobatch.volumes.reader import Reader
from tomobatch.volumes.source import LeftError, Source
from tomobatch.volumes.survey import survey_levels, survey_slices

VIEW = View(Placement((10.0, 10.0)))


class Stack(Source):
    """Slice n is full of n; those of `held` wait."""

    count, shape = 30, (8, 8)

    def __init__(self, held=()):
        self.asked, self.held, self.let_go = [], held, threading.Event()

    def label(self, index):
        return f"slice {index}"

    def read(self, index, buffers, left=lambda: False):
        self.asked.append(index)
        if index in self.held:
            while not self.let_go.wait(0.005):
                if left():
                    raise LeftError
        return np.full(self.shape, index, np.float32)


class Ear:
    """Keeps what a reader tells."""

    def __init__(self):
        self.heard, self.changed = [], threading.Condition()

    def __call__(self, what):
        with self.changed:
            self.heard.append(what)
            self.changed.notify_all()

    def wait(self, kind, count=1):
        def there():
            return [what for what in self.heard if isinstance(what, kind)]

        with self.changed:
            assert self.changed.wait_for(lambda: len(there()) >= count, 20)
            return there()


def test_slices_are_spread_over_the_volume():
    assert survey_slices(900, (10, 10)) == [50, 150, 250, 350, 450, 550, 650, 750, 850]
    assert survey_slices(3, (10, 10)) == [0, 1, 2]


def test_one_slice_or_huge_ones_are_not_surveyed():
    assert survey_slices(1, (10, 10)) == []
    assert survey_slices(30_000, (30_000, 30_000)) == []
    # 4096²: 64 MiB each.
    assert len(survey_slices(4096, (4096, 4096))) == 8


def test_all_slices_count_the_same():
    samples = [np.zeros(100_000, np.float32), np.ones(100_000, np.float32), np.empty(0, np.float32)]
    assert survey_levels(samples) == auto_levels(np.array([0, 1], np.float32).repeat(1000))
    assert survey_levels(samples[2:]) is None


def test_slices_are_looked_into_once_nobody_waits():
    source, ear = Stack(), Ear()
    reader = Reader(lambda: source, ear)
    ear.wait(Stack)
    reader.look(0, VIEW, ahead=False)
    ear.wait(Frame)
    reader.survey([5, 0, 25])
    found = {sampled.index: set(sampled.values.tolist()) for sampled in ear.wait(Sampled, 3)}
    assert found == {5: {5.0}, 0: {0.0}, 25: {25.0}}
    # What is held is not read again.
    assert sorted(source.asked) == [0, 5, 25]
    reader.close()


def test_who_looks_comes_before_the_survey():
    source, ear = Stack(held=(20, 21)), Ear()
    reader = Reader(lambda: source, ear)
    ear.wait(Stack)
    reader.look(0, VIEW, ahead=False)
    ear.wait(Frame)
    reader.survey([20, 21])
    while not {20, 21} <= set(source.asked):
        pass
    # Both threads are in the midst of the survey: one of them leaves it.
    reader.look(3, VIEW, ahead=False)
    assert ear.wait(Frame, 2)[-1].slice.index == 3
    source.let_go.set()
    assert {sampled.index for sampled in ear.wait(Sampled, 2)} == {20, 21}
    reader.close()

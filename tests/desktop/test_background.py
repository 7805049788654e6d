"""Work in the background of the window: done to its end, and nothing held after it."""

import gc
import threading
import weakref

import numpy as np
import pytest

from desktop.viewer_aid import Made
from desktop.waiting import until
from tomobatch.desktop.viewing.background import Background
from tomobatch.desktop.viewing.thumbnails import Thumbnails
from tomobatch.volumes.source import LeftError


class Answers:
    """Takes what was made in the background."""

    def __init__(self):
        self.taken = []

    def take(self, answer):
        self.taken.append(answer() if callable(answer) else answer)


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("left", [False, True])
def test_work_that_is_done_holds_nothing(left):
    done, data = [], np.zeros((100, 100), np.float32)
    kept = weakref.ref(data)

    def work(_left, data=data):
        done.append(data.size)
        if left:
            raise LeftError
        return lambda: data.size

    answers = Answers()
    background = Background(answers.take)
    background.ask(work)
    del data, work
    until(lambda: len(done) + len(answers.taken) == 2 - left)
    gc.collect()
    until(lambda: kept() is None)
    background.close()


@pytest.mark.usefixtures("owner")
def test_a_file_that_was_to_be_written_is_written_after_closing():
    """Save, and close the window at once: the thread may not have begun yet."""
    going, done = threading.Event(), []
    answers = Answers()
    background = Background(answers.take)
    background.ask(lambda _: going.wait(20))
    until(lambda: background._asked is None)
    background.ask(lambda _: done.append("written"))
    background.close()
    going.set()
    background.wait(20)
    assert done == ["written"]


@pytest.mark.usefixtures("owner")
def test_what_nobody_thought_of_is_told_and_the_next_work_is_done():
    answers = Answers()
    background = Background(answers.take)
    background.ask(lambda _left: 1 // 0)
    until(lambda: len(answers.taken) == 1)
    assert answers.taken[0].code == "unforeseen"
    background.ask(lambda _left: "done")
    until(lambda: answers.taken[1:] == ["done"])
    background.close()


def test_what_nobody_thought_of_is_said_in_its_place_on_the_wall(owner):
    source, thumbnails, hung = Made("COR", 3), Thumbnails(owner), []
    source.read = lambda *_: 1 // 0
    thumbnails.made.connect(hung.append)
    thumbnails.make(source, range(3))
    until(lambda: len(hung) == 3)
    assert all("ZeroDivisionError" in thumbnail.problem for thumbnail in hung)

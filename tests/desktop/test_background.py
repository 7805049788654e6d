"""Work in the background of the window: done to its end, and nothing held after it."""

import gc
import threading
import weakref

import numpy as np
import pytest

from desktop.waiting import until
from tomobatch.desktop.viewing.background import Background
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

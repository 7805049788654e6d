"""What nobody uses any more is freed in the window's thread alone, whatever thread lets go of it."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt

from desktop.pair_aid import two_scans
from desktop.steps import folder_is_read
from desktop.waiting import until
from tomobatch.desktop.garbage import Garbage
from tomobatch.desktop.viewing.background import Background
from tomobatch.desktop.viewing.courier import Courier


class Cycle:
    """Refers to itself, so that nothing but the collector frees it."""

    def __init__(self):
        self.me = self


class Taker(QObject):
    """Keeps what it is brought, and in which thread."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.taken = []

    def take(self, *what):
        self.taken.append((threading.current_thread(), what))


@pytest.fixture(autouse=True)
def application():
    return QCoreApplication.instance() or QCoreApplication([])


def in_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def crowd():
    """More new objects than the collector waits for."""
    return [[] for _ in range(2 * gc.get_threshold()[0])]


# -- cycles -----------------------------------------------------------------------------------


def test_no_thread_frees_cycles_by_itself():
    garbage = Garbage()
    gc.collect()
    cycle = Cycle()
    kept = weakref.ref(cycle)
    del cycle
    held = []
    in_thread(lambda: held.append(crowd()))
    assert kept() is not None
    garbage.look()
    assert kept() is None


def test_nothing_is_looked_through_for_a_few_new_objects():
    garbage = Garbage()
    gc.collect()
    cycle = Cycle()
    kept = weakref.ref(cycle)
    del cycle
    garbage.look()
    assert kept() is not None


def test_looking_through_everything_takes_a_small_share_of_the_time():
    """A clock that goes on by a second with each look at it."""
    now_s, rounds = [0.0], []

    def clock():
        now_s[0] += 1
        return now_s[0]

    garbage = Garbage(clock)

    def note(phase, info):
        if phase == "start":
            rounds.append(info["generation"])

    gc.callbacks.append(note)
    try:
        for _ in range(3000):
            held = crowd()
            garbage.look()
            del held
    finally:
        gc.callbacks.remove(note)
    # Each took one second by that clock.
    assert set(rounds) == {0, 1, 2}
    assert 1 < rounds.count(2) <= 1 + now_s[0] / 100
    assert rounds.count(0) > 5 * rounds.count(1)


# -- threads ----------------------------------------------------------------------------------


def test_what_a_thread_tells_is_taken_in_the_windows():
    taker = Taker()
    courier = Courier(taker.take)
    in_thread(lambda: courier.bring(1, "two"))
    assert taker.taken == []
    until(lambda: taker.taken)
    assert taker.taken == [(threading.main_thread(), (1, "two"))]


def test_a_thread_keeps_nothing_of_qt_and_is_the_last_to_let_go_of_nothing():
    taker = Taker()
    courier = [Courier(taker.take)]
    kept, ended = weakref.ref(taker), []
    taker.destroyed.connect(
        lambda: ended.append(threading.current_thread()), Qt.ConnectionType.DirectConnection
    )
    courier[0].bring("while it is there")
    del taker
    assert kept() is None
    assert ended == [threading.main_thread()]
    in_thread(lambda: courier.pop().bring("too late"))
    QCoreApplication.processEvents()


def test_nothing_is_brought_to_what_qt_has_deleted():
    parent = QObject()
    taker = Taker(parent)
    courier = Courier(taker.take)
    in_thread(lambda: courier.bring("too late"))
    shiboken6.delete(parent)
    assert not shiboken6.isValid(taker)
    QCoreApplication.processEvents()
    assert taker.taken == []


def test_work_is_let_go_of_while_its_thread_waits_for_more():
    taker = Taker()
    background = Background(taker.take)

    class Made:
        pass

    made = Made()
    kept = weakref.ref(made)
    background.ask(lambda _left, made=made: made)
    del made
    until(lambda: taker.taken)
    taker.taken.clear()
    until(lambda: kept() is None)
    background.close()


# -- the program ------------------------------------------------------------------------------


async def story_of_threads(hands):
    await folder_is_read(hands, 3)
    threads = []

    def note(phase, _info):
        if phase == "start":
            threads.append(threading.current_thread())

    gc.callbacks.append(note)
    viewer = hands.app.viewer
    for name in ("demo_0001.h5", "demo_0002.h5") * 3:
        viewer.show(hands.row_id(name), "full")
        await hands.wait(lambda: viewer.state == "shown", "a slice")
        held = await asyncio.to_thread(crowd)
        await hands.wait(lambda: threads, "what is free is freed")
        assert set(threads) == {threading.main_thread()}
        threads.clear()
        del held


def test_while_slices_are_looked_at_garbage_is_freed_in_the_windows_thread_alone(play, tmp_path):
    scans = two_scans(tmp_path / "scans")
    play(story_of_threads, scans)

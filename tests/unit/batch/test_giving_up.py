"""When work is given up, and when not."""

import asyncio

import pytest

from tomobatch.batch.giving_up import GivenUpError, unless_given_up
from tomobatch.batch.states import JobState
from tomobatch.batch.wish import StopWish
from tomobatch.machines.base import Reach, Standing


class Machine:
    def __init__(self, reach):
        self.standing, self.watchers = Standing(reach), []

    def become(self, reach):
        self.standing = Standing(reach)
        for watcher in self.watchers:
            watcher()


async def over(task):
    for _ in range(10):
        await asyncio.sleep(0)
    return task.done()


async def test_only_what_is_given_up_and_lost():
    wish, machine = StopWish(), Machine(Reach.LOST)
    work = asyncio.create_task(unless_given_up(wish, machine, asyncio.sleep(60)))
    assert not await over(work)
    machine.become(Reach.REACHABLE)
    wish.give_up()
    assert not await over(work)
    machine.become(Reach.LOST)
    with pytest.raises(GivenUpError):
        await work
    assert machine.watchers == []


async def test_what_was_done_in_time_counts():
    wish, machine = StopWish(), Machine(Reach.LOST)
    wish.give_up()
    assert await unless_given_up(wish, machine, asyncio.sleep(0, "done")) == "done"


async def test_work_that_something_else_cancelled_is_not_given_up():
    """Its job would be called so, though nobody gave it up."""

    async def cancelled():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await unless_given_up(StopWish(), Machine(Reach.LOST), cancelled())


async def test_who_lets_go_gives_nothing_up():
    machine, ended = Machine(Reach.LOST), []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    letting_go = asyncio.create_task(unless_given_up(StopWish(), machine, work()))
    assert not await over(letting_go)
    letting_go.cancel()
    with pytest.raises(asyncio.CancelledError):
        await letting_go
    assert ended == [True]


async def test_a_longer_wait_ends_with_the_wish_to_give_up():
    wish = StopWish()
    wish.ask()
    waiting = asyncio.create_task(wish.pause(60))
    assert not await over(waiting)
    wish.give_up()
    assert await over(waiting)


def test_a_stop_takes_nothing_back_from_what_is_given_up(journal, make_job):
    (row,) = journal.add([make_job()])
    journal.ask_stop([row.uid], give_up=True)
    journal.ask_stop([row.uid])
    # one that has not begun is cancelled like any other
    assert journal.given_up() == []
    journal.transition(row.uid, JobState.STARTING, attempt=1)
    assert [one.uid for one in journal.given_up()] == [row.uid]

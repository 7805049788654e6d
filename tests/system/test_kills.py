"""kill -9 of the program: every job runs exactly once, and every state is true in the end."""

import random
import signal
import time

import pytest

from system.far_aid import QUICK
from system.stand import wait_until

POINTS = [
    ("after-starting", 2),
    ("before-spawn", 3),
    ("after-spawn", 1),
    ("before-running", 3),
    ("after-running", 2),
    ("before-judging", 1),
    ("after-judging", 3),
    ("before-complete", 2),
    ("after-complete", 1),
]
# On the way to another host: it has been told to start a job, it has; it was asked to check a result, it has.
FAR_POINTS = [("start-sent", 2), ("after-spawn", 2), ("judgement-asked", 2), ("judgement-answered", 1)]


def check_all_ran_once(stand, names):
    done = stand.cli("resume")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stand.runs("begin") == dict.fromkeys(names, 1)
    assert stand.runs("end") == dict.fromkeys(names, 1)
    assert stand.states() == dict.fromkeys(names, "complete")
    for name in names:
        assert sorted(file.name for file in stand.result(name).iterdir()) == [
            "recon_00000.tiff",
            "recon_00001.tiff",
            "tomobatch.json",
        ]
    leftovers = [
        path.name
        for path in stand.result("x").parent.iterdir()
        if ".partial" in path.name or ".old" in path.name
    ]
    assert leftovers == []


def test_killed_at_each_named_point_in_turn(stand):
    """One batch of 20 jobs on 4 slots; nine schedulers die over it, the tenth sees it through."""
    die_at(stand, POINTS, [f"scan_{number:02d}.h5" for number in range(20)], seconds="0.3")


def die_at(stand, points, names, afterwards=lambda point: None, **drive):
    """A scheduler dies at each of these points in turn; the last one sees the batch through."""
    stand.scans(*names)
    folder = stand.data
    for point, count in points:
        scheduler = stand.drive(folder, point, count, **drive)
        _, err = scheduler.communicate(timeout=60)
        assert scheduler.returncode == -signal.SIGKILL, f"{point} was not reached: {err}"
        afterwards(point)
        folder = "-"
    check_all_ran_once(stand, names)


def test_killed_at_points_that_only_a_way_to_another_host_has(stand, hosts):
    (host,) = hosts(seconds=0.3, tomo1=2).all

    def has_begun(point):
        """What the far side was told to do is done, though nobody waits for its answer."""
        if point == "start-sent":
            wait_until(lambda: len(list(host.jobs.glob("*/1/claim"))) == 2)

    names = [f"scan_{number:02d}.h5" for number in range(10)]
    die_at(stand, FAR_POINTS, names, has_begun, machine="tomo1", **QUICK)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_killed_at_each_named_point_in_turn_over_ssh(stand, hosts):
    hosts(seconds=0.3, tomo1=4)
    names = [f"scan_{number:02d}.h5" for number in range(30)]
    die_at(stand, [*POINTS, *FAR_POINTS], names, machine="tomo1", **QUICK)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_killed_at_random_moments(stand, seed):
    names = [f"scan_{number:02d}.h5" for number in range(20)]
    stand.scans(*names)
    moments = random.Random(seed)
    folder = stand.data
    for _ in range(5):
        scheduler = stand.drive(folder, seconds="0.2")
        wait_for_the_first_start(stand, scheduler)
        time.sleep(moments.uniform(0.0, 0.3))
        scheduler.kill()
        scheduler.communicate()
        folder = "-"
    check_all_ran_once(stand, names)


def wait_for_the_first_start(stand, scheduler):
    """A kill before the jobs are queued tests nothing."""
    until = time.monotonic() + 30
    while not stand.runs() and scheduler.poll() is None and time.monotonic() < until:
        time.sleep(0.01)


def test_without_a_kill_the_same_batch_ends_the_same_way(stand):
    """The control."""
    names = [f"scan_{number:02d}.h5" for number in range(4)]
    stand.scans(*names)
    scheduler = stand.drive(stand.data)
    _, err = scheduler.communicate(timeout=60)
    assert scheduler.returncode == 0, err
    check_all_ran_once(stand, names)

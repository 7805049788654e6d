"""How a machine stands, in words."""

import time

import pytest

from tomobatch.machines.base import Reach, Standing
from tomobatch.station.machine_words import (
    Mark,
    age_text,
    coarse_text,
    lost_text,
    mark_of,
    silence_text,
    standing_text,
)

NOW_S = time.mktime((2026, 11, 27, 14, 4, 0, 0, 0, -1))
LOST = Standing(Reach.LOST, NOW_S - 110, NOW_S - 120, "unreachable", "No route to host.")
NEVER = Standing(Reach.LOST, NOW_S - 90, None, "unreachable", "No route to host.")
HERE = Standing(Reach.REACHABLE, NOW_S - 900, NOW_S - 12)


@pytest.mark.parametrize(
    ("standing", "full", "mark"),
    [
        (Standing(), False, Mark.UNKNOWN),
        (HERE, False, Mark.REACHABLE),
        (HERE, True, Mark.BUSY),
        (LOST, True, Mark.LOST),
        (Standing(), True, Mark.BUSY),
    ],
)
def test_the_dot(standing, full, mark):
    assert mark_of(standing, full) is mark


def test_the_words_of_the_list():
    assert standing_text(HERE, Mark.REACHABLE, "4 GPUs", NOW_S) == "reachable, 4 GPUs, 12 s ago"
    assert standing_text(HERE, Mark.BUSY, "4 GPUs", NOW_S) == "all busy, 4 GPUs, 12 s ago"
    assert standing_text(LOST, Mark.LOST, "4 GPUs", NOW_S) == "lost since 14:02: No route to host."
    assert standing_text(Standing(), Mark.UNKNOWN, "", NOW_S) == "not asked yet"
    assert standing_text(HERE, Mark.REACHABLE, "1 GPU", NOW_S, far=False) == "this machine, 1 GPU"
    later_s = NOW_S + 2 * 24 * 3600
    assert standing_text(LOST, Mark.LOST, "", later_s).startswith("lost since 2026-11-27 14:02: ")


def test_ages_are_no_finer_than_they_are_read():
    assert age_text(HERE, NOW_S - 11) == "just now"
    assert age_text(NEVER, NOW_S) == ""
    assert [coarse_text(age_s) for age_s in (59, 61, 150, 4000)] == ["59 s", "1 min", "2 min", "1 h 6 min"]
    assert silence_text(LOST, NOW_S) == "no answer for 2 min"
    assert silence_text(NEVER, NOW_S) == "no answer for 1 min"
    assert silence_text(LOST, NOW_S - 119) == "no answer"


def test_what_is_said_of_a_lost_machine_with_jobs():
    assert lost_text("tomo1", LOST, 3, 12, NOW_S) == (
        "tomo1 has not answered since 14:02. No route to host. Its 3 running jobs go on there, and are found"
        " again when it answers. 12 jobs wait for it."
    )
    one = lost_text("tomo1", LOST, 1, 1, NOW_S)
    assert one.endswith(
        "Its running job goes on there, and is found again when it answers. 1 job waits for it."
    )

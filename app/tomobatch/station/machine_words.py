"""How a machine stands, in words: the same in the list of machines, in a row, and in a banner."""

from __future__ import annotations

import time
from enum import StrEnum

from tomobatch.machines.base import Reach, Standing
from tomobatch.station.words import duration_text

_DAY_S = 24 * 3600.0
_JUST_NOW_S = 2.0


class Mark(StrEnum):
    """What a machine's dot is drawn as."""

    UNKNOWN = "unknown"
    REACHABLE = "reachable"
    BUSY = "busy"
    LOST = "lost"


def mark_of(standing: Standing, full: bool) -> Mark:
    """The dot; `full` where all its slots are taken."""
    if standing.reach is Reach.LOST:
        return Mark.LOST
    if full:
        return Mark.BUSY
    return Mark.UNKNOWN if standing.reach is Reach.UNKNOWN else Mark.REACHABLE


def standing_text(standing: Standing, mark: Mark, slots: str, now_s: float, far: bool = True) -> str:
    """``reachable, 4 GPUs, 12 s ago``; ``lost since 14:02: no route to host``.

    Parameters
    ----------
    slots
        How many slots there are, in words; empty where that is not known.
    now_s
        Seconds since 1970.
    """
    if mark is Mark.LOST:
        return f"lost since {clock_text(standing.since_s, now_s)}: {standing.why or 'nobody knows why'}"
    if mark is Mark.UNKNOWN:
        return "not asked yet"
    word = "all busy" if mark is Mark.BUSY else "reachable" if far else "this machine"
    age = age_text(standing, now_s) if far else ""
    return ", ".join(filter(None, (word, slots, age)))


def age_text(standing: Standing, now_s: float) -> str:
    """How old is what is known: ``12 s ago``; empty where the machine never answered."""
    if standing.seen_s is None:
        return ""
    age_s = now_s - standing.seen_s
    return "just now" if age_s < _JUST_NOW_S else f"{coarse_text(age_s)} ago"


def silence_text(standing: Standing, now_s: float) -> str:
    """``no answer for 2 min``."""
    since_s = standing.since_s if standing.seen_s is None else standing.seen_s
    silent_s = now_s - since_s
    return "no answer" if silent_s < _JUST_NOW_S else f"no answer for {coarse_text(silent_s)}"


def coarse_text(duration_s: float) -> str:
    """A duration in whole minutes from one minute on."""
    return duration_text(duration_s if duration_s < 60 else duration_s // 60 * 60)


def clock_text(at_s: float, now_s: float) -> str:
    """``14:02``, with the day where that was not within a day."""
    recent = 0 <= now_s - at_s < _DAY_S
    return time.strftime("%H:%M" if recent else "%Y-%m-%d %H:%M", time.localtime(at_s))


def lost_text(
    name: str, standing: Standing, running: int, waiting: int, now_s: float, stopping: int = 0
) -> str:
    """What is said of a lost machine that has jobs, `stopping` of those that run to be stopped."""
    since = clock_text(standing.since_s if standing.seen_s is None else standing.seen_s, now_s)
    said = [f"{name} has not answered since {since}. {standing.why}".strip()]
    if running:
        whose = "Its running job goes" if running == 1 else f"Its {running} running jobs go"
        said.append(f"{whose} on there, and {'is' if running == 1 else 'are'} found again when it answers.")
    if stopping:
        which = "It is" if running == 1 else "All are" if stopping == running else f"{stopping} of them are"
        said.append(f"{which} to be stopped once {name} answers.")
    if waiting:
        said.append("1 job waits for it." if waiting == 1 else f"{waiting} jobs wait for it.")
    return " ".join(said)


def give_up_text(name: str, begun: int) -> str:
    """What is asked before the jobs are given up that run on a lost machine, or wait for a GPU there."""
    which, they = (
        ("the job that has begun", "It ends")
        if begun == 1
        else (f"the {begun} jobs that have begun", "They end")
    )
    then = "it is" if begun == 1 else "they are"
    return (
        f"Give up {which} on {name}? {they} here as Interrupted, to be run again elsewhere."
        f" Should {name} answer again, {then} stopped there."
    )


def given_up_words(begun: int) -> str:
    """The button that does it."""
    return "Give it up" if begun == 1 else f"Give up {begun} jobs"

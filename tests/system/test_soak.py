"""kill -9 and cut links at random moments: no job runs twice, none is forgotten, every state is right."""

from __future__ import annotations

import pytest

from system.hosts import Hosts
from system.soak import Soak


@pytest.fixture
def soak(stand):
    """Make a batch on real hosts that is killed and cut so often."""
    made = []

    def make(kills, cuts, seed, seconds, **gpus):
        hosts = Hosts(stand, seconds=seconds, **gpus)
        made.append(hosts)
        return Soak(stand, hosts, kills, cuts, seed)

    yield make
    for hosts in made:
        hosts.end()


def names_of(stand, count):
    names = [f"scan_{number:03d}.h5" for number in range(count)]
    stand.scans(*names)
    return names


def test_thirty_jobs_three_kills_three_cuts(stand, soak):
    names = names_of(stand, 30)
    batch = soak(kills=3, cuts=3, seed=7, seconds=0.2, tomo1=2, tomo2=2)
    batch.run("Any machine")
    batch.check(names)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_three_hundred_jobs_twenty_kills_twenty_cuts(stand, soak):
    names = names_of(stand, 300)
    batch = soak(kills=20, cuts=20, seed=11, seconds=0.3, tomo1=3, tomo2=3, tomo3=2)
    batch.run("Any machine")
    batch.check(names)

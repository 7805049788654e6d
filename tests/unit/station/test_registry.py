"""Machines of a list: made when needed, kept while they are reached as before, found in a list that grew."""

from dataclasses import replace

import pytest

from tomobatch.config.machines import ANY, DEFAULT_MACHINES, PathPair
from tomobatch.machines.local import Local
from tomobatch.station.registry import Registry, listed, maker

LOCAL, TOMO1, TOMO2 = DEFAULT_MACHINES[:3]
NAMES = [entry.name for entry in DEFAULT_MACHINES]


@pytest.fixture
def made():
    return []


@pytest.fixture
def make(made):
    def one(entry):
        made.append(entry.name)
        return Local(entry.name)

    return one


def test_a_machine_is_made_when_it_is_needed_and_once(make, made):
    registry = Registry(DEFAULT_MACHINES, make)
    assert (list(registry), len(registry), "tomo1" in registry) == (NAMES, 6, True)
    assert made == []
    assert registry["tomo1"] is registry["tomo1"]
    assert made == ["tomo1"]
    assert [machine.name for machine in registry.made] == ["tomo1"]
    with pytest.raises(KeyError):
        registry["tomo9"]


def test_only_what_is_reached_otherwise_is_made_anew(make, made):
    registry = Registry([LOCAL, TOMO1, TOMO2], make)
    kept, other = registry["tomo1"], registry["tomo2"]
    edited = replace(TOMO1, gpus=8, in_any=False, engine="cpu", paths=(PathPair("/a", "/b"),))
    assert registry.set([edited, replace(TOMO2, environment="conda activate x")]) == [other]
    assert registry["tomo1"] is kept
    assert registry["tomo2"] is not other
    assert list(registry) == ["tomo1", "tomo2"]
    assert registry.there("tomo1", "/a/scan.h5") == "/b/scan.h5"
    assert registry.there("gone", "/a/scan.h5") == "/a/scan.h5"


def test_what_another_program_wrote_into_the_list_is_found(make):
    lists = [[LOCAL, TOMO1], [LOCAL, TOMO2]]
    registry = Registry([LOCAL], make, ask_list=lambda: lists[0])
    assert "tomo1" in registry
    lists.pop(0)
    # What is there is not taken away by the way.
    assert "tomo2" in registry
    assert list(registry) == ["Local", "tomo1", "tomo2"]
    assert ANY not in registry


def test_this_host_is_made_of_its_entry(tmp_path):
    assert isinstance(maker(tmp_path)(listed()[0]), Local)

"""Where a machine has a folder of this host, and the way back."""

import os
from posixpath import normpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomobatch.config.machines import MachineEntry, PathPair


def machine(*pairs):
    return MachineEntry("tomo1", paths=tuple(PathPair(*pair) for pair in pairs))


@pytest.mark.parametrize(
    ("pairs", "here", "there"),
    [
        ([], "/data/a.h5", "/data/a.h5"),
        ([("/data", "/gdata")], "/data/run 1/a.h5", "/gdata/run 1/a.h5"),
        ([("/data", "/gdata")], "/data", "/gdata"),
        ([("/data", "/gdata")], "/database/a.h5", "/database/a.h5"),
        ([("/data", "/gdata")], "/data_rec/a", "/data_rec/a"),
        ([("/data/", "/gdata/")], "/data/a.h5", "/gdata/a.h5"),
        ([("//data", "//gdata")], "//data//a.h5", "/gdata/a.h5"),
        ([("/", "/mnt/window")], "/data/a.h5", "/mnt/window/data/a.h5"),
        ([("/mnt", "/")], "/mnt/data/a.h5", "/data/a.h5"),
        ([("/data", "/one"), ("/data/new", "/two")], "/data/new/a.h5", "/two/a.h5"),
        ([("/data/new", "/two"), ("/data", "/one")], "/data/news/a.h5", "/one/news/a.h5"),
        ([("/data", "/gdata")], "/data/../etc/a.h5", "/data/../etc/a.h5"),
        ([("/data", "/gdata")], "/etc/../data/a.h5", "/gdata/a.h5"),
        (
            [("/data", "/gdata")],
            os.fsdecode(b"/data/\xff\n$(a) 'b'.h5"),
            os.fsdecode(b"/gdata/\xff\n$(a) 'b'.h5"),
        ),
        # Half typed.
        ([("", "/gdata"), ("data", "/x")], "/data/a.h5", "/data/a.h5"),
        ([("/data", "")], "/data/a.h5", "/data/a.h5"),
        ([("/data", "gdata")], "/data/a.h5", "/data/a.h5"),
    ],
)
def test_where_a_machine_has_a_file(pairs, here, there):
    assert machine(*pairs).there(here) == there
    if there != here:
        assert machine(*pairs).here(there) == normpath(here).replace("//", "/")


NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=3).filter(
    lambda name: name not in (".", "..")
)


@given(st.sets(NAMES, min_size=1, max_size=4), st.lists(NAMES, max_size=4))
def test_there_and_back_again(folders, parts):
    """Pairs whose folders do not lie in one another lose nothing."""
    entry = machine(*((f"/here/{folder}", f"/there/{folder}") for folder in folders))
    for folder in folders:
        path = "/".join(["/here", folder, *parts])
        assert entry.there(path) == "/".join(["/there", folder, *parts])
        assert entry.here(entry.there(path)) == path

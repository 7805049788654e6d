"""The machine list is edited by this window, and by somebody else at the same time."""

import tomllib
from dataclasses import replace

import pytest

from tomobatch.config.machine_file import MachineFile
from tomobatch.config.machines import DEFAULT_MACHINES, MachineEntry, read_machines, write_machines
from tomobatch.errors import TomoBatchError

MINE = (*DEFAULT_MACHINES, MachineEntry("mine", host="mine"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "machines.toml"


def changed(number, **values):
    return [replace(entry, **values) if i == number else entry for i, entry in enumerate(DEFAULT_MACHINES)]


@pytest.mark.parametrize("before", [None, DEFAULT_MACHINES])
def test_what_another_has_written_since_is_not_written_over(path, before):
    if before is not None:
        write_machines(path, before)
    file = MachineFile(path)
    assert file.read() == ""
    theirs = changed(1, host="elsewhere")[:-1]
    write_machines(path, theirs)
    with pytest.raises(TomoBatchError) as caught:
        file.write(MINE)
    assert caught.value.code == "machines-changed"
    assert caught.value.sentence.endswith("since it was opened: tomo1, tomo5 (gone).")
    assert list(read_machines(path)[0]) == theirs
    file.read()
    file.write(MINE)
    assert read_machines(path)[0] == file.entries == MINE


def test_who_writes_over_it_all_the_same_keeps_what_was_there(path):
    file = MachineFile(path)
    file.read()
    write_machines(path, changed(1, host="elsewhere"))
    theirs = path.read_bytes()
    file.write(MINE, anyway=True)
    (kept,) = path.parent.glob("machines.toml.before-*")
    assert kept.read_bytes() == theirs
    assert read_machines(path)[0] == MINE


def test_ones_own_changes_are_no_others(path):
    file = MachineFile(path)
    file.read()
    file.write(MINE)
    file.write(DEFAULT_MACHINES)
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_was_set_aside_does_not_come_in_the_way(path):
    path.write_bytes(b"\xff")
    file = MachineFile(path)
    assert "damaged" in file.read()
    file.write(MINE)
    assert read_machines(path)[0] == MINE


def test_a_list_that_cannot_be_read_is_not_written(path):
    path.mkdir()
    file = MachineFile(path)
    assert "cannot be read" in file.read()
    with pytest.raises(OSError, match="directory"):
        file.write(MINE)


def test_what_another_writes_meanwhile_is_seen_and_a_half_written_file_left_alone(path):
    file = MachineFile(path)
    file.read()
    file.write(MINE)
    assert file.fresh() is None
    theirs = changed(1, host="elsewhere")
    write_machines(path, theirs)
    fresh = file.fresh()
    assert (list(fresh.entries), fresh.problem, file.entries) == (theirs, "", MINE)
    file.take(fresh)
    assert file.fresh() is None
    file.write(MINE)
    path.write_text('[[machine]]\nname = "tom')
    with pytest.raises(tomllib.TOMLDecodeError):
        file.fresh()
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    path.unlink()
    assert file.fresh().entries == DEFAULT_MACHINES

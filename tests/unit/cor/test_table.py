import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tomobatch
from tomobatch.cor.table import CorEntry, CorSource, CorTable, Identity, table_path
from tomobatch.errors import TomoBatchError


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "scans"
    made.mkdir()
    return made


@pytest.fixture
def table(folder):
    made = CorTable(folder)
    made.set_cors({"a.h5": 1024.5, "b.h5": 7}, CorSource.TYPED, when=lambda: 1000.0)
    return made


def test_what_is_set_is_on_disk_at_once(table, folder):
    again = CorTable(folder)
    assert again.entries == table.entries
    assert again.entries["a.h5"] == CorEntry(1024.5, CorSource.TYPED, 1000.0)
    assert isinstance(again.entries["b.h5"].value_px, float)


def test_the_file_names_its_folder(table, folder):
    assert json.loads(table_path(folder).read_text())["folder"] == str(folder)
    assert table_path(folder).parent.name == "cor"


def test_a_folder_has_one_table_however_it_is_written(folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert table_path(link) == table_path(folder / ".." / "scans") == table_path(folder)
    assert table_path(tmp_path / "other" / "scans") != table_path(folder)


def test_the_table_of_no_folder_is_empty(tmp_path):
    assert CorTable(tmp_path / "gone").entries == {}


def test_rows_are_taken_out(table, folder):
    table.remove(["a.h5", "never.h5"])
    assert list(CorTable(folder).entries) == ["b.h5"]


def test_two_programs_do_not_lose_each_others_rows(table, folder):
    other = CorTable(folder)
    table.set_cors({"c.h5": 3}, CorSource.PICKED)
    other.set_cors({"d.h5": 4}, CorSource.CSV)
    table.remove(["b.h5"])
    other.set_cors({"a.h5": 5}, CorSource.AUTOMATIC)
    assert list(other.entries) == ["a.h5", "c.h5", "d.h5"]
    table.reload()
    assert table.entries == other.entries


def test_many_programs_at_once(folder):
    script = (
        "import sys; from pathlib import Path; from tomobatch.cor.table import *\n"
        "table = CorTable(Path(sys.argv[1]), lock_wait_s=60)\n"
        "for n in range(15): table.set_cors({f'{sys.argv[2]}_{n}.h5': n}, CorSource.TYPED)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(tomobatch.__file__).parents[1])}
    writers = [
        subprocess.Popen([sys.executable, "-c", script, folder, str(number)], env=environment)
        for number in range(4)
    ]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert len(CorTable(folder).entries) == 60


def test_names_that_are_not_utf8_survive(folder):
    name = os.fsdecode(b"t\xf6oth\n.h5")
    CorTable(folder).set_cors({name: 1.0}, CorSource.TYPED)
    assert list(CorTable(folder).entries) == [name]


@pytest.mark.parametrize("cor_px", [-1.0, float("nan"), float("inf")])
def test_a_bad_value_changes_nothing(table, folder, cor_px):
    with pytest.raises(TomoBatchError):
        table.set_cors({"c.h5": 1.0, "a.h5": cor_px}, CorSource.TYPED)
    assert list(CorTable(folder).entries) == ["a.h5", "b.h5"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"schema": 1}', '{"schema": 1, "cors": 3}', "[" * 100_000, "\0" * 99]
)
def test_a_broken_table_is_set_aside(table, folder, text):
    path = table_path(folder)
    path.write_text(text)
    again = CorTable(folder)
    assert again.entries == {}
    aside = next(path.parent.glob("*.broken-*"))
    assert aside.read_text() == text
    assert str(aside) in again.problem
    again.set_cors({"a.h5": 1}, CorSource.TYPED)
    assert CorTable(folder).problem == ""


def test_rows_that_can_be_read_are_kept_from_a_damaged_table(table, folder):
    path = table_path(folder)
    plain = json.loads(path.read_text())
    good = {"value_px": 1, "source": "typed", "when": 1}
    changes = [{"value_px": "x"}, {"value_px": -1}, {"value_px": 1e999}, {"source": "guessed"}, {"more": 1}]
    for number, row in enumerate([3, {}, *(good | change for change in changes)]):
        plain["cors"][f"bad{number}"] = row
    path.write_text(json.dumps(plain))
    assert list(CorTable(folder).entries) == ["a.h5", "b.h5"]
    # They are on disk, not in memory alone.
    assert CorTable(folder).problem == ""
    assert list(CorTable(folder).entries) == ["a.h5", "b.h5"]


def test_the_table_of_a_newer_version_is_left_alone(table, folder):
    path = table_path(folder)
    text = path.read_text().replace('"schema": 2', '"schema": 3')
    path.write_text(text)
    with pytest.raises(TomoBatchError) as caught:
        CorTable(folder)
    assert caught.value.code == "cor-table-newer"
    assert path.read_text() == text


def test_a_table_held_by_another_program_is_said_to_be(table, folder):
    with table_path(folder).with_suffix(".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(TomoBatchError) as caught:
            CorTable(folder, lock_wait_s=0.02)
    assert caught.value.code == "cor-table-busy"


def test_a_table_that_cannot_be_saved_is_said_so_and_not_believed(table, folder):
    part = table_path(folder).with_suffix(".part")
    part.mkdir()
    with pytest.raises(TomoBatchError) as caught:
        table.set_cors({"c.h5": 1}, CorSource.TYPED)
    assert caught.value.code == "cor-table-not-saved"
    assert list(table.entries) == ["a.h5", "b.h5"]


def test_rows_cannot_be_changed_past_the_table(table):
    with pytest.raises(TypeError):
        table.entries["a.h5"] = None


OLD, NEW = Identity(100, 5), Identity(100, 6)


def test_a_cor_knows_the_file_it_is_of_and_that_survives(folder):
    CorTable(folder).set_cors({"a.h5": 1.0, "b.h5": 2.0}, CorSource.FILE, {"a.h5": OLD})
    entries = CorTable(folder).entries
    assert (entries["a.h5"].file, entries["b.h5"].file) == (OLD, None)
    assert entries["a.h5"].is_of(OLD)
    assert not entries["a.h5"].is_of(NEW)
    # What is not known is believed.
    assert entries["a.h5"].is_of(None)
    assert entries["b.h5"].is_of(NEW)


def test_a_table_of_the_first_version_is_read(folder):
    row = {"value_px": 1024.5, "source": "typed", "when": 5.0}
    path = table_path(folder)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"schema": 1, "folder": str(folder), "cors": {"a.h5": row}}))
    table = CorTable(folder)
    assert (table.entries, table.problem) == ({"a.h5": CorEntry(1024.5, CorSource.TYPED, 5.0)}, "")


@pytest.mark.parametrize(
    "file", [{"size_bytes": "1", "mtime_ns": 2}, {"size_bytes": 1}, {"size_bytes": True, "mtime_ns": 2}]
)
def test_a_row_of_no_possible_file_is_damage(table, folder, file):
    path = table_path(folder)
    plain = json.loads(path.read_text())
    plain["cors"]["c.h5"] = {"value_px": 1, "source": "typed", "when": 1} | file
    path.write_text(json.dumps(plain))
    assert list(CorTable(folder).entries) == ["a.h5", "b.h5"]


@pytest.mark.parametrize("source", list(CorSource))
def test_an_offer_replaces_the_cor_of_another_scan_whoever_set_it(folder, source):
    table = CorTable(folder)
    table.set_cors({"a.h5": 1.0}, source, {"a.h5": OLD})
    assert table.offer({"a.h5": 1.0}, CorSource.AUTOMATIC, {"a.h5": NEW}) == {}
    entry = CorTable(folder).entries["a.h5"]
    assert (entry.source, entry.file) == (CorSource.AUTOMATIC, NEW)


def test_an_offer_for_the_same_scan_overrules_no_person(folder):
    table = CorTable(folder)
    table.set_cors({"a.h5": 1.0}, CorSource.TYPED, {"a.h5": OLD})
    assert list(table.offer({"a.h5": 2.0}, CorSource.AUTOMATIC, {"a.h5": OLD})) == ["a.h5"]
    assert list(table.offer({"a.h5": 2.0}, CorSource.AUTOMATIC)) == ["a.h5"]
    assert table.entries["a.h5"].value_px == 1.0


def test_rows_are_put_as_they_are(table, folder):
    row = CorEntry(3.0, CorSource.PICKED, 9.0, *OLD)
    table.put({"a.h5": row, "b.h5": None, "never.h5": None})
    assert CorTable(folder).entries == {"a.h5": row}

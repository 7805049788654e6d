"""An open folder: its CSV and its table of CORs."""

import pytest

from tomobatch.cor.table import CorSource, CorTable
from tomobatch.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path, worker=None)


def write(workspace, *lines):
    workspace.csv_path.write_text("\n".join(("Filename,COR", *lines)))


def values(workspace):
    return {
        name: (entry.value_px, entry.source) for name, entry in CorTable(workspace.folder).entries.items()
    }


def test_a_csv_is_loaded_by_itself(workspace):
    write(workspace, "a.h5,10.5", "b.h5,20")
    assert workspace.load_csv_by_itself() == []
    assert values(workspace) == {"a.h5": (10.5, CorSource.CSV), "b.h5": (20.0, CorSource.CSV)}


def test_a_changed_csv_changes_what_came_from_it(workspace):
    write(workspace, "a.h5,10.5")
    workspace.load_csv_by_itself()
    write(workspace, "a.h5,11")
    (note,) = workspace.load_csv_by_itself()
    assert note == "a.h5: the COR 10.5 was replaced by 11 of batch_cor_values.csv."
    assert values(workspace)["a.h5"] == (11.0, CorSource.CSV)


@pytest.mark.parametrize("source", [CorSource.TYPED, CorSource.PICKED, CorSource.AUTOMATIC])
def test_it_overrules_nothing_else_but_the_difference_is_said(workspace, source):
    workspace.cors.set_cors({"a.h5": 9.0, "b.h5": 20.0}, source)
    write(workspace, "a.h5,10.5", "b.h5,20")
    (note,) = workspace.load_csv_by_itself()
    assert "a.h5: the COR 9" in note
    assert values(workspace) == {"a.h5": (9.0, source), "b.h5": (20.0, source)}


def test_asked_for_it_overrules(workspace):
    workspace.cors.set_cors({"a.h5": 9.0}, CorSource.TYPED)
    write(workspace, "a.h5,10.5", "b.h5,oops")
    loaded, problems = workspace.load_csv()
    assert list(loaded) == ["a.h5"]
    assert problems[0].startswith("batch_cor_values.csv, line 3:")
    assert values(workspace)["a.h5"] == (10.5, CorSource.CSV)


def test_no_csv_is_no_problem(workspace):
    assert workspace.load_csv_by_itself() == []


def test_names_that_are_not_in_the_folder_are_saved_too(workspace):
    workspace.cors.set_cors({"gone.h5": 9.0}, CorSource.TYPED)
    assert workspace.save_csv() == 1
    assert "gone.h5,9.0" in workspace.csv_path.read_text()

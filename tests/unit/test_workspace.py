"""An open folder: its CSV and its table of CORs."""

from pathlib import Path

import pytest

from tomobatch.cor.table import CorEntry, CorSource, CorTable, Identity
from tomobatch.errors import TomoBatchError
from tomobatch.formats.layout import ScanLayout
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.workspace import ScanRow, Workspace, known_scans


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
    assert workspace.save_csv().count == 1
    assert "gone.h5,9.0" in workspace.csv_path.read_text()


LAYOUT = ScanLayout(
    kind="dxchange", data_path="exchange/data", angles=180, frames=180, rows=4, columns=64,
    dtype="uint16", flats=1, darks=1, first_angle_deg=0.0, last_angle_deg=180.0, angles_from="file",
    expected_angles=180, pixel_size=None, chunks=None, compression=None,
)  # fmt: skip


def scan(size_bytes=100, state=ScanState.READY, layout=LAYOUT):
    file = ScanFile(Path("/data/a.h5"), size_bytes, 5, inode=1, device=1, seen_s=0.0)
    return Scan(file, state, "", layout)


def entry(cor_px=30.0, size_bytes=100):
    return CorEntry.made(cor_px, CorSource.TYPED, 0.0, Identity(size_bytes, 5) if size_bytes else None)


@pytest.mark.parametrize("size_bytes", [100, None])
def test_the_cor_of_this_scan_or_of_one_unknown_is_believed(size_bytes):
    row = ScanRow(scan(), entry(size_bytes=size_bytes), ())
    assert (row.cor.value_px, row.doubt, row.doubt_mark) == (30.0, "", "")


def test_the_cor_of_another_scan_of_the_name_is_not():
    row = ScanRow(scan(), entry(size_bytes=99), ())
    assert row.cor is None
    assert row.doubt == "its COR 30 is of another scan of this name"
    assert row.doubt_mark == "of another scan"


def test_a_scan_that_is_being_written_is_no_other():
    assert ScanRow(scan(size_bytes=120, state=ScanState.ACQUIRING), entry(), ()).cor is not None


@pytest.mark.parametrize(("cor_px", "believed"), [(63.0, True), (63.5, False)])
def test_a_cor_outside_the_detector_is_not_believed(cor_px, believed):
    row = ScanRow(scan(), entry(cor_px), ())
    assert (row.cor is not None) is believed
    assert row.doubt == ("" if believed else "its COR 63.5 lies outside its detector, 0 to 63")
    # Of a detector nobody knows anything may be inside.
    assert ScanRow(scan(layout=None), entry(cor_px), ()).cor is not None


def test_what_is_being_written_is_no_known_file():
    assert known_scans([scan()]).files == {"a.h5": Identity(100, 5)}
    growing = known_scans([scan(state=ScanState.ACQUIRING)])
    assert (growing.files, growing.columns) == ({}, {"a.h5": 64})


def test_a_file_of_another_program_is_of_the_source_file(workspace, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("Filename,COR\na.h5,10.5\nb.h5,99\n")
    loaded, problems = workspace.load_csv(other, known_scans([scan()])._replace(columns={"b.h5": 64}))
    assert (list(loaded), len(problems)) == (["a.h5"], 1)
    assert values(workspace) == {"a.h5": (10.5, CorSource.FILE)}
    # The folder's CSV does not overrule it by itself.
    write(workspace, "a.h5,11")
    workspace.load_csv_by_itself()
    assert values(workspace)["a.h5"] == (10.5, CorSource.FILE)


def test_a_copy_is_written_elsewhere_and_the_folders_csv_is_left_alone(workspace, tmp_path):
    workspace.cors.set_cors({"a.h5": 1.0}, CorSource.TYPED)
    assert workspace.save_copy(tmp_path / "copy.csv") == 1
    assert (tmp_path / "copy.csv").read_text() == "Filename,COR\na.h5,1.0\n"
    assert not workspace.csv_path.exists()


def test_a_copy_is_never_written_over_a_scan(workspace, tmp_path):
    workspace.cors.set_cors({"a.h5": 1.0}, CorSource.TYPED)
    raw = tmp_path / "a.h5"
    raw.write_bytes(b"raw")
    (tmp_path / "link.csv").symlink_to(raw)
    for name in ("a.h5", "link.csv", "new.NXS"):
        with pytest.raises(TomoBatchError) as caught:
            workspace.save_copy(tmp_path / name)
        assert caught.value.code == "csv-not-written"
    assert raw.read_bytes() == b"raw"
    assert not (tmp_path / "new.NXS").exists()

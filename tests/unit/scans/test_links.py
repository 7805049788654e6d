"""Which files of a folder need which others."""

import os

import h5py
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.scans import links
from tomobatch.scans.links import files_that_may_link, links_of
from unit.formats.files import write_dxchange


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "scans"
    made.mkdir()
    for name in ("s_001.h5", "s_002.h5", "flat.h5"):
        write_dxchange(made / name)
    return made


def of(folder, name):
    return links_of(str(folder), name)


def link(path, target, inside="exchange/data"):
    with h5py.File(path, "a") as file:
        file[inside] = h5py.ExternalLink(target, "/exchange/data")


def test_a_plain_scan_needs_nothing(folder):
    assert of(folder, "s_001.h5") == []


@pytest.mark.parametrize("how", ["beside", "absolute", "by another way", "moved"])
def test_an_external_link_is_found_however_it_is_written(folder, tmp_path, how):
    (tmp_path / "way").symlink_to(folder)
    written = {
        "beside": "flat.h5",
        "absolute": str(folder / "flat.h5"),
        "by another way": str(tmp_path / "way" / "flat.h5"),
        # HDF5 then looks beside the file that links.
        "moved": "/was/here/once/flat.h5",
    }
    link(folder / "a.h5", written[how], "deep/down/data")
    assert of(folder, "a.h5") == ["flat.h5"]


def test_a_link_that_leads_out_of_the_folder_is_none_of_it(folder, tmp_path):
    write_dxchange(tmp_path / "flat.h5")
    link(folder / "a.h5", str(tmp_path / "flat.h5"))
    assert of(folder, "a.h5") == []


def test_sources_of_virtual_datasets_and_raw_storage_are_found(folder):
    layout = h5py.VirtualLayout((2, 6), "u2")
    layout[0] = h5py.VirtualSource("s_001.h5", "exchange/data", (6,))
    layout[1] = h5py.VirtualSource(str(folder / "s_002.h5"), "exchange/data", (6,))
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_virtual_dataset("all", layout)
        file.create_dataset("raw", (4,), "i4", external=[("raw.h5", 0, 16)])
    assert of(folder, "a.h5") == ["raw.h5", "s_001.h5", "s_002.h5"]


def test_numbered_sources_of_a_virtual_dataset_are_found(folder):
    with h5py.File(folder / "a.h5", "w") as file:
        numbered(file, b"s_00%b.h5")
    assert set(of(folder, "a.h5")) >= {"s_001.h5", "s_002.h5"}
    assert "flat.h5" not in of(folder, "a.h5")


def numbered(file, sources):
    """A virtual dataset of as many sources as there are; h5py has no words of its own for it."""
    unlimited = h5py.h5s.UNLIMITED
    made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    space = h5py.h5s.create_simple((0, 10), (unlimited, 10))
    space.select_hyperslab((0, 0), (unlimited, 1), stride=(1, 1), block=(1, 10))
    made.set_virtual(space, sources, b"exchange/theta", h5py.h5s.create_simple((10,), (10,)))
    whole = h5py.h5s.create_simple((0, 10), (unlimited, 10))
    h5py.h5d.create(file.id, b"all", h5py.h5t.NATIVE_DOUBLE, whole, made)


def test_plain_links_need_what_they_lead_to_and_all_on_the_way(folder):
    (folder / "one").symlink_to("flat.h5")
    (folder / "two.h5").symlink_to(folder / "one")
    assert of(folder, "one") == ["flat.h5"]
    assert of(folder, "two.h5") == ["flat.h5", "one"]


def test_a_link_by_the_name_of_a_plain_link_needs_both(folder):
    (folder / "one.h5").symlink_to("flat.h5")
    link(folder / "a.h5", "one.h5")
    assert of(folder, "a.h5") == ["flat.h5", "one.h5"]


def test_a_scan_that_lies_elsewhere_needs_what_lies_beside_it_or_its_link(folder, tmp_path):
    link(tmp_path / "real.h5", "flat.h5")
    (folder / "a.h5").symlink_to(tmp_path / "real.h5")
    assert of(folder, "a.h5") == ["flat.h5"]


def test_loops_end(folder):
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_group("down")["up"] = file["/"]
        file["round"] = h5py.SoftLink("/round")
        file["self"] = h5py.ExternalLink("a.h5", "/self")
        file["lost"] = h5py.SoftLink("/nowhere")
    assert of(folder, "a.h5") == []


def test_a_file_of_too_many_parts_is_said_not_searched_for_ever(folder, monkeypatch):
    monkeypatch.setattr(links, "MOST_OBJECTS", 5)
    with h5py.File(folder / "a.h5", "w") as file:
        for number in range(7):
            file.require_group(f"g{number}")
    with pytest.raises(TomoBatchError) as caught:
        of(folder, "a.h5")
    assert caught.value.code == "too-many-objects"


def test_scans_and_links_are_looked_at_nothing_else(folder):
    (folder / "notes.txt").write_text("")
    (folder / "latest").symlink_to("s_001.h5")
    (folder / "lost").symlink_to("gone")
    os.mkfifo(folder / "pipe.h5")
    names = [entry[0] for entry in files_that_may_link(str(folder))]
    assert sorted(names) == ["flat.h5", "latest", "lost", "pipe.h5", "s_001.h5", "s_002.h5"]
    with pytest.raises(TomoBatchError, match="not opened"):
        of(folder, "pipe.h5")

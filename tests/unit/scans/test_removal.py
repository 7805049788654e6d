"""Deleting files: each is looked at once more, and nothing else is ever touched."""

import ctypes
import fcntl
import os
import socket
import stat
import time

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.scans.listing import list_folder
from tomobatch.scans.removal import delete_file, look_at_files

FS_IOC_SETFLAGS, IMMUTABLE = 0x40086602, 0x10


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "scans"
    made.mkdir()
    old(made / "a.h5", b"raw data")
    return made


def old(path, data=b"x"):
    path.write_bytes(data)
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def listed(folder, name="a.h5"):
    (entry,) = [entry for entry in list_folder(str(folder)) if entry["name"] == name]
    entry.pop("problem")
    return entry


def look(folder, *wanted):
    return look_at_files(str(folder), wanted)


def refused(folder, wanted):
    """Codes that the look, and the deletion itself, refuse a file with."""
    looked = look(folder, wanted)
    code = looked["refused"][wanted["name"]][0]
    with pytest.raises(TomoBatchError) as caught:
        delete_file(str(folder), looked["folder"], wanted, False)
    assert caught.value.code == code
    return code


def delete(folder, wanted):
    looked = look(folder, wanted)
    assert looked["refused"] == {}
    delete_file(str(folder), looked["folder"], wanted, wanted["name"] in looked["links"])


def test_a_file_that_is_as_it_was_listed_is_deleted(folder):
    delete(folder, listed(folder))
    assert list(folder.iterdir()) == []


def spoil_size(path):
    old(path, b"raw data and more")


def spoil_time(path):
    os.utime(path, (time.time() - 60,) * 2)


def spoil_inode(path):
    facts = path.stat()
    path.rename(path.with_name("other"))
    path.write_bytes(b"raw data")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def spoil_kind(path):
    """The same file, moved away, and a link to it in its place."""
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


@pytest.mark.parametrize("spoil", [spoil_size, spoil_time, spoil_inode])
def test_a_file_that_changed_since_is_refused(folder, spoil):
    wanted = listed(folder)
    spoil(folder / "a.h5")
    assert refused(folder, wanted) == "file-changed"
    assert (folder / "a.h5").exists()


@pytest.mark.parametrize("spoil", [spoil_size, spoil_time, spoil_inode, spoil_kind])
def test_a_file_that_changes_between_the_question_and_the_deletion_is_refused(folder, spoil):
    wanted = listed(folder)
    looked = look(folder, wanted)
    spoil(folder / "a.h5")
    with pytest.raises(TomoBatchError) as caught:
        delete_file(str(folder), looked["folder"], wanted, False)
    assert caught.value.code == "file-changed"
    assert os.path.lexists(folder / "a.h5")


def test_a_file_that_was_just_written_to_is_refused(folder):
    (folder / "a.h5").write_bytes(b"frame")
    assert refused(folder, listed(folder)) == "file-growing"


def test_a_file_that_another_program_writes_is_refused_whatever_its_time_says(folder):
    path = folder / "a.h5"
    with path.open("ab"):
        assert refused(folder, listed(folder)) == "file-growing"
    with path.open("rb"):
        delete(folder, listed(folder))


def test_a_file_that_is_gone_is_said(folder):
    wanted = listed(folder)
    (folder / "a.h5").unlink()
    assert refused(folder, wanted) == "file-gone"


def test_a_link_goes_itself_never_what_it_points_to(folder, tmp_path):
    target = old(tmp_path / "elsewhere.h5", b"of somebody else")
    (folder / "link.h5").symlink_to(target)
    delete(folder, listed(folder, "link.h5"))
    assert not (folder / "link.h5").is_symlink()
    assert target.read_bytes() == b"of somebody else"


def test_a_link_that_leads_elsewhere_by_now_is_refused(folder, tmp_path):
    (folder / "link.h5").symlink_to(old(tmp_path / "one.h5"))
    wanted = listed(folder, "link.h5")
    (folder / "link.h5").unlink()
    (folder / "link.h5").symlink_to(old(tmp_path / "two.h5"))
    assert refused(folder, wanted) == "file-changed"


def test_a_link_that_has_lost_its_file_by_now_is_refused(folder, tmp_path):
    (folder / "link.h5").symlink_to(old(tmp_path / "one.h5"))
    wanted = listed(folder, "link.h5")
    (tmp_path / "one.h5").unlink()
    assert refused(folder, wanted) == "file-changed"
    assert (folder / "link.h5").is_symlink()


def test_a_link_to_nothing_goes_but_not_one_whose_target_came_back(folder, tmp_path):
    (folder / "lost.h5").symlink_to(tmp_path / "gone.h5")
    wanted = listed(folder, "lost.h5")
    old(tmp_path / "gone.h5")
    assert refused(folder, wanted) == "file-changed"
    (tmp_path / "gone.h5").unlink()
    delete(folder, wanted)
    assert not (folder / "lost.h5").is_symlink()


def test_a_file_in_place_of_a_link_is_not_deleted_for_it(folder, tmp_path):
    old(tmp_path / "one.h5")
    (folder / "link.h5").symlink_to(tmp_path / "one.h5")
    wanted = listed(folder, "link.h5")
    looked = look(folder, wanted)
    (folder / "link.h5").unlink()
    (tmp_path / "one.h5").rename(folder / "link.h5")
    with pytest.raises(TomoBatchError) as caught:
        delete_file(str(folder), looked["folder"], wanted, True)
    assert caught.value.code == "file-changed"
    assert (folder / "link.h5").exists()


def test_one_of_two_hard_links_goes_the_other_stays(folder):
    os.link(folder / "a.h5", folder / "b.h5")
    delete(folder, listed(folder, "a.h5"))
    assert (folder / "b.h5").read_bytes() == b"raw data"


def test_a_pipe_goes_a_folder_and_a_socket_never(folder):
    os.mkfifo(folder / "pipe.h5")
    delete(folder, listed(folder, "pipe.h5"))
    (folder / "folder.h5").mkdir()
    assert refused(folder, listed(folder, "folder.h5")) == "not-a-file"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "s.h5"))
        assert refused(folder, listed(folder, "s.h5")) == "not-a-file"
    assert stat.S_ISSOCK((folder / "s.h5").stat().st_mode)


@pytest.mark.parametrize("name", ["../other.h5", "/etc/hostname", "..", ".", "", "sub/a.h5"])
def test_only_names_are_taken(folder, tmp_path, name):
    old(tmp_path / "other.h5")
    (folder / "sub").mkdir()
    old(folder / "sub" / "a.h5")
    assert refused(folder, {**listed(folder), "name": name}) == "not-a-file"
    assert (tmp_path / "other.h5").exists()


def test_a_folder_that_was_swapped_for_a_link_leads_nowhere(folder, tmp_path):
    wanted = listed(folder)
    looked = look(folder, wanted)
    folder.rename(tmp_path / "moved")
    other = tmp_path / "other"
    other.mkdir()
    # Even where the very same file lies there.
    os.link(tmp_path / "moved" / "a.h5", other / "a.h5")
    folder.symlink_to(other)
    with pytest.raises(TomoBatchError) as caught:
        delete_file(str(folder), looked["folder"], wanted, False)
    assert caught.value.code == "folder-swapped"
    assert (other / "a.h5").exists()
    assert (tmp_path / "moved" / "a.h5").exists()


def test_a_folder_that_is_opened_by_a_link_is_none_the_worse(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    delete(tmp_path / "link", listed(tmp_path / "link"))
    assert list(folder.iterdir()) == []


def test_what_the_disk_refuses_is_said(folder):
    wanted = listed(folder)
    looked = look(folder, wanted)
    with undeletable(folder), pytest.raises(TomoBatchError) as caught:
        delete_file(str(folder), looked["folder"], wanted, False)
    assert caught.value.code == "not-deleted"
    assert "a.h5 could not be deleted" in caught.value.sentence
    assert (folder / "a.h5").exists()


class undeletable:  # noqa: N801 - used like a function
    """A folder whose names cannot be changed: not writable, and for root an immutable one."""

    def __init__(self, folder):
        self._folder = folder

    def __enter__(self):
        if os.geteuid():
            self._folder.chmod(0o555)
            return
        try:
            self._flag(IMMUTABLE)
        except OSError as error:
            pytest.skip(f"root may delete everything here: no immutable folders ({error.strerror})")

    def __exit__(self, *_):
        if os.geteuid():
            self._folder.chmod(0o755)
        else:
            self._flag(0)

    def _flag(self, flags):
        place = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.ioctl(place, FS_IOC_SETFLAGS, bytes(ctypes.c_long(flags)))
        finally:
            os.close(place)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(TomoBatchError) as caught:
        look_at_files(str(tmp_path / "gone"), [])
    assert caught.value.code == "folder-missing"

"""Where things lie: one place for each host, one for all users of a host."""

import platform

import pytest

from tomobatch.config import places


def test_hosts_that_share_a_home_have_journals_of_their_own(monkeypatch):
    found = set()
    for host in ("tomo1.lab", "tomo2.lab"):
        monkeypatch.setattr(platform, "node", lambda host=host: host)
        found.add(places.host_state_folder())
    assert len(found) == 2
    assert all(folder.is_dir() and folder.stat().st_mode & 0o077 == 0 for folder in found)


@pytest.mark.parametrize(
    ("node", "text", "name"),
    [
        ("tomo1.lab", b"0123456789abcdef\n", "tomo1-01234567"),
        ("tomo1", b"", "tomo1"),
        ("", b"\xff", "host"),
        ("tomo1", None, "tomo1"),
    ],
)
def test_a_host_is_named_by_its_name_and_its_id(tmp_path, monkeypatch, node, text, name):
    monkeypatch.setattr(platform, "node", lambda: node)
    machine_id = tmp_path / "machine-id"
    if text is not None:
        machine_id.write_bytes(text)
    assert places._host_name(machine_id) == name


def test_locks_lie_where_every_user_can_write(tmp_path):
    tmp_path.chmod(0o777)
    assert places._open_to_all(tmp_path)
    tmp_path.chmod(0o755)
    assert not places._open_to_all(tmp_path)
    assert not places._open_to_all(tmp_path / "missing")

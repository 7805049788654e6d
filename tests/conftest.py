"""Fixtures for all tests: a home of their own, and the shared sample data where it is at hand."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from missing import missing
from tomobatch.desktop.garbage import Garbage

# In this thread alone, as in the program: objects of Qt that a test leaves die in no thread of the next one.
GARBAGE = Garbage()
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """No test touches the real home, or another test's locks."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("STATE", "CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    locks = home / "locks"
    locks.mkdir(mode=0o1777)
    monkeypatch.setenv("TOMOBATCH_LOCK_FOLDER", str(locks))
    return home


@pytest.fixture(autouse=True)
def garbage_is_freed():
    """What a test leaves is freed after it."""
    yield
    GARBAGE.look()


@pytest.fixture
def shared_data():
    """Folder of real scans and recorded engine output beside the checkout, or None in a lone clone."""
    folder = SHARED / "data"
    return folder if folder.is_dir() else None


@pytest.fixture
def recorded_data(shared_data):
    """The same folder, for tests that are about it alone; a lone clone has their synthetic fellows."""
    if shared_data is None:
        pytest.skip("the recorded samples are not beside this checkout")
    return shared_data


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of half a megabyte, which can be filled."""
    with _disk(tmp_path / "small-disk", "512k") as place:
        yield place


@pytest.fixture
def state_disk(tmp_path):
    """A real disk that has room for a journal and its jobs, and can be filled all the same."""
    with _disk(tmp_path / "state-disk", "1m") as place:
        yield place


@contextmanager
def _disk(place, size):
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tomobatch-test", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        missing(f"a small disk cannot be mounted (root may): {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)

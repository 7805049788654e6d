"""Where things lie on this machine: state, locks, this program itself."""

from __future__ import annotations

import os
import platform
import stat
import sys
from pathlib import Path

import platformdirs

from tomobatch.errors import TomoBatchError

LOCK_FOLDER_VARIABLE = "TOMOBATCH_LOCK_FOLDER"


def state_folder() -> Path:
    """Folder of this user's state (journal, job folders, COR tables), made on first use."""
    folder = platformdirs.user_state_path("tomobatch")
    _make(folder)
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        sentence = (
            f"The folder {folder} cannot be made ({error.strerror}): TomoBatch keeps its jobs and CORs there."
        )
        raise TomoBatchError("state-folder", sentence) from error


def host_state_folder() -> Path:
    """Folder of what this user has on this host alone: the journal, its jobs, the lease.

    A home may be shared between hosts, but a process, and the lock that says who schedules, belong to one.
    """
    folder = state_folder() / "hosts" / _host_name()
    _make(folder)
    return folder


def _host_name(machine_id: Path = Path("/etc/machine-id")) -> str:
    name = platform.node().partition(".")[0] or "host"
    try:
        text = machine_id.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    # A machine keeps its id when it is renamed, but the name is what people look for.
    return f"{name}-{text[:8]}" if text else name


def lock_folder() -> Path:
    """Folder for the locks of this host's GPUs and CPU slots, writable for every user of the host.

    Every program on the host must arrive at the same answer, so it depends on the host alone;
    ``TOMOBATCH_LOCK_FOLDER`` is for tests and for hosts that keep such a place elsewhere.
    """
    named = os.environ.get(LOCK_FOLDER_VARIABLE)
    if named:
        return Path(named)
    run_lock = Path("/run/lock")
    return run_lock if _open_to_all(run_lock) else Path("/tmp")  # noqa: S108 - shared with every user on purpose


def _open_to_all(folder: Path) -> bool:
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) and bool(mode & stat.S_IWOTH)


def own_program() -> tuple[str, ...]:
    """Argument list that starts this program again (``recon`` and the worker are its subcommands).

    The console script beside the interpreter serves a virtual environment and a wheel alike.
    """
    beside = Path(sys.executable).with_name("tomobatch")
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    if beside.exists():
        return (str(beside),)
    return (str(Path(sys.argv[0]).resolve()),)


def worker_program() -> tuple[str, ...]:
    """Argument list that starts the worker process."""
    return (*own_program(), "_worker")


def slices_program() -> tuple[str, ...]:
    """Argument list that starts a process that reads slices of HDF5 files."""
    return (*own_program(), "_slices")


def queue_program() -> tuple[str, ...]:
    """Argument list that starts a scheduler without a window."""
    return (*own_program(), "_queue")


def scores_program() -> tuple[str, ...]:
    """Argument list that starts the process that scores the candidates of a Try."""
    return (*own_program(), "_scores")

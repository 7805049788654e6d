"""Where things lie on this machine: state, locks, this program itself."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import platformdirs

LOCK_FOLDER_VARIABLE = "TOMOBATCH_LOCK_FOLDER"


def state_folder() -> Path:
    """Folder of this user's state (journal, job folders, COR tables), made on first use."""
    folder = platformdirs.user_state_path("tomobatch")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def config_folder() -> Path:
    """Folder of this user's settings; it need not exist."""
    return platformdirs.user_config_path("tomobatch")


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

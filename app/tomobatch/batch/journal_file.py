"""The journal's file: opened, brought up to date, and written to in transactions."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tomobatch.batch.filesystems import is_network_file_system
from tomobatch.batch.journal_format import SCHEMA_VERSION, VERSIONS
from tomobatch.errors import TomoBatchError

LOOK_AGAIN_S = (0.05, 0.2, 1.0, 5.0)
"""When to look again once its files have changed: a write is seen before it counts, and disks take long."""


class JournalFile:
    """The file of all jobs of this user.

    Parameters
    ----------
    folder
        Folder of the journal; made if it is not there.
    clock
        Gives seconds since 1970; a parameter for tests. Nothing but `prune` rests on it.
    busy_s
        How long to wait for another process that is writing.

    Raises
    ------
    TomoBatchError
        ``journal-newer`` when a later version of the program wrote it, ``journal-broken`` when it is
        no journal, ``journal-busy`` when it can be neither read nor written just now.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time, busy_s: float = 5.0) -> None:
        self.folder = folder
        self.path = folder / "journal.sqlite"
        self._clock = clock
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=busy_s, isolation_level=None)
        except (OSError, sqlite3.OperationalError) as error:
            raise self._busy(error) from error
        self._db.row_factory = sqlite3.Row
        try:
            self._prepare(folder)
        except sqlite3.OperationalError as error:
            self._db.close()
            raise self._busy(error) from error
        except sqlite3.DatabaseError as error:
            self._db.close()
            message = f"The job journal {self.path} cannot be read ({error}); move it aside and start again."
            raise TomoBatchError("journal-broken", message) from error
        except TomoBatchError:
            self._db.close()
            raise

    def _busy(self, error: Exception) -> TomoBatchError:
        message = (
            f"The job journal {self.path} cannot be used just now ({error}). Is the disk full, or read-only?"
        )
        return TomoBatchError("journal-busy", f"{message} Jobs that run go on; try again.")

    def _prepare(self, folder: Path) -> None:
        # Write-ahead logging needs shared memory, which network file systems do not give.
        mode = "DELETE" if is_network_file_system(folder) else "WAL"
        self._db.execute(f"PRAGMA journal_mode={mode}")
        self._db.execute("PRAGMA synchronous=NORMAL")
        with self._writing():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                message = f"The job journal {self.path} was written by a later TomoBatch; start that one."
                raise TomoBatchError("journal-newer", message)
            if version < SCHEMA_VERSION:
                for statements in VERSIONS[version:]:
                    for statement in statements.split(";"):
                        self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the file; the journal is not usable afterwards."""
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            # Also after a COMMIT that failed (a full disk, a reader in the way), or nobody could write again.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
